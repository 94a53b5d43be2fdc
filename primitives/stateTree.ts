import { concatBytes, type Hash } from './bytes.js';
import { CodedError } from './errors.js';
import { type Sha256, sha256, TAGS } from './hash.js';

/** PROTOCOL §State tree: how a key, a value, a page and the root are hashed. */

/** A page's entry: the key's hash, then the value's. */
export const STATE_ENTRY_BYTES = 64;

/** Bits of a key's hash: no path is longer. */
export const MAX_STATE_DEPTH = 256;

/** The two parameters of genesis that decide the tree's shape. */
export interface StateTreeShape {
  /** Depth at which pages begin: 1 to 20. */
  readonly treeDepth: number;
  /** Entries that a page holds before it splits: 1 to 1,024. */
  readonly pageEntries: number;
}

export const STATE_SHAPE_LIMITS = { treeDepth: 20, pageEntries: 1_024 } as const;

export class StateShapeError extends CodedError<'STATE_SHAPE_INVALID'> {}

/** @throws StateShapeError when a parameter is out of its bounds */
export function requireStateShape(shape: StateTreeShape): StateTreeShape {
  for (const field of ['treeDepth', 'pageEntries'] as const) {
    const value = shape[field];
    if (!Number.isInteger(value) || value < 1 || value > STATE_SHAPE_LIMITS[field]) {
      const expected = `an integer from 1 to ${STATE_SHAPE_LIMITS[field]}`;
      throw new StateShapeError('STATE_SHAPE_INVALID', `${field}: expected ${expected}, found ${value}`, {
        field,
        expected,
        actual: `${value}`,
      });
    }
  }
  return shape;
}

/** Where a key stands in the tree. */
export function stateKeyHash(key: Uint8Array, hash: Sha256 = sha256): Hash {
  return hash(concatBytes(TAGS.stateKey, key));
}

export function stateValueHash(value: Uint8Array, hash: Sha256 = sha256): Hash {
  return hash(concatBytes(TAGS.stateValue, value));
}

/** Bytes that the first `depth` bits take. */
export function statePathBytes(depth: number): number {
  return (depth + 7) >> 3;
}

/** The first `depth` bits of a key's hash, the rest of the last byte zero. */
export function statePath(keyHash: Hash, depth: number): Uint8Array {
  const path = keyHash.slice(0, statePathBytes(depth));
  const unused = path.length * 8 - depth;
  if (unused > 0) path[path.length - 1] = (path[path.length - 1] as number) & (0xff << unused);
  return path;
}

/** Bit `index` of a key's hash, the highest of the first byte first: 1 goes right. */
export function stateBit(keyHash: Hash, index: number): 0 | 1 {
  return (((keyHash[index >> 3] as number) >> (7 - (index & 7))) & 1) as 0 | 1;
}

/** H(tag ‖ depth in two bytes ‖ path ‖ entries). An empty page has a hash of its own. */
export function statePageHash(path: Uint8Array, depth: number, entries: Uint8Array, hash: Sha256 = sha256): Hash {
  return hash(concatBytes(TAGS.statePage, Uint8Array.of(depth >> 8, depth & 0xff), path, entries));
}

/** H(tag ‖ depth in one byte ‖ page entries in two ‖ top node): a root says what shape it is a root of. */
export function stateRootHash(shape: StateTreeShape, top: Hash, hash: Sha256 = sha256): Hash {
  const { treeDepth, pageEntries } = shape;
  return hash(concatBytes(TAGS.stateRoot, Uint8Array.of(treeDepth, pageEntries >> 8, pageEntries & 0xff), top));
}
