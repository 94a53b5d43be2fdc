import { hash } from 'node:crypto';
import type { Hash } from '../../primitives/bytes.js';

/** SHA-256, natively. */
export function nativeSha256(bytes: Uint8Array): Hash {
  const digest = hash('sha256', bytes, 'buffer');
  return new Uint8Array(digest.buffer, digest.byteOffset, digest.length);
}
