import type { StoredValue } from '../../node/storage/types.js';

/** A value as it stands in its row where the ordered index does not have it. */
export function apart(value: Uint8Array): StoredValue {
  return { value, isListed: false };
}
