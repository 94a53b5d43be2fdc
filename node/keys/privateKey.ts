import { randomBytes } from 'node:crypto';
import { isCodedError } from '../../primitives/errors.js';
import type { SignatureBackend } from '../../primitives/types.js';

/** A new private key: 32 random bytes that are a key of the curve; all but one draw in 2^127 are. */
export function newPrivateKey(backend: SignatureBackend): Uint8Array {
  for (;;) {
    const candidate = Uint8Array.from(randomBytes(32));
    try {
      backend.publicKey(candidate);
      return candidate;
    } catch (error) {
      if (!isCodedError(error)) throw error;
    }
  }
}
