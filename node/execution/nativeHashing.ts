import type { Hash } from '../../primitives/bytes.js';
import { type Sha256, TAGS } from '../../primitives/hash.js';
import type { PairHasher } from '../../primitives/merkle.js';
import { pooledSha256 } from '../nativeSha256.js';
import { chooseBulkHasher } from '../state/bulkHasher.js';
import { TaggedHasher } from '../state/treeHash.js';

/** What execution hashes with. */
export interface Hashing {
  readonly sha256: Sha256;
  readonly hasher: PairHasher;
  /** Leaf of the tree of receipts, of an encoded receipt. */
  receiptLeaf(bytes: Uint8Array): Hash;
  /** Leaf of a batch's tree, of an encoded outcome. */
  outcomeLeaf(bytes: Uint8Array): Hash;
}

/** The fastest hashes of this machine: the same answers as the pure ones of `primitives/receipt.ts`. */
export function nativeHashing(): Hashing {
  const receipts = new TaggedHasher(TAGS.receiptLeaf);
  const outcomes = new TaggedHasher(TAGS.outcomeLeaf);
  return {
    sha256: pooledSha256,
    hasher: chooseBulkHasher().hasher,
    receiptLeaf: (bytes) => receipts.hash(bytes),
    outcomeLeaf: (bytes) => outcomes.hash(bytes),
  };
}
