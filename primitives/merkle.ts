import { concatBytes, equalBytes, type Hash } from './bytes.js';
import { invariant } from './errors.js';
import { type Sha256, sha256 } from './hash.js';

/**
 * Binary SHA-256 trees in the manner of SSZ: leaves padded with 32 zero bytes to the next power of two of their count,
 * root = SHA-256(tree ‖ count as 256-bit little endian). The count is committed, so that a verifier derives the length
 * of a path from it and an inner node can never pass for a leaf.
 */

const NODE_BYTES = 32;
/** Far above what any block can hold; keeps indices within 32-bit arithmetic. */
const MAX_LEAVES = 0x40000000;

/** Hashes n pairs of nodes (64·n bytes) into n nodes (32·n bytes): in bulk where a native library does it. */
export interface PairHasher {
  hashPairs(input: Uint8Array, output: Uint8Array): void;
}

/** Runs everywhere. */
export const pureHasher: PairHasher = {
  hashPairs(input, output) {
    for (let pair = 0; pair * 64 < input.length; pair++) {
      output.set(sha256(input.subarray(pair * 64, pair * 64 + 64)), pair * NODE_BYTES);
    }
  },
};

/** ceil(log2(count)); 0 for no or one leaf. */
export function treeDepth(count: number): number {
  let depth = 0;
  while (2 ** depth < count) depth++;
  return depth;
}

/** Roots of subtrees that hold padding only, by their depth. */
const ZERO_NODES: readonly Hash[] = (() => {
  const nodes: Hash[] = [new Uint8Array(NODE_BYTES)];
  for (let depth = 0; depth < 30; depth++) {
    const node = nodes[depth] as Hash;
    nodes.push(sha256(concatBytes(node, node)));
  }
  return nodes;
})();

function mixInCount(tree: Hash, count: number, hash: Sha256 = sha256): Hash {
  return hash(withCount(tree, count));
}

/** What the root is the hash of. */
function withCount(tree: Hash, count: number): Uint8Array {
  const block = new Uint8Array(2 * NODE_BYTES);
  block.set(tree, 0);
  for (let i = 0, rest = count; rest > 0; i++, rest >>>= 8) block[NODE_BYTES + i] = rest & 0xff;
  return block;
}

/** Root of the tree without leaves: 32 zero bytes as tree, count 0. */
export const EMPTY_TREE_ROOT: Hash = mixInCount(ZERO_NODES[0] as Hash, 0);

/** A tree with its inner nodes, for many proofs of one root. */
export class MerkleTree {
  readonly root: Hash;
  /** Of leaves. */
  readonly count: number;
  /**
   * All levels, one after the other from the leaves up. A level of more than one node is filled up to an even number of
   * them with the padding's subtree.
   */
  readonly nodes: Uint8Array;
  /** Where in `nodes` each level begins, in bytes. */
  readonly #starts: readonly number[];

  /**
   * Over nodes that were hashed before.
   *
   * @throws InvariantError unless `nodes` has the size of a tree of so many leaves
   */
  constructor(root: Hash, count: number, nodes: Uint8Array) {
    const { starts, sizeBytes } = layout(count);
    invariant(nodes.length === sizeBytes, 'a tree has the nodes of its count', {
      expected: `${sizeBytes} bytes`,
      actual: `${nodes.length}`,
    });
    this.root = root;
    this.count = count;
    this.nodes = nodes;
    this.#starts = starts;
  }

