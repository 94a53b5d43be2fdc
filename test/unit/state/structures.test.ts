import { expect } from 'chai';
import { UndoLog } from '../../../contracts/runtime/undoLog.js';
import { chooseBulkHasher } from '../../../node/state/bulkHasher.js';
import { FingerprintTable } from '../../../node/state/fingerprintTable.js';
import { GenerationCache } from '../../../node/state/generationCache.js';
import { HalfSipHash } from '../../../node/state/halfSipHash.js';
import { KnownValues } from '../../../node/state/knownValues.js';
import { SortedKeys } from '../../../node/state/sortedKeys.js';
import { toHex } from '../../../primitives/bytes.js';
import { pureHasher } from '../../../primitives/merkle.js';
import { errorOf } from '../../support/rejection.js';

/** Deterministic noise. */
function noise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state;
  };
}

describe('HalfSipHash-2-4', () => {
  it('gives the 64-bit vectors of its reference code', () => {
    const hash = new HalfSipHash(Uint8Array.of(0, 1, 2, 3, 4, 5, 6, 7));
    const vectors = [
      '218d1f59b9b83cc8',
      'be552412f8387315',
      '064f39ef7c50eb57',
      'ce0f1a45f7060679',
      'd5e78a175be52ea1',
      'cb9d7c3f2f3db580',
      'ce3e91358aa2bc25',
    ];
    vectors.forEach((expected, length) => {
      hash.hash(Uint8Array.from({ length }, (_, index) => index));
      const found = new DataView(new ArrayBuffer(8));
      found.setUint32(0, hash.low, true);
      found.setUint32(4, hash.high, true);
      expect(toHex(new Uint8Array(found.buffer))).to.equal(`0x${expected}`);
    });
  });
});

describe('a table of fingerprints', () => {
  it('holds what was added and nothing else, however it grows', () => {
    const next = noise(1);
    const table = new FingerprintTable();
    const added = new Set<string>();
    const pairs = Array.from({ length: 5_000 }, () => [next(), next()] as const);
    for (const [low, high] of pairs) {
      table.add(low, high);
      table.add(low, high);
      added.add(`${low}:${high}`);
    }
    expect(table.size).to.equal(added.size);
    expect(pairs.every(([low, high]) => table.has(low, high))).to.equal(true);
    for (let i = 0; i < 5_000; i++) {
      const [low, high] = [next(), next()];
      expect(table.has(low, high)).to.equal(added.has(`${low}:${high}`));
    }
  });

  it('keeps the fingerprint zero, and those that share a slot', () => {
    const table = new FingerprintTable();
    expect(table.has(0, 0)).to.equal(false);
    table.add(0, 0);
    for (let low = 2; low < 40; low++) table.add(low, 64);
    expect(table.has(0, 0)).to.equal(true);
    for (let low = 2; low < 40; low++) expect(table.has(low, 64)).to.equal(true);
    expect(table.has(40, 64)).to.equal(false);
  });
});

describe('sorted keys', () => {
  it('stay in order under additions and deletions, as a sorted array does', () => {
    const next = noise(5);
    const keys = new SortedKeys();
    const model = new Set<string>();
    for (let i = 0; i < 6_000; i++) {
      const key = (next() % 3_000).toString(36);
      if (next() % 3 === 0) expect(keys.delete(key)).to.equal(model.delete(key));
      else {
        expect(keys.add(key)).to.equal(!model.has(key));
        model.add(key);
      }
    }
    const sorted = [...model].sort();
    expect([...keys.from('')]).to.deep.equal(sorted);
    for (const key of ['', '1', 'a5', 'zz', '~']) {
      expect([...keys.from(key)]).to.deep.equal(sorted.filter((other) => other >= key));
      expect(keys.floor(key)).to.equal(sorted.filter((other) => other <= key).at(-1));
    }
    for (const key of sorted) keys.delete(key);
    expect([...keys.from('')]).to.deep.equal([]);
  });
});

describe('a cache of generations', () => {
  it('is bounded, and keeps what is asked for', () => {
    const cache = new GenerationCache<number, number>(100);
    for (let key = 0; key < 10_000; key++) {
      cache.set(key, key);
      expect(cache.get(0)).to.equal(0);
      expect(cache.size).to.be.at.most(201);
    }
    expect(cache.get(1)).to.equal(undefined);
    expect(cache.get(9_999)).to.equal(9_999);
    cache.delete(9_999);
    expect(cache.get(9_999)).to.equal(undefined);
  });

  it('counts heavy values for what they weigh, and a value that is set again once', () => {
    const cache = new GenerationCache<number, number>(100, (weight) => weight);
    for (let key = 0; key < 10; key++) cache.set(key, 50);
    expect(cache.size).to.be.at.most(4);
    const hot = new GenerationCache<number, number>(10);
    for (let key = 0; key < 8; key++) hot.set(key, key);
    for (let i = 0; i < 1_000; i++) hot.set(3, i);
    expect(hot.get(0)).to.equal(0);
  });
});

