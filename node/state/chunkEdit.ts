import type { StateKey } from '../../contracts/api/host.js';
import type { KeyChunk } from '../storage/types.js';

/** What stands beside a key: its value, or nothing where that stands in its own row alone. */
export interface Listing {
  readonly key: StateKey;
  readonly value: Uint8Array | undefined;
}

/** A chunk with some of its keys gone, and others put, each with what stands beside it: where a key is there, that takes its place. */
export function editChunk(chunk: KeyChunk, put: readonly Listing[], deleted: ReadonlySet<StateKey>): KeyChunk {
  // The standard order of strings is the order of the bytes: every character of a key is one byte.
  const fresh = [...put].sort((a, b) => (a.key < b.key ? -1 : 1));
  const keys: StateKey[] = [];
  const values: (Uint8Array | undefined)[] = [];
  let next = 0;
  const takeFreshBelow = (end: StateKey | undefined): void => {
    for (let each = fresh[next]; each !== undefined && (end === undefined || each.key < end); each = fresh[++next]) {
      keys.push(each.key);
      values.push(each.value);
    }
  };
  for (const [index, key] of chunk.keys.entries()) {
    takeFreshBelow(key);
    if (fresh[next]?.key === key || deleted.has(key)) continue;
    keys.push(key);
    values.push(chunk.values[index]);
  }
  takeFreshBelow(undefined);
  return { keys, values };
}
