import { CodedError } from '../../primitives/errors.js';

export type KeyErrorCode =
  /** The password does not open the keystore, or the file was changed: its MAC does not match. */
  | 'PASSWORD_WRONG'
  /** No password was given and there is no terminal to ask on. */
  | 'PASSWORD_MISSING'
  /** The password file cannot be read, is too large or empty. */
  | 'PASSWORD_FILE_INVALID'
  /** The two passwords that were typed differ. */
  | 'PASSWORD_MISMATCH'
  /** A field of the file is missing or of another shape. */
  | 'KEYSTORE_MALFORMED'
  /** The file's key derivation, cipher or version is none of those that are read. */
  | 'KEYSTORE_UNSUPPORTED'
  /** The file asks for more memory or work than a standard keystore does. */
  | 'KEYSTORE_TOO_COSTLY'
  /** There is such a file already; keys are never overwritten. */
  | 'KEYSTORE_EXISTS'
  /** The file or directory cannot be read or written. */
  | 'KEYSTORE_UNREADABLE'
  /** No keystore of that name or address. */
  | 'KEY_NOT_FOUND'
  /** Several keystores fit the name or address. */
  | 'KEY_AMBIGUOUS'
  /** A label that cannot be a file's name. */
  | 'LABEL_INVALID';

/** Raised by everything that reads, writes or opens keys. Never holds a secret in its message or details. */
export class KeyError extends CodedError<KeyErrorCode> {}
