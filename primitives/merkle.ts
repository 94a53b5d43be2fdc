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
  const block = new Uint8Array(64);
  block.set(tree, 0);
  for (let i = 0, rest = count; rest > 0; i++, rest >>>= 8) block[NODE_BYTES + i] = rest & 0xff;
  return hash(block);
}

/** Root of the tree without leaves: 32 zero bytes as tree, count 0. */
export const EMPTY_TREE_ROOT: Hash = mixInCount(ZERO_NODES[0] as Hash, 0);

/** A tree with its inner nodes, for many proofs of one root. */
export interface MerkleTree {
  readonly root: Hash;
  readonly count: number;
  /** The siblings from the leaf up. @throws InvariantError when there is no such leaf */
  path(index: number): Hash[];
}

/** Hashes the tree over 32-byte leaves once: O(n) hashes, then O(log n) copies for each path. */
export function merkleTree(leaves: readonly Hash[], hasher: PairHasher = pureHasher): MerkleTree {
  const count = leaves.length;
  invariant(count <= MAX_LEAVES, 'a tree has at most 2^30 leaves', { actual: `${count}` });
  const depth = treeDepth(count);
  const levels: Uint8Array[] = [packLeaves(leaves)];
  for (let level = 0; level < depth; level++) levels.push(hashLevel(levels[level] as Uint8Array, level, hasher));
  const top = count === 0 ? (ZERO_NODES[0] as Hash) : (levels[depth] as Uint8Array);
  return {
    root: mixInCount(top, count),
    count,
    path(index) {
      invariant(Number.isInteger(index) && index >= 0 && index < count, 'a path needs a leaf of the tree', {
        expected: `an index below ${count}`,
        actual: `${index}`,
      });
      return levels.slice(0, depth).map((nodes, level) => nodeAt(nodes, level, (index >> level) ^ 1));
    },
  };
}

function packLeaves(leaves: readonly Hash[]): Uint8Array {
  const packed = new Uint8Array(leaves.length * NODE_BYTES);
  leaves.forEach((leaf, index) => {
    invariant(leaf.length === NODE_BYTES, 'a leaf takes 32 bytes', { actual: `${leaf.length}` });
    packed.set(leaf, index * NODE_BYTES);
  });
  return packed;
}

/** The level above: an odd last node is paired with the padding's subtree of its level. */
function hashLevel(nodes: Uint8Array, level: number, hasher: PairHasher): Uint8Array {
  const count = nodes.length / NODE_BYTES;
  const isOdd = count % 2 === 1;
  const input = isOdd ? concatBytes(nodes, ZERO_NODES[level] as Hash) : nodes;
  const output = new Uint8Array(input.length / 2);
  hasher.hashPairs(input, output);
  return output;
}

function nodeAt(nodes: Uint8Array, level: number, index: number): Hash {
  const start = index * NODE_BYTES;
  return start < nodes.length ? nodes.slice(start, start + NODE_BYTES) : (ZERO_NODES[level] as Hash).slice();
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