  /** The siblings from the leaf up. @throws InvariantError when there is no such leaf */
  path(index: number): Hash[] {
    this.#requireLeaf(index);
    return Array.from({ length: this.#starts.length - 1 }, (_, level) => {
      const start = (this.#starts[level] as number) + ((index >> level) ^ 1) * NODE_BYTES;
      return this.nodes.slice(start, start + NODE_BYTES);
    });
  }

  /**
   * What proves the leaves at these indices together: level by level from the leaves up, and in each level from left to
   * right, the siblings that follow neither from the leaves nor from the padding, 32 bytes each.
   *
   * @param indices ascending, without repeats
   * @throws InvariantError when there is no such leaf
   */
  multiproof(indices: readonly number[]): Uint8Array {
    const starts: number[] = [];
    let known = indices;
    for (const index of indices) this.#requireLeaf(index);
    for (let level = 0; level < this.#starts.length - 1; level++) {
      const levelStart = this.#starts[level] as number;
      const size = levelSize(this.count, level);
      const parents: number[] = [];
      for (let i = 0; i < known.length; i++) {
        const index = known[i] as number;
        const sibling = index ^ 1;
        if (known[i + 1] === sibling) i++;
        else if (sibling < size) starts.push(levelStart + sibling * NODE_BYTES);
        parents.push(index >> 1);
      }
      known = parents;
    }
    const proof = new Uint8Array(starts.length * NODE_BYTES);
    starts.forEach((start, i) => {
      copyNode(this.nodes, start, proof, i * NODE_BYTES);
    });
    return proof;
  }

  #requireLeaf(index: number): void {
    invariant(Number.isInteger(index) && index >= 0 && index < this.count, 'a proof needs a leaf of the tree', {
      expected: `an index below ${this.count}`,
      actual: `${index}`,
    });
  }
}

/** Nodes of a level that hold leaves. */
function levelSize(count: number, level: number): number {
  return Math.ceil(count / 2 ** level);
}

function layout(count: number): { readonly starts: readonly number[]; readonly sizeBytes: number } {
  invariant(Number.isInteger(count) && count >= 0 && count <= MAX_LEAVES, 'a tree has at most 2^30 leaves', {
    actual: `${count}`,
  });
  const starts: number[] = [];
  let sizeBytes = 0;
  for (let level = 0; level <= treeDepth(count); level++) {
    const size = levelSize(count, level);
    starts.push(sizeBytes);
    sizeBytes += NODE_BYTES * (size > 1 ? size + (size & 1) : size);
  }
  return { starts, sizeBytes };
}

/** Hashes the tree over 32-byte leaves once: O(n) hashes, then copies for each proof. */
export function merkleTree(leaves: readonly Hash[], hasher: PairHasher = pureHasher): MerkleTree {
  const count = leaves.length;
  const { starts, sizeBytes } = layout(count);
  const nodes = new Uint8Array(sizeBytes);
  leaves.forEach((leaf, index) => {
    invariant(leaf.length === NODE_BYTES, 'a leaf takes 32 bytes', { actual: `${leaf.length}` });
    nodes.set(leaf, index * NODE_BYTES);
  });
  for (let level = 0; level + 1 < starts.length; level++) {
    const [start, end] = [starts[level] as number, starts[level + 1] as number];
    if (levelSize(count, level) % 2 === 1) nodes.set(ZERO_NODES[level] as Hash, end - NODE_BYTES);
    hasher.hashPairs(nodes.subarray(start, end), nodes.subarray(end, end + (end - start) / 2));
  }
  const top = count === 0 ? (ZERO_NODES[0] as Hash) : nodes.subarray(starts.at(-1));
  return new MerkleTree(mixInCount(top, count), count, nodes);
}

function copyNode(source: Uint8Array, from: number, target: Uint8Array, to: number): void {
  for (let i = 0; i < NODE_BYTES; i++) target[to + i] = source[from + i] as number;
}

/** Root over 32-byte leaves with their count. */
export function merkleRoot(leaves: readonly Hash[], hasher: PairHasher = pureHasher): Hash {
  return leaves.length === 0 ? EMPTY_TREE_ROOT.slice() : merkleTree(leaves, hasher).root;
}

/** The siblings of one leaf from the leaf up. For many leaves of one tree take `merkleTree` once. */
export function merkleProof(leaves: readonly Hash[], index: number, hasher: PairHasher = pureHasher): Hash[] {
  return merkleTree(leaves, hasher).path(index);
}

export interface MerkleClaim {
  readonly leaf: Hash;
  readonly index: number;
  readonly count: number;
  /** Siblings from the leaf up: exactly ceil(log2(count)). */
  readonly path: readonly Hash[];
  readonly root: Hash;
}

/**
 * True when the root commits to this leaf at this index among this many. Never throws.
 *
 * @param hash SHA-256, native where the caller has it
 */
