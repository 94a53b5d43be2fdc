import { STATE_ENTRY_BYTES } from '../../primitives/stateTree.js';
import { EFFECT, type KeyChanges } from './keyChanges.js';
import { entryCount, type Page, pageHeaderBytes } from './treeHash.js';

const HASH_BYTES = 32;

/**
 * A copy of the page with the changes made, encoded as it was: entries are found by binary search and moved within the
 * array. It may hold more entries than a page may; the caller splits it then. `changes.effects` tells what happened.
 */
export function editPage(page: Page, depth: number, changes: KeyChanges, group: Uint32Array): Page {
  const header = pageHeaderBytes(depth);
  let count = entryCount(page, depth);
  const edited = new Uint8Array(page.length + newEntries(page, header, changes, group) * STATE_ENTRY_BYTES);
  edited.set(page, 0);
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

/** How many of the changes put a key that the page does not hold. Most change values only: then nothing grows. */
function newEntries(page: Page, header: number, changes: KeyChanges, group: Uint32Array): number {
  const count = (page.length - header) / STATE_ENTRY_BYTES;
  let added = 0;
  for (const change of group) {
    if (findEntry(page, header, count, changes.keyHash(change)) < 0 && !changes.isDelete(change)) added++;
  }
  return added;
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
