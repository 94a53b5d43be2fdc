import { STATE_ENTRY_BYTES } from '../../primitives/stateTree.js';
import { EFFECT, type KeyChanges } from './keyChanges.js';
import { entryCount, type Page, pageHeaderBytes } from './treeHash.js';

const HASH_BYTES = 32;

/** Where the changes of a group stand in a page that holds all of their keys already. */
export interface ValueUpdates {
  readonly group: Uint32Array;
  /** By the order of the group: offset of the key's entry. */
  readonly offsets: Uint32Array;
}

/** The way to change a page in place: undefined when a key comes or goes. `changes.effects` is set when none does. */
export function findUpdates(
  page: Page,
  depth: number,
  changes: KeyChanges,
  group: Uint32Array,
): ValueUpdates | undefined {
  const header = pageHeaderBytes(depth);
  const count = entryCount(page, depth);
  const offsets = new Uint32Array(group.length);
  for (let i = 0; i < group.length; i++) {
    const change = group[i] as number;
    const found = changes.isDelete(change) ? -1 : findEntry(page, header, count, changes.keyHash(change));
    if (found < 0) return undefined;
    offsets[i] = header + found * STATE_ENTRY_BYTES;
  }
  for (const change of group) changes.effects[change] = EFFECT.updated;
  return { group, offsets };
}

/** Sets the new value hashes in the page itself, or in a copy of it. */
export function applyUpdates(page: Uint8Array, changes: KeyChanges, { group, offsets }: ValueUpdates): void {
  for (let i = 0; i < group.length; i++) {
    page.set(changes.valueHash(group[i] as number), (offsets[i] as number) + HASH_BYTES);
  }
}

/**
 * A copy of the page with the changes made, encoded as it was: entries are found by binary search and moved within the
 * array. It may hold more entries than a page may; the caller splits it then. `changes.effects` tells what happened.
 */
export function editPage(page: Page, depth: number, changes: KeyChanges, group: Uint32Array): Page {
  const header = pageHeaderBytes(depth);
  const edited = new Uint8Array(page.length + group.length * STATE_ENTRY_BYTES);
  edited.set(page, 0);
  let count = entryCount(page, depth);
  for (const change of group) {
    const keyHash = changes.keyHash(change);
    const found = findEntry(edited, header, count, keyHash);
    const at = header + (found < 0 ? ~found : found) * STATE_ENTRY_BYTES;
    const end = header + count * STATE_ENTRY_BYTES;
    if (changes.isDelete(change)) {
      changes.effects[change] = found < 0 ? EFFECT.absent : EFFECT.deleted;
      if (found < 0) continue;
      edited.copyWithin(at, at + STATE_ENTRY_BYTES, end);
      count--;
    } else {
      changes.effects[change] = found < 0 ? EFFECT.inserted : EFFECT.updated;
      if (found < 0) {
        edited.copyWithin(at + STATE_ENTRY_BYTES, at, end);
        edited.set(keyHash, at);
        count++;
      }
      edited.set(changes.valueHash(change), at + HASH_BYTES);
    }
  }
  const used = header + count * STATE_ENTRY_BYTES;
  return used === edited.length ? edited : edited.slice(0, used);
}

/** Index of the key's entry among `count`, or the complement (~) of the index at which it would stand. */
export function findEntry(bytes: Uint8Array, start: number, count: number, keyHash: Uint8Array): number {
  let low = 0;
  let high = count - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const order = compareAt(bytes, start + middle * STATE_ENTRY_BYTES, keyHash);
    if (order === 0) return middle;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return ~low;
}

function compareAt(bytes: Uint8Array, at: number, keyHash: Uint8Array): number {
  for (let i = 0; i < HASH_BYTES; i++) {
    const difference = (bytes[at + i] as number) - (keyHash[i] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** How many of the sorted entries go left at this depth: those whose bit is 0. */
export function leftCount(entries: Uint8Array, depth: number): number {
  const mask = 1 << (7 - (depth & 7));
  let low = 0;
  let high = entries.length / STATE_ENTRY_BYTES;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (((entries[middle * STATE_ENTRY_BYTES + (depth >> 3)] as number) & mask) === 0) low = middle + 1;
    else high = middle;
  }
  return low;
}
