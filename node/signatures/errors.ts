import { CodedError } from '../../primitives/errors.js';

export type SignatureServiceErrorCode =
  /** The native binary does not load, or does not pass its self test. */
  | 'NATIVE_UNAVAILABLE'
  /** The queue of checks is full: the caller must shed load. */
  | 'VERIFIER_OVERLOADED'
  /** The verifier was stopped while or before the checks ran. */
  | 'VERIFIER_STOPPED'
  /** A worker died with the checks, or too many died in a row. Their answers are unknown, never `false`. */
  | 'VERIFIER_FAILED';

/** Raised where signatures cannot be checked; what is checked and not valid is an answer, never an error. */
export class SignatureServiceError extends CodedError<SignatureServiceErrorCode> {}
