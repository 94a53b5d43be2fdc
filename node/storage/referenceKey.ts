import { addressToBytes } from '../../primitives/address.js';
import { LIMITS } from '../../primitives/limits.js';
import type { Address } from '../../primitives/types.js';
import { requireRange } from './rowCodec.js';

/** The key of a reference's row: the sender's 20 bytes, then the reference. */
export function referenceKey(sender: Address, reference: Uint8Array): Uint8Array {
  requireRange('the length of a reference', reference.length, 1, LIMITS.referenceBytes);
  const address = addressToBytes(sender);
  const key = new Uint8Array(address.length + reference.length);
  key.set(address, 0);
  key.set(reference, address.length);
  return key;
}
