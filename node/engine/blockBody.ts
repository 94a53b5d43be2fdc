import { createHash } from 'node:crypto';
import { transactionsRoot } from '../../primitives/block.js';
import { equalBytes, type Hash } from '../../primitives/bytes.js';
import { TAGS } from '../../primitives/hash.js';
import type { PairHasher } from '../../primitives/merkle.js';
import type { BlockHeader } from '../../primitives/types.js';

/** Leaf of the transaction tree, natively: H(tag ‖ full signed bytes). */
export function leafHash(transaction: Uint8Array): Hash {
  const digest = createHash('sha256').update(TAGS.transactionLeaf).update(transaction).digest();
  return new Uint8Array(digest.buffer, digest.byteOffset, digest.length);
}

export function leafHashes(transactions: readonly Uint8Array[]): Hash[] {
  return transactions.map(leafHash);
}

/** True when the header commits to these transactions, in this order. */
export function hasCommittedRoot(header: BlockHeader, leaves: readonly Hash[], hasher: PairHasher): boolean {
  return equalBytes(transactionsRoot(leaves, hasher), header.txRoot);
}