describe('what memory knows of keys', () => {
  const bytes = new Uint8Array(1);
  const keys = (count: number, name: string) => Array.from({ length: count }, (_, index) => `${name}${index}`);

  const held = (known: KnownValues, names: readonly string[]) =>
    names.filter((key) => known.find(key) !== undefined).length;

  it('forgets what was read once, and keeps what is asked for again and again, as long as it is', () => {
    const known = new KnownValues(100);
    const often = keys(50, 'often');
    for (const key of often) known.addRead(key, bytes);
    for (const key of keys(10_000, 'once')) {
      known.addRead(key, bytes);
      held(known, often);
    }
    expect(held(known, often)).to.equal(50);
    expect(held(known, keys(10_000, 'once'))).to.be.at.most(60);
    for (const key of keys(400, 'later')) known.addRead(key, bytes);
    expect(held(known, often)).to.equal(0);
    expect(held(known, keys(400, 'later'))).to.be.at.least(90);
  });

  it('goes round also where all that it holds was asked for', () => {
    const known = new KnownValues(4);
    const first = keys(4, 'first');
    for (const key of first) known.addRead(key, bytes);
    held(known, first);
    for (const key of keys(20, 'later')) known.addRead(key, bytes);
    expect(held(known, first)).to.equal(0);
  });

  it('keeps what waits to be written until it is', () => {
    const known = new KnownValues(10);
    const waiting = keys(1_000, 'written').map((key, commit) => known.addWritten(key, bytes, undefined, commit, false));
    for (const key of keys(1_000, 'read')) known.addRead(key, bytes);
    for (const each of waiting) expect(known.find(each.key)).to.equal(each);
    for (const each of waiting) known.letGo(each);
    for (const key of keys(1_000, 'other')) known.addRead(key, bytes);
    expect(held(known, keys(1_000, 'written'))).to.equal(0);
    expect(waiting.every(({ isForgotten }) => isForgotten)).to.equal(true);
  });

  it('is bounded, though all that it holds is asked for again and again', () => {
    const known = new KnownValues(64);
    const all = keys(1_000, 'each');
    for (const key of all) {
      known.addRead(key, bytes);
      expect(held(known, all)).to.be.at.most(64 + 64 / 16 + 1);
    }
  });

  it('is bounded also while large values come into the place of many small ones', () => {
    const known = new KnownValues(1_000);
    const [small, large] = [keys(1_000, 'small'), keys(100, 'large')];
    for (const key of small) known.addRead(key, bytes);
    for (const key of large) {
      known.addRead(key, new Uint8Array(99 * 256));
      expect(held(known, small) + 100 * held(known, large)).to.be.at.most(1_000 + 1_000 / 16 + 100);
    }
  });
});

describe('the undo log', () => {
  it('ends savepoints from the inside out', () => {
    const log = new UndoLog<number>(() => undefined);
    const outer = log.savepoint();
    const inner = log.savepoint();
    expect(errorOf(() => log.rollback(outer)).code).to.equal('INVARIANT_BROKEN');
    log.release(inner);
    log.rollback(outer);
    expect(errorOf(() => log.release(outer)).code).to.equal('INVARIANT_BROKEN');
    expect(log.isOpen).to.equal(false);
  });

  it('nests only so deep', () => {
    const log = new UndoLog<number>(() => undefined);
    for (let depth = 0; depth < 64; depth++) log.savepoint();
    expect(errorOf(() => log.savepoint()).code).to.equal('INVARIANT_BROKEN');
  });
});

describe('the bulk hasher', () => {
  it('hashes as the pure one does, wherever the input stands in its array', () => {
    const { hasher, reason } = chooseBulkHasher();
    expect(reason).to.be.a('string');
    const whole = Uint8Array.from({ length: 64 * 40 + 13 }, (_, index) => (index * 89) & 0xff);
    for (const [start, pairs] of [
      [0, 0],
      [0, 1],
      [3, 5],
      [13, 40],
    ] as const) {
      const input = whole.subarray(start, start + 64 * pairs);
      const [found, expected] = [new Uint8Array(32 * pairs + 8), new Uint8Array(32 * pairs)];
      hasher.hashPairs(input, found.subarray(8));
      pureHasher.hashPairs(input, expected);
      expect(toHex(found.subarray(8))).to.equal(toHex(expected));
    }
  });

  it('falls back where the binary does not load or hashes wrongly', () => {
    const absent = chooseBulkHasher({
      load: () => {
        throw new RangeError('no binary');
      },
    });
    expect(absent.name).to.equal('pure');
    expect(absent.reason).to.match(/no binary/);
    const wrong = chooseBulkHasher({ load: () => ({ hashInto: (_input, output) => void output.fill(1) }) });
    expect(wrong.name).to.equal('pure');
    expect(wrong.hasher).to.equal(pureHasher);
  });
});
