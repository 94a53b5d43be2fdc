import { createHash } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { chooseBulkHasher } from '../../../node/state/bulkHasher.js';
import { concatBytes } from '../../../primitives/bytes.js';
import {
  MerkleTree,
  type MultiproofClaim,
  merkleTree,
  verifyMerkleProof,
  verifyMultiproof,
} from '../../../primitives/merkle.js';

const SEED = { seed: 20_260_102 };

function leafOf(index: number): Uint8Array {
  return new Uint8Array(createHash('sha256').update(`${index}`).digest());
}

/** A tree and some of its leaves. */
const cases = fc
  .integer({ min: 1, max: 70 })
  .chain((count) =>
    fc
      .uniqueArray(fc.integer({ min: 0, max: count - 1 }), { minLength: 1, maxLength: count })
      .map((indices) => ({ count, indices: indices.toSorted((a, b) => a - b) })),
  );

function claimOf(count: number, indices: readonly number[]): MultiproofClaim {
  const leaves = leavesOf(count);
  const tree = merkleTree(leaves);
  return {
    leaves: concatBytes(...indices.map((index) => leaves[index] as Uint8Array)),
    indices,
    count,
    nodes: tree.multiproof(indices),
    root: tree.root,
  };
}

/** The nodes with one of them changed by `change`. */
function withNode(nodes: Uint8Array, at: number, change: (node: Uint8Array) => Uint8Array): Uint8Array {
  const start = at * 32;
  return concatBytes(nodes.slice(0, start), change(nodes.slice(start, start + 32)), nodes.slice(start + 32));
}

describe('Proofs of several leaves', () => {
  it('hold for every choice of leaves, natively and in JavaScript, where a path holds for each of them', () => {
    const native = chooseBulkHasher().hasher;
    fc.assert(
      fc.property(cases, ({ count, indices }) => {
        const claim = claimOf(count, indices);
        const tree = merkleTree(leavesOf(count));
        for (const index of indices) {
          const path = tree.path(index);
          expect(verifyMerkleProof({ leaf: leafOf(index), index, count, path, root: claim.root })).to.equal(true);
        }
        expect(verifyMultiproof(claim)).to.equal(true);
        expect(verifyMultiproof(claim, native)).to.equal(true);
        expect(merkleTree(leavesOf(count), native).multiproof(indices)).to.deep.equal(claim.nodes);
      }),
      { ...SEED, numRuns: 300 },
    );
  });

  it('carry a node at most once, and none that follows from the leaves or the padding', () => {
    fc.assert(
      fc.property(cases, ({ count, indices }) => {
        const { nodes } = claimOf(count, indices);
        const texts = new Set<string>();
        for (let at = 0; at < nodes.length; at += 32)
          texts.add(Buffer.from(nodes.subarray(at, at + 32)).toString('hex'));
        expect(texts.size).to.equal(nodes.length / 32);
        const all = Array.from({ length: count }, (_, index) => index);
        expect(claimOf(count, all).nodes.length).to.equal(0);
      }),
      { ...SEED, numRuns: 100 },
    );
  });

  it('hold for nothing else: each node altered, left out, doubled or moved, each leaf altered or moved', () => {
    fc.assert(
      fc.property(cases, fc.nat(), ({ count, indices }, pick) => {
        const claim = claimOf(count, indices);
        const { nodes, leaves } = claim;
        const count32 = nodes.length / 32;
        const refused = (change: Partial<MultiproofClaim>, what: string) =>
          expect(verifyMultiproof({ ...claim, ...change }), what).to.equal(false);
        for (let at = 0; at < count32; at++) {
          refused(
            { nodes: withNode(nodes, at, (node) => node.map((byte, i) => (i === pick % 32 ? byte ^ 1 : byte))) },
            'altered',
          );
          refused({ nodes: withNode(nodes, at, () => new Uint8Array()) }, 'left out');
          refused({ nodes: withNode(nodes, at, (node) => concatBytes(node, node)) }, 'doubled');
          const turned = concatBytes(nodes.slice(32 * at + 32), nodes.slice(0, 32 * at + 32));
          if (at + 1 < count32) refused({ nodes: turned }, 'moved');
        }
        refused({ nodes: concatBytes(nodes, leafOf(0)) }, 'surplus');
        refused({ nodes: concatBytes(nodes, Uint8Array.of(0)) }, 'a byte too many');
        refused({ root: leafOf(pick) }, 'another root');
        for (let at = 0; at < indices.length; at++) {
          refused({ leaves: withNode(leaves, at, (node) => node.map((byte) => byte ^ 1)) }, 'leaf altered');
          refused({ leaves: withNode(leaves, at, () => new Uint8Array()) }, 'leaf left out');
          refused({ indices: indices.toSpliced(at, 1) }, 'index left out');
          refused({ indices: indices.toSpliced(at, 0, indices[at] as number) }, 'index doubled');
        }
      }),
      { ...SEED, numRuns: 150 },
    );
  });

  it('hold for no other positions and no other count', () => {
    fc.assert(
      fc.property(cases, fc.nat(), fc.nat(), ({ count, indices }, otherCount, shift) => {
        const claim = claimOf(count, indices);
        const other = otherCount % (2 * count + 2);
        if (other !== count) expect(verifyMultiproof({ ...claim, count: other })).to.equal(false);
        const moved = indices.map((index) => index + 1 + (shift % 3));
        expect(verifyMultiproof({ ...claim, indices: moved })).to.equal(false);
        if (indices.length > 1) expect(verifyMultiproof({ ...claim, indices: indices.toReversed() })).to.equal(false);
      }),
      { ...SEED, numRuns: 200 },
    );
  });

  it('refuse odd claims without throwing', () => {
    const claim = claimOf(5, [1, 4]);
    for (const odd of [-1, 0.5, Number.NaN, 2 ** 31, 2 ** 53, Number.POSITIVE_INFINITY]) {
      expect(verifyMultiproof({ ...claim, indices: [1, odd] })).to.equal(false);
      expect(verifyMultiproof({ ...claim, count: odd })).to.equal(false);
    }
    expect(verifyMultiproof({ ...claim, indices: [], leaves: new Uint8Array() })).to.equal(false);
    expect(verifyMultiproof({ ...claim, root: new Uint8Array(31) })).to.equal(false);
    expect(verifyMultiproof({ ...claim, indices: [1, 5] })).to.equal(false);
  });

  it('come from nodes that were hashed elsewhere, and from nothing of another size', () => {
    const tree = merkleTree(leavesOf(11));
    const again = new MerkleTree(tree.root, tree.count, tree.nodes);
    expect(again.multiproof([0, 3, 10])).to.deep.equal(tree.multiproof([0, 3, 10]));
    expect(again.path(10)).to.deep.equal(tree.path(10));
    expect(() => new MerkleTree(tree.root, 10, tree.nodes)).to.throw('the nodes of its count');
    expect(() => tree.multiproof([11])).to.throw('a leaf of the tree');
  });
});

function leavesOf(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, index) => leafOf(index));
}
