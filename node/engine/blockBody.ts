import { transactionsRoot } from '../../primitives/block.js';
import { concatBytes, equalBytes, type Hash } from '../../primitives/bytes.js';
import { TAGS } from '../../primitives/hash.js';
import type { PairHasher } from '../../primitives/merkle.js';
import type { BlockHeader } from '../../primitives/types.js';
import { nativeSha256 } from '../nativeSha256.js';

/** Leaf of the transaction tree, natively: H(tag ‖ full signed bytes). */
export function leafHash(transaction: Uint8Array): Hash {
  return nativeSha256(concatBytes(TAGS.transactionLeaf, transaction));
}

export function leafHashes(transactions: readonly Uint8Array[]): Hash[] {
  return transactions.map(leafHash);
}

/** True when the header commits to these transactions, in this order. */
export function hasCommittedRoot(header: BlockHeader, leaves: readonly Hash[], hasher: PairHasher): boolean {
  return equalBytes(transactionsRoot(leaves, hasher), header.txRoot);
}

/** The bytes as a key of a map: one character each, a tenth of the cost of hexadecimal for a block's 10,000 leaves. */
export function byteKey(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
}
