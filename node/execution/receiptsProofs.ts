import type { Hash } from '../../primitives/bytes.js';
import type { MerkleTree } from '../../primitives/merkle.js';
import { type EncodedSeal, encodeReceiptsProof } from '../../primitives/receiptsProof.js';

/** Bytes of receipts in one proof, unless its first is larger: what seals them still fits beside. */
export const PROOF_RECEIPT_BYTES = 4_194_304;

/** Several receipts of one block, proven together. */
export interface ProvenReceipts {
  /** PROTOCOL §Proof of receipts F6. */
  readonly bytes: Uint8Array;
  /** Of the transactions whose receipts it proves. */
  readonly ids: readonly Hash[];
}

export interface ReceiptsProofsAnswer {
  /** How many of the transactions that were asked for, from the first on, were looked for. */
  readonly covered: number;
  readonly proofs: readonly ProvenReceipts[];
}

/** The first of the indices whose receipts fit into one proof: at least one. */
export function fittingIndices(
  indices: readonly number[],
  receipt: (index: number) => Uint8Array | undefined,
): readonly number[] {
  let bytes = 0;
  const end = indices.findIndex((index, position) => {
    bytes += receipt(index)?.length ?? 0;
    return position > 0 && bytes > PROOF_RECEIPT_BYTES;
  });
  return end < 0 ? indices : indices.slice(0, end);
}

/** Proves receipts of one block that fit into one proof. */
export function proveReceipts(
  seal: EncodedSeal,
  tree: MerkleTree,
  indices: readonly number[],
  receipt: (index: number) => Uint8Array | undefined,
): Uint8Array {
  return encodeReceiptsProof(seal, {
    count: tree.count,
    indices,
    receipts: indices.flatMap((index) => receipt(index) ?? []),
    nodes: tree.multiproof(indices),
  });
}
