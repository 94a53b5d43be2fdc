import type { Hash } from '../../primitives/bytes.js';
import { MerkleTree } from '../../primitives/merkle.js';

/** The receipts of a block as its root commits to them, to prove any of them from memory. */
export class CommittedReceipts {
  /** Over the receipts, that of the system's call last. */
  readonly tree: MerkleTree;
  /** Height of the newest change of validators below the block; 0 before any. */
  readonly lastHandover: number;
  /** Bytes of all receipts together. */
  readonly sizeBytes: number;
  readonly #at: (index: number) => Uint8Array | undefined;

  /** @param at the receipt at an index, encoded; undefined beyond the last one */
  constructor(
    facts: Pick<CommittedReceipts, 'tree' | 'lastHandover' | 'sizeBytes'>,
    at: (index: number) => Uint8Array | undefined,
  ) {
    this.tree = facts.tree;
    this.lastHandover = facts.lastHandover;
    this.sizeBytes = facts.sizeBytes;
    this.#at = at;
  }

  /** Encoded; undefined beyond the last one. */
  receipt(index: number): Uint8Array | undefined {
    return this.#at(index);
  }
}

export function committedReceipts(
  receipts: readonly Uint8Array[],
  tree: MerkleTree,
  lastHandover: number,
): CommittedReceipts {
  const sizeBytes = receipts.reduce((sum, { length }) => sum + length, 0);
  return new CommittedReceipts({ tree, lastHandover, sizeBytes }, (index) => receipts[index]);
}

/** The same in one buffer, which a message hands over: ends of the receipts, the tree's nodes, the receipts. */
export interface PackedReceipts {
  readonly buffer: ArrayBuffer;
  readonly count: number;
  readonly nodeBytes: number;
  readonly lastHandover: number;
}

export function packReceipts(receipts: CommittedReceipts): PackedReceipts {
  const { tree, lastHandover, sizeBytes } = receipts;
  const { count, nodes } = tree;
  const buffer = new ArrayBuffer(4 * count + nodes.length + sizeBytes);
  const ends = new Uint32Array(buffer, 0, count);
  const bytes = new Uint8Array(buffer);
  bytes.set(nodes, 4 * count);
  const start = 4 * count + nodes.length;
  let end = 0;
  for (let index = 0; index < count; index++) {
    const one = receipts.receipt(index) as Uint8Array;
    bytes.set(one, start + end);
    end += one.length;
    ends[index] = end;
  }
  return { buffer, count, nodeBytes: nodes.length, lastHandover };
}

/** @param root of the block's receipts. Receipts are views of the packed buffer. */
export function unpackReceipts(
  { buffer, count, nodeBytes, lastHandover }: PackedReceipts,
  root: Hash,
): CommittedReceipts {
  const ends = new Uint32Array(buffer, 0, count);
  const tree = new MerkleTree(root, count, new Uint8Array(buffer, 4 * count, nodeBytes));
  const bytes = new Uint8Array(buffer, 4 * count + nodeBytes);
  return new CommittedReceipts({ tree, lastHandover, sizeBytes: bytes.length }, (index) =>
    index < count ? bytes.subarray(index === 0 ? 0 : ends[index - 1], ends[index]) : undefined,
  );
}
