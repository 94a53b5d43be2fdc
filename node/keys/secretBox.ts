import { createCipheriv, createDecipheriv, randomBytes, timingSafeEqual } from 'node:crypto';
import { concatBytes } from '../../primitives/bytes.js';
import { keccak256 } from '../../primitives/hash.js';
import { KeyError } from './errors.js';
import type { JsonFields } from './jsonFields.js';
import { deriveKey, type KdfParameters } from './keyDerivation.js';

/** The `crypto` object of Web3 Secret Storage version 3, as it stands in JSON. */
export interface SecretBoxJson {
  readonly cipher: 'aes-128-ctr';
  readonly cipherparams: { readonly iv: string };
  readonly ciphertext: string;
  readonly kdf: 'scrypt';
  readonly kdfparams: {
    readonly dklen: number;
    readonly n: number;
    readonly r: number;
    readonly p: number;
    readonly salt: string;
  };
  readonly mac: string;
}

export interface EncryptOptions {
  /** Base-2 logarithm of scrypt's N: 18 by default, 256 MiB and most of a second; 14 for a local network's own keys. */
  readonly logN?: number;
}

/** What was read of a `crypto` object, checked for its shape and cost. */
export interface SecretBox {
  readonly kdf: KdfParameters;
  readonly iv: Uint8Array;
  readonly ciphertext: Uint8Array;
  readonly mac: Uint8Array;
}

/** The standard's own cost. */
export const STANDARD_LOG_N = 18;
const MIN_LOG_N = 10;
const MAX_LOG_N = 19;
const SCRYPT_R = 8;
const SCRYPT_P = 1;
const SALT_BYTES = 32;
const IV_BYTES = 16;
const MAC_BYTES = 32;
const CIPHER_KEY_BYTES = 16;
const CIPHER = 'aes-128-ctr';

/** Encrypts a secret under a password: scrypt, AES-128-CTR, and a Keccak-256 MAC over second half of key and ciphertext. */
export async function sealSecret(
  secret: Uint8Array,
  password: string,
  options: EncryptOptions = {},
): Promise<SecretBoxJson> {
  const logN = options.logN ?? STANDARD_LOG_N;
  if (!Number.isInteger(logN) || logN < MIN_LOG_N || logN > MAX_LOG_N) {
    throw new KeyError('KEYSTORE_TOO_COSTLY', `expected logN from ${MIN_LOG_N} to ${MAX_LOG_N}, found ${logN}`, {
      expected: `${MIN_LOG_N} to ${MAX_LOG_N}`,
      actual: String(logN),
    });
  }
  const salt = randomBytes(SALT_BYTES);
  const iv = randomBytes(IV_BYTES);
  const n = 2 ** logN;
  const derived = await deriveKey(password, { kdf: 'scrypt', n, r: SCRYPT_R, p: SCRYPT_P, salt }, 'new keystore');
  const cipher = createCipheriv(CIPHER, derived.subarray(0, CIPHER_KEY_BYTES), iv);
  const ciphertext = concatBytes(cipher.update(secret), cipher.final());
  return {
    cipher: CIPHER,
    cipherparams: { iv: plainHex(iv) },
    ciphertext: plainHex(ciphertext),
    kdf: 'scrypt',
    kdfparams: { dklen: derived.length, n, r: SCRYPT_R, p: SCRYPT_P, salt: plainHex(salt) },
    mac: plainHex(macOf(derived, ciphertext)),
  };
}

/**
 * Reads a `crypto` object without opening it.
 *
 * @throws KeyError `KEYSTORE_MALFORMED`, `KEYSTORE_UNSUPPORTED`
 */
export function readSecretBox(fields: JsonFields, secretBytes: number): SecretBox {
  requireOneOf(fields, 'cipher', [CIPHER]);
  return {
    kdf: readKdf(fields),
    iv: fields.object('cipherparams').bytes('iv', IV_BYTES),
    ciphertext: fields.bytes('ciphertext', secretBytes),
    mac: fields.bytes('mac', MAC_BYTES),
  };
}

/**
 * Opens a box. `where` names the file in errors.
 *
 * @throws KeyError `PASSWORD_WRONG` when the MAC does not match, `KEYSTORE_TOO_COSTLY`
 */
export async function openSecret(box: SecretBox, password: string, where: string): Promise<Uint8Array> {
  const derived = await deriveKey(password, box.kdf, where);
  if (!timingSafeEqual(macOf(derived, box.ciphertext), box.mac)) {
    throw new KeyError('PASSWORD_WRONG', `${where}: the password does not open this key, or the file was changed`, {
      expected: 'the password under which the key was made',
      hint: 'check the password file or VOSTRO_PASSWORD; if the password is right, restore the file from its backup',
    });
  }
  const decipher = createDecipheriv(CIPHER, derived.subarray(0, CIPHER_KEY_BYTES), box.iv);
  return concatBytes(decipher.update(box.ciphertext), decipher.final());
}

function readKdf(fields: JsonFields): KdfParameters {
  const kdf = requireOneOf(fields, 'kdf', ['scrypt', 'pbkdf2']);
  const parameters = fields.object('kdfparams');
  const length = parameters.count('dklen');
  if (length !== 32) {
    throw new KeyError('KEYSTORE_UNSUPPORTED', `${parameters.path('dklen')}: expected 32, found ${length}`, {
      expected: '32',
      actual: String(length),
    });
  }
  const salt = parameters.bytes('salt');
  if (kdf === 'scrypt') {
    return { kdf, n: parameters.count('n'), r: parameters.count('r'), p: parameters.count('p'), salt };
  }
  requireOneOf(parameters, 'prf', ['hmac-sha256']);
  return { kdf, iterations: parameters.count('c'), salt };
}

function requireOneOf<T extends string>(fields: JsonFields, name: string, allowed: readonly T[]): T {
  const value = fields.string(name);
  const found = allowed.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  const expected = allowed.join(' or ');
  const actual = value.slice(0, 40);
  throw new KeyError('KEYSTORE_UNSUPPORTED', `${fields.path(name)}: expected ${expected}, found "${actual}"`, {
    expected,
    actual,
    hint: 'export the key again as a Web3 Secret Storage file of version 3 with scrypt',
  });
}

function macOf(derived: Uint8Array, ciphertext: Uint8Array): Uint8Array {
  return keccak256(concatBytes(derived.subarray(CIPHER_KEY_BYTES), ciphertext));
}

function plainHex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('hex');
}
