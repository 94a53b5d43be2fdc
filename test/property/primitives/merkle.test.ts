import { createHash } from 'node:crypto';
import { expect } from 'chai';
import fc from 'fast-check';
import { equalBytes, toHex } from '../../../primitives/bytes.js';
import {
  EMPTY_TREE_ROOT,
  merkleProof,
  merkleRoot,
  merkleTree,
  type PairHasher,
  verifyMerkleProof,
} from '../../../primitives/merkle.js';

const SEED = { seed: 20_260_101 };
const leaf = fc.uint8Array({ minLength: 32, maxLength: 32 });
const leaves = fc.array(leaf, { minLength: 1, maxLength: 40 });

function sha(...parts: Uint8Array[]): Uint8Array {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return new Uint8Array(hash.digest());
}

/** The definition, written down without any thought of speed. */
function naiveRoot(all: readonly Uint8Array[]): Uint8Array {
  let size = 1;
  while (size < all.length) size *= 2;
  let level = Array.from({ length: size }, (_, i) => all[i] ?? new Uint8Array(32));
  while (level.length > 1) {
    level = Array.from({ length: level.length / 2 }, (_, i) =>
      sha(level[2 * i] as Uint8Array, level[2 * i + 1] as Uint8Array),
    );
  }
  const count = new Uint8Array(32);
  new DataView(count.buffer).setUint32(0, all.length, true);
  return sha(level[0] as Uint8Array, count);
}

describe('Merkle trees', () => {
  it('have the root of the definition, at every count up to 70', () => {
    for (let count = 0; count <= 70; count++) {
      const all = Array.from({ length: count }, (_, i) => sha(Uint8Array.of(i)));
      expect(toHex(merkleRoot(all)), `count ${count}`).to.equal(toHex(naiveRoot(all)));
    }
    expect(EMPTY_TREE_ROOT).to.deep.equal(sha(new Uint8Array(64)));
  });

  it('prove every leaf at its index, with a path of ceil(log2(count))', () => {
    fc.assert(
      fc.property(leaves, (all) => {
        const tree = merkleTree(all);
        for (const [index, one] of all.entries()) {
          const path = tree.path(index);
          expect(path).to.deep.equal(merkleProof(all, index));
          expect(path.length).to.equal(Math.ceil(Math.log2(all.length)));
          expect(verifyMerkleProof({ leaf: one, index, count: all.length, path, root: tree.root })).to.equal(true);
        }
      }),
      { ...SEED, numRuns: 30 },
    );
  });

  it('prove nothing with another index, count, leaf, node or length of path', () => {
    fc.assert(
      fc.property(leaves, fc.nat(), fc.nat(), fc.nat(), (all, at, otherAt, byte) => {
        const index = at % all.length;
        const count = all.length;
        const one = all[index] as Uint8Array;
        const claim = { leaf: one, index, count, path: merkleProof(all, index), root: merkleRoot(all) };
        const other = otherAt % (2 * count + 2);
        if (other !== index && !(other < count && equalBytes(all[other] as Uint8Array, one))) {
          expect(verifyMerkleProof({ ...claim, index: other })).to.equal(false);
        }
        if (other !== count) expect(verifyMerkleProof({ ...claim, count: other })).to.equal(false);
        const flipped = one.map((value, i) => (i === byte % 32 ? value ^ 1 : value));
        expect(verifyMerkleProof({ ...claim, leaf: flipped })).to.equal(false);
        expect(verifyMerkleProof({ ...claim, path: [...claim.path, new Uint8Array(32)] })).to.equal(false);
        if (claim.path.length > 0) {
          expect(verifyMerkleProof({ ...claim, path: claim.path.slice(1) })).to.equal(false);
          const path = claim.path.map((node, i) => (i === byte % claim.path.length ? sha(node) : node));
          expect(verifyMerkleProof({ ...claim, path })).to.equal(false);
        }
      }),
      { ...SEED, numRuns: 200 },
    );
  });

  it('never take the padding or an inner node for a leaf', () => {
    const all = Array.from({ length: 5 }, (_, i) => sha(Uint8Array.of(i)));
    const root = merkleRoot(all);
    const zero = new Uint8Array(32);
    for (let index = 0; index < 8; index++) {
      for (let length = 0; length <= 4; length++) {
        const path = merkleProof(all, 4).slice(0, length);
        expect(verifyMerkleProof({ leaf: zero, index, count: 5, path, root })).to.equal(false);
      }
    }
    const inner = sha(all[0] as Uint8Array, all[1] as Uint8Array);
    const path = merkleProof(all, 0).slice(1);
    for (const count of [3, 4, 5, 8]) {
      expect(verifyMerkleProof({ leaf: inner, index: 0, count, path, root })).to.equal(false);
    }
  });

  it('refuse odd claims without throwing', () => {
    const root = merkleRoot([sha(Uint8Array.of(1))]);
    const claim = { leaf: sha(Uint8Array.of(1)), index: 0, count: 1, path: [], root };
    expect(verifyMerkleProof(claim)).to.equal(true);
    for (const odd of [-1, 0.5, Number.NaN, 2 ** 31, 2 ** 53, Number.POSITIVE_INFINITY]) {
      expect(verifyMerkleProof({ ...claim, index: odd })).to.equal(false);
      expect(verifyMerkleProof({ ...claim, count: odd })).to.equal(false);
    }
    expect(verifyMerkleProof({ ...claim, leaf: new Uint8Array(31) })).to.equal(false);
    expect(verifyMerkleProof({ ...claim, root: new Uint8Array(31) })).to.equal(false);
  });

  it('hash in bulk through the given hasher, each level at once', () => {
    const sizes: number[] = [];
    const counting: PairHasher = {
      hashPairs(input, output) {
        sizes.push(input.length / 64);
        for (let i = 0; i < input.length / 64; i++) output.set(sha(input.subarray(64 * i, 64 * i + 64)), 32 * i);
      },
    };
    const all = Array.from({ length: 9 }, (_, i) => sha(Uint8Array.of(i)));
    expect(merkleRoot(all, counting)).to.deep.equal(merkleRoot(all));
    expect(sizes).to.deep.equal([5, 3, 2, 1]);
  });
});
