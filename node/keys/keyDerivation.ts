import { pbkdf2 as pbkdf2Callback, type ScryptOptions, scrypt as scryptCallback } from 'node:crypto';
import { promisify } from 'node:util';
import { scryptAsync } from '@noble/hashes/scrypt.js';
import { KeyError } from './errors.js';

/** Parameters of scrypt, RFC 7914: memory is 128·n·r bytes, work n·r·p. */
export interface ScryptParameters {
  readonly kdf: 'scrypt';
  readonly n: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Uint8Array;
}

/** Parameters of PBKDF2 with HMAC-SHA-256, as older wallets write it. */
export interface Pbkdf2Parameters {
  readonly kdf: 'pbkdf2';
  readonly iterations: number;
  readonly salt: Uint8Array;
}

export type KdfParameters = ScryptParameters | Pbkdf2Parameters;

/** Bytes of the derived key: half for the cipher, half for the MAC. */
export const DERIVED_KEY_BYTES = 32;

/** Twice the standard's own cost: a hostile file cannot take more memory or time than that. */
const MAX_SCRYPT_MEMORY_BYTES = 512 * 1024 * 1024;
const MAX_SCRYPT_WORK = 2 ** 22;
const MAX_PBKDF2_ITERATIONS = 10_000_000;
const MIN_SALT_BYTES = 8;
const MAX_SALT_BYTES = 64;

const scrypt = promisify<string, Uint8Array, number, ScryptOptions, Buffer>(scryptCallback);
const pbkdf2 = promisify(pbkdf2Callback);

/**
 * Refuses parameters that no standard keystore has, before any memory is taken.
 *
 * @throws KeyError `KEYSTORE_TOO_COSTLY`, `KEYSTORE_MALFORMED`
 */
export function checkKdfParameters(parameters: KdfParameters, where: string): void {
  const { salt } = parameters;
  if (salt.length < MIN_SALT_BYTES || salt.length > MAX_SALT_BYTES) {
    throw malformed(where, `a salt of ${MIN_SALT_BYTES} to ${MAX_SALT_BYTES} bytes`, `${salt.length} bytes`);
  }
  if (parameters.kdf === 'pbkdf2') {
    if (parameters.iterations > MAX_PBKDF2_ITERATIONS) {
      throw tooCostly(where, `at most ${MAX_PBKDF2_ITERATIONS} iterations`, String(parameters.iterations));
    }
    return;
  }
  const { n, r, p } = parameters;
  if (128 * n * r > MAX_SCRYPT_MEMORY_BYTES) {
    throw tooCostly(where, `128·n·r of at most ${MAX_SCRYPT_MEMORY_BYTES} bytes`, `n = ${n}, r = ${r}`);
  }
  if (n * r * p > MAX_SCRYPT_WORK) {
    throw tooCostly(where, `n·r·p of at most ${MAX_SCRYPT_WORK}`, `n = ${n}, r = ${r}, p = ${p}`);
  }
  if (n < 2 || (n & (n - 1)) !== 0) throw malformed(where, 'n to be a power of two, at least 2', String(n));
}

/**
 * Derives the 32 bytes of a keystore from its password, off the main thread.
 *
 * @throws KeyError as `checkKdfParameters`
 */
export async function deriveKey(password: string, parameters: KdfParameters, where: string): Promise<Uint8Array> {
  checkKdfParameters(parameters, where);
  if (parameters.kdf === 'pbkdf2') {
    return pbkdf2(password, parameters.salt, parameters.iterations, DERIVED_KEY_BYTES, 'sha256');
  }
  const { n, r, p, salt } = parameters;
  if (n >= 2 ** (16 * r)) {
    // RFC 7914 §2 excludes this and OpenSSL refuses it, but the definition's own vector (n = 2^18, r = 1) is such a file.
    return scryptAsync(password, salt, { N: n, r, p, dkLen: DERIVED_KEY_BYTES });
  }
  // OpenSSL counts a little more than 128·n·r; the bound above has been checked.
  return scrypt(password, salt, DERIVED_KEY_BYTES, { N: n, r, p, maxmem: 2 * MAX_SCRYPT_MEMORY_BYTES });
}

function malformed(where: string, expected: string, actual: string): KeyError {
  return new KeyError('KEYSTORE_MALFORMED', `${where}: expected ${expected}, found ${actual}`, { expected, actual });
}

function tooCostly(where: string, expected: string, actual: string): KeyError {
  return new KeyError('KEYSTORE_TOO_COSTLY', `${where}: expected ${expected}, found ${actual}`, {
    expected,
    actual,
    hint: 'no standard wallet writes such a file: get the key from where you trust it',
  });
}
