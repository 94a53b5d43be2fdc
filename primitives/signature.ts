import { hmac } from '@noble/hashes/hmac.js';
import { sha256 as nobleSha256 } from '@noble/hashes/sha2.js';
import * as secp from '@noble/secp256k1';
import { CodedError } from './errors.js';
import type { SignatureBackend } from './types.js';

/**
 * Suite 1: ECDSA over secp256k1, deterministic (RFC 6979), compact (r, s), low s only. This is the reference that the
 * native backend must agree with on every input.
 */

export type SignatureErrorCode = 'PRIVATE_KEY_INVALID' | 'PUBLIC_KEY_INVALID' | 'DIGEST_INVALID';

export class SignatureError extends CodedError<SignatureErrorCode> {}

export const SIGNATURE_BYTES = 64;
export const DIGEST_BYTES = 32;
export const COMPRESSED_KEY_BYTES = 33;
export const UNCOMPRESSED_KEY_BYTES = 65;

// The library ships without hashes and must be given them before its first use.
secp.hashes.sha256 = nobleSha256;
secp.hashes.hmacSha256 = (key, message) => hmac(nobleSha256, key, message);

/** True for the two encodings that are accepted, by length and first byte; hybrid keys (0x06, 0x07) are none. */
export function hasKeyForm(publicKey: Uint8Array): boolean {
  const first = publicKey[0];
  if (publicKey.length === COMPRESSED_KEY_BYTES) return first === 0x02 || first === 0x03;
  return publicKey.length === UNCOMPRESSED_KEY_BYTES && first === 0x04;
}

/** True for a point of the curve, compressed (33 bytes) or uncompressed (65). */
export function isPublicKey(publicKey: Uint8Array): boolean {
  return publicKey instanceof Uint8Array && hasKeyForm(publicKey) && secp.utils.isValidPublicKey(publicKey);
}

function parsePoint(publicKey: Uint8Array): secp.Point {
  try {
    if (publicKey instanceof Uint8Array && hasKeyForm(publicKey)) return secp.Point.fromBytes(publicKey);
  } catch {
    // The refusal below says it in our words.
  }
  throw new SignatureError(
    'PUBLIC_KEY_INVALID',
    'expected a point of secp256k1 in 33 or 65 bytes, found another value',
    {
      expected: '33 bytes from 0x02 or 0x03, or 65 from 0x04',
      actual: publicKey instanceof Uint8Array ? `${publicKey.length} bytes` : typeof publicKey,
    },
  );
}

/** 65 bytes. @throws SignatureError `PUBLIC_KEY_INVALID` */
export function decompressPublicKey(publicKey: Uint8Array): Uint8Array {
  return parsePoint(publicKey).toBytes(false);
}

/** 33 bytes. @throws SignatureError `PUBLIC_KEY_INVALID` */
export function compressPublicKey(publicKey: Uint8Array): Uint8Array {
  return parsePoint(publicKey).toBytes(true);
}

function requirePrivateKey(privateKey: Uint8Array): void {
  if (privateKey instanceof Uint8Array && secp.utils.isValidSecretKey(privateKey)) return;
  // Nothing of the key itself may reach an error.
  throw new SignatureError('PRIVATE_KEY_INVALID', 'expected a private key of 32 bytes from 1 to n - 1', {
    expected: '32 bytes from 1 to n - 1',
    actual: privateKey instanceof Uint8Array ? `${privateKey.length} bytes` : typeof privateKey,
  });
}

/** Compressed public key, 33 bytes. @throws SignatureError `PRIVATE_KEY_INVALID` */
export function publicKeyOf(privateKey: Uint8Array): Uint8Array {
  requirePrivateKey(privateKey);
  return secp.getPublicKey(privateKey, true);
}

/**
 * Signs a 32-byte digest, deterministically (RFC 6979 with SHA-256).
 *
 * @returns compact (r, s), 64 bytes, low s
 * @throws SignatureError `PRIVATE_KEY_INVALID`, `DIGEST_INVALID`
 */
export function sign(digest: Uint8Array, privateKey: Uint8Array): Uint8Array {
  requirePrivateKey(privateKey);
  if (!(digest instanceof Uint8Array) || digest.length !== DIGEST_BYTES) {
    const actual = digest instanceof Uint8Array ? `${digest.length} bytes` : typeof digest;
    throw new SignatureError('DIGEST_INVALID', `expected a digest of ${DIGEST_BYTES} bytes, found ${actual}`, {
      expected: `${DIGEST_BYTES} bytes`,
      actual,
    });
  }
  return secp.sign(digest, privateKey, { prehash: false, lowS: true, extraEntropy: false });
}

/**
 * True only for a compact signature with 0 < r < n and 0 < s ≤ n/2 over a 32-byte digest by a point of the curve.
 * Never throws: everything else, of whatever type or length, is false.
 */
export function verify(signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    if (signature.length !== SIGNATURE_BYTES || digest.length !== DIGEST_BYTES || !hasKeyForm(publicKey)) return false;
    return secp.verify(signature, digest, publicKey, { prehash: false, lowS: true });
  } catch {
    return false;
  }
}

/** The backend that runs everywhere. */
export const nobleBackend: SignatureBackend = {
  name: 'noble',
  sign,
  verify,
  publicKey: publicKeyOf,
  decompress: decompressPublicKey,
};