export function verifyMerkleProof(claim: MerkleClaim, hash: Sha256 = sha256): boolean {
  const { leaf, index, count, path, root } = claim;
  if (!Number.isInteger(count) || count < 1 || count > MAX_LEAVES) return false;
  if (!Number.isInteger(index) || index < 0 || index >= count) return false;
  if (leaf.length !== NODE_BYTES || root.length !== NODE_BYTES || path.length !== treeDepth(count)) return false;
  let node = leaf;
  for (let level = 0; level < path.length; level++) {
    const sibling = path[level] as Hash;
    if (sibling.length !== NODE_BYTES) return false;
    const isRight = ((index >> level) & 1) === 1;
    node = hash(isRight ? concatBytes(sibling, node) : concatBytes(node, sibling));
  }
  return equalBytes(mixInCount(node, count, hash), root);
}

/** Several leaves of one tree, and what proves them together. */
export interface MultiproofClaim {
  /** 32 bytes for each index, in their order. */
  readonly leaves: Uint8Array;
  /** Ascending, without repeats; at least one. */
  readonly indices: readonly number[];
  readonly count: number;
  /** As `MerkleTree.multiproof` gives them: exactly those, in that order. */
  readonly nodes: Uint8Array;
  readonly root: Hash;
}

/**
 * True when the root commits to these leaves at these indices among this many: the same as a path for each of them. Never
 * throws.
 *
 * @param hasher hashes each level at once: native where the caller has it
 */
export function verifyMultiproof(claim: MultiproofClaim, hasher: PairHasher = pureHasher): boolean {
  const { leaves, indices, count, nodes, root } = claim;
  if (!Number.isInteger(count) || count < 1 || count > MAX_LEAVES || indices.length === 0) return false;
  if (!areAscending(indices, count) || leaves.length !== indices.length * NODE_BYTES) return false;
  if (root.length !== NODE_BYTES || nodes.length % NODE_BYTES !== 0) return false;
  const depth = treeDepth(count);
  let known: Known = { indices, hashes: leaves, used: 0 };
  for (let level = 0; level < depth; level++) {
    const next = parentsOf(known, level, { count, nodes }, hasher);
    if (next === undefined) return false;
    known = next;
  }
  if (known.used !== nodes.length) return false;
  const found = new Uint8Array(NODE_BYTES);
  hasher.hashPairs(withCount(known.hashes, count), found);
  return equalBytes(found, root);
}

/** What is known of a level, and how much of the proof led to it. */
interface Known {
  readonly indices: readonly number[];
  readonly hashes: Uint8Array;
  readonly used: number;
}

/** Undefined where the proof ends too early. */
function parentsOf(
  { indices, hashes, used }: Known,
  level: number,
  { count, nodes }: Pick<MultiproofClaim, 'count' | 'nodes'>,
  hasher: PairHasher,
): Known | undefined {
  const size = levelSize(count, level);
  const pairs = new Uint8Array(indices.length * 2 * NODE_BYTES);
  const parents: number[] = [];
  for (let i = 0; i < indices.length; i++) {
    const index = indices[i] as number;
    const start = parents.length * 2 * NODE_BYTES;
    const [own, other] = (index & 1) === 0 ? [start, start + NODE_BYTES] : [start + NODE_BYTES, start];
    const sibling = index ^ 1;
    copyNode(hashes, i * NODE_BYTES, pairs, own);
    if (indices[i + 1] === sibling) copyNode(hashes, ++i * NODE_BYTES, pairs, other);
    else if (sibling >= size) copyNode(ZERO_NODES[level] as Hash, 0, pairs, other);
    else if (used === nodes.length) return undefined;
    else {
      copyNode(nodes, used, pairs, other);
      used += NODE_BYTES;
    }
    parents.push(index >> 1);
  }
  const above = new Uint8Array(parents.length * NODE_BYTES);
  hasher.hashPairs(pairs.subarray(0, parents.length * 2 * NODE_BYTES), above);
  return { indices: parents, hashes: above, used };
}

function areAscending(indices: readonly number[], end: number): boolean {
  let last = -1;
  for (const index of indices) {
    if (!Number.isInteger(index) || index <= last || index >= end) return false;
    last = index;
  }
  return true;
}
