import { createHash } from 'node:crypto';
import { expect } from 'chai';
import { openReferenceSet, type ReferenceSet } from '../../../node/state/referenceSet.js';
import { openUsedOnceSet, type UsedOnceSet } from '../../../node/state/usedOnceSet.js';
import type { LevelChainDatabase } from '../../../node/storage/chainDatabase.js';
import { referenceKey } from '../../../node/storage/referenceKey.js';
import type { Hash } from '../../../primitives/bytes.js';
import type { Address } from '../../../primitives/types.js';
import { errorOf } from '../../support/rejection.js';
import { TemporaryChain } from '../../support/temporaryChain.js';

const WINDOW_MS = 8_000;
const ANN: Address = `0x${'aa'.repeat(20)}`;
const BOB: Address = `0x${'bb'.repeat(20)}`;
const REFERENCE = Uint8Array.of(1, 2, 3);

/** The id of the transaction of that sender and reference. */
function idOf(sender: Address, reference: Uint8Array): Hash {
  return createHash('sha256').update(sender).update(reference).digest();
}

/** What the database holds of that use. */
function rowOf(sender: Address, reference: Uint8Array): Uint8Array {
  return new Uint8Array([...idOf(sender, reference), ...referenceKey(sender, reference)]);
}

describe('references in use', () => {
  let chain: TemporaryChain;
  let database: LevelChainDatabase;
  let set: ReferenceSet;

  beforeEach(async () => {
    chain = await TemporaryChain.create();
    database = await chain.open();
    set = await openReferenceSet({ windowMs: WINDOW_MS }, { database });
  });

  afterEach(async () => {
    await chain.remove();
  });

  async function commit(height: number, timestamp: number, uses: readonly [Address, Uint8Array][]): Promise<void> {
    const block = set.openBlock(height, timestamp);
    uses.forEach(([sender, reference], index) => {
      expect(block.use(sender, reference, { id: idOf(sender, reference), index })).to.equal(true);
    });
    const batch = database.batch();
    block.commit(batch);
    await batch.write();
  }

  async function reopen(): Promise<void> {
    await chain.close();
    database = await chain.open();
    set = await openReferenceSet({ windowMs: WINDOW_MS }, { database });
  }

  it('belong to a sender, and stay in use up to and at the end of the window', async () => {
    await commit(1, 10_000, [[ANN, REFERENCE]]);
    expect(set.find(ANN, REFERENCE, 10_001)).to.deep.equal({
      height: 1,
      index: 0,
      timestamp: 10_000,
      id: new Uint8Array(idOf(ANN, REFERENCE)),
    });
    expect(set.find(BOB, REFERENCE, 10_001)).to.equal(undefined);
    expect(set.find(ANN, Uint8Array.of(1, 2), 10_001)).to.equal(undefined);
    expect(set.find(ANN, REFERENCE, 10_000 + WINDOW_MS)).not.to.equal(undefined);
    expect(set.find(ANN, REFERENCE, 10_000 + WINDOW_MS + 1)).to.equal(undefined);
  });

  for (const restarts of [false, true]) {
    it(`follow the time of blocks, not of spans${restarts ? ', across restarts' : ''}`, async () => {
      await commit(1, 10_000, [[ANN, REFERENCE]]);
      // Heights that drop spans: what counts is the row's own time, to the millisecond.
      await commit(2, 17_999, [[BOB, REFERENCE]]);
      if (restarts) await reopen();
      expect(set.openBlock(3, 18_000).isFree(ANN, REFERENCE)).to.equal(false);
      expect(set.openBlock(3, 18_001).isFree(ANN, REFERENCE)).to.equal(true);
      await commit(3, 18_000, []);
      if (restarts) await reopen();
      expect(set.openBlock(4, 18_001).isFree(ANN, REFERENCE)).to.equal(true);
      await commit(4, 18_001, [[ANN, REFERENCE]]);
      if (restarts) await reopen();
      expect(set.openBlock(5, 26_001).isFree(ANN, REFERENCE)).to.equal(false);
      expect(set.openBlock(5, 25_999).isFree(BOB, REFERENCE)).to.equal(false);
      expect(set.openBlock(5, 26_000).isFree(BOB, REFERENCE)).to.equal(true);
      expect(set.find(ANN, REFERENCE, 26_001)?.height).to.equal(4);
    });
  }

  it('of one span are forgotten each at its own time', async () => {
    await commit(1, 1_000, [[ANN, REFERENCE]]);
    await commit(2, 1_900, [[BOB, REFERENCE]]);
    await commit(3, 9_500, []);
    expect(set.openBlock(4, 9_501).isFree(ANN, REFERENCE)).to.equal(true);
    expect(set.openBlock(4, 9_900).isFree(BOB, REFERENCE)).to.equal(false);
    expect(set.openBlock(4, 9_901).isFree(BOB, REFERENCE)).to.equal(true);
  });

  it('count inside a block, and are free again when the block is not decided', async () => {
    const block = set.openBlock(1, 10_000);
    expect(block.use(ANN, REFERENCE, { id: idOf(ANN, REFERENCE), index: 0 })).to.equal(true);
    expect(block.isFree(ANN, REFERENCE)).to.equal(false);
    expect(block.use(ANN, REFERENCE, { id: idOf(ANN, REFERENCE), index: 1 })).to.equal(false);
    expect(block.use(BOB, REFERENCE, { id: idOf(BOB, REFERENCE), index: 1 })).to.equal(true);
    expect(set.openBlock(1, 10_000).isFree(ANN, REFERENCE)).to.equal(true);
  });

  it('are told by the transactions of the height and their places in it, newest holder first', async () => {
    const references = Array.from({ length: 200 }, (_, number) => Uint8Array.of(number, 7));
    for (let height = 1; height <= 4; height++) {
      await commit(
        height,
        height * 500,
        references
          .slice(0, 50 * height)
          .map((reference) => [height % 2 === 0 ? ANN : BOB, Uint8Array.of(height, ...reference)]),
      );
    }
    for (const restarts of [false, true]) {
      if (restarts) await reopen();
      for (let height = 1; height <= 4; height++) {
        for (const index of [0, 1, 49, 50 * height - 1]) {
          const reference = Uint8Array.of(height, ...(references[index] as Uint8Array));
          expect(set.find(height % 2 === 0 ? ANN : BOB, reference, 2_001)).to.deep.include({ height, index });
          expect(set.find(height % 2 === 0 ? BOB : ANN, reference, 2_001)).to.equal(undefined);
        }
      }
    }
  });

  it('are not taken for others of the same fingerprint', async () => {
    await commit(1, 10_000, [[ANN, REFERENCE]]);
    const row = database.referenceFingerprints.get(1) as Uint8Array;
    const batch = database.batch();
    // Twice the same fingerprint, as if another reference had it by chance: first of another transaction, then its own.
    database.references.put(batch, 2, [rowOf(BOB, REFERENCE), rowOf(ANN, REFERENCE)]);
    database.referenceFingerprints.put(batch, 2, new Uint8Array([...row, ...row.subarray(7)]));
    database.referenceFingerprints.delete(batch, 1);
    await batch.write();
    await reopen();
    expect(set.find(ANN, REFERENCE, 10_001)).to.deep.include({ height: 2, index: 1 });
    const other = database.batch();
    database.references.put(other, 2, [rowOf(BOB, REFERENCE), rowOf(BOB, Uint8Array.of(9))]);
    await other.write();
    expect(set.find(ANN, REFERENCE, 10_001)).to.equal(undefined);
    expect(set.openBlock(3, 10_001).isFree(ANN, REFERENCE)).to.equal(true);
  });

  it('are used by each transaction of a block in turn', () => {
    const block = set.openBlock(1, 10_000);
    expect(errorOf(() => block.use(ANN, REFERENCE, { id: idOf(ANN, REFERENCE), index: 1 })).code).to.equal(
      'INVARIANT_BROKEN',
    );
  });

  it('leave memory and disk once no later block can need them', async () => {
    for (let height = 1; height <= 40; height++) {
      await commit(height, height * 1_000, [
        [ANN, Uint8Array.of(height)],
        [BOB, Uint8Array.of(height)],
      ]);
      expect(set.size).to.be.at.most(2 * 11);
    }
    await reopen();
    expect(set.size).to.be.at.most(2 * 11);
    expect(set.find(ANN, Uint8Array.of(32), 40_000)?.height).to.equal(32);
    let rows = 0;
    for await (const _row of database.referenceFingerprints.entries()) rows++;
    expect(rows).to.be.at.most(11);
  });

  it('take all of their rows with them, also those of a large block', async () => {
    const uses = Array.from({ length: 150 }, (_, number): [Address, Uint8Array] => [ANN, Uint8Array.of(1, number)]);
    await commit(1, 1_000, uses);
    expect(database.references.list(1)).to.have.length(150);
    await commit(2, 20_000, [[BOB, REFERENCE]]);
    expect(database.references.list(1)).to.equal(undefined);
    expect(database.references.get(1, 149)).to.equal(undefined);
    expect(database.references.list(2)).to.have.length(1);
  });

  it('are told without a look at the transactions that hold them', async () => {
    await commit(1, 10_000, [[ANN, REFERENCE]]);
    expect(database.bodies.list(1)).to.equal(undefined);
    expect(set.find(ANN, REFERENCE, 10_001)).to.deep.include({ height: 1, index: 0 });
  });
});

describe('business references that are used once for ever', () => {
  let chain: TemporaryChain;
  let database: LevelChainDatabase;

  beforeEach(async () => {
    chain = await TemporaryChain.create();
    database = await chain.open();
  });

  afterEach(async () => {
    await chain.remove();
  });

  async function commit(set: UsedOnceSet, height: number, entries: readonly [string, string, number][]): Promise<void> {
    const block = set.openBlock(height);
    for (const entry of entries) expect(block.use(...entry)).to.equal(true);
    const batch = database.batch();
    block.commit(batch);
    await batch.write();
  }

  it('are told apart by scope, reference and day, whatever their lengths', async () => {
    const set = await openUsedOnceSet({}, { database });
    await commit(set, 1, [['ab', 'c', 7]]);
    expect(set.has('ab', 'c', 7)).to.equal(true);
    const others: readonly [string, string, number][] = [
      ['a', 'bc', 7],
      ['abc', '', 7],
      ['ab', 'c', 8],
      ['AB', 'c', 7],
    ];
    for (const entry of others) {
      expect(set.has(...entry)).to.equal(false);
      expect(set.openBlock(2).use(...entry)).to.equal(true);
    }
    expect(set.openBlock(2).use('ab', 'c', 7)).to.equal(false);
    expect(set.openBlock(2).isUsed('ab', 'c', 7)).to.equal(true);
  });

  it('go back with their savepoint', async () => {
    const set = await openUsedOnceSet({}, { database });
    const block = set.openBlock(1);
    const transaction = block.savepoint();
    expect(block.use('s', 'kept', 1)).to.equal(true);
    const call = block.savepoint();
    expect(block.use('s', 'taken back', 1)).to.equal(true);
    expect(block.use('s', 'kept', 1)).to.equal(false);
    block.rollback(call);
    expect(block.isUsed('s', 'taken back', 1)).to.equal(false);
    block.release(transaction);
    expect(block.use('s', 'taken back', 1)).to.equal(true);
    expect(block.isUsed('s', 'kept', 1)).to.equal(true);
    expect(set.openBlock(1).isUsed('s', 'kept', 1)).to.equal(false);
  });

  for (const maxResident of [0, 3, 700, undefined]) {
    it(`give the same answers with ${maxResident ?? 'all'} fingerprints in memory, and after a restart`, async () => {
      const options = maxResident === undefined ? {} : { maxResident };
      let set = await openUsedOnceSet(options, { database });
      const used: [string, string, number][] = [];
      for (let height = 1; height <= 30; height++) {
        const entries = Array.from({ length: 40 }, (_, index): [string, string, number] => [
          'pay',
          `${height}-${index}`,
          100 + ((height * index) % 4),
        ]);
        await commit(set, height, entries);
        used.push(...entries);
        if (height % 10 === 0) {
          await chain.close();
          database = await chain.open();
          set = await openUsedOnceSet(options, { database });
        }
      }
      for (const [scope, reference, day] of used) {
        expect(set.has(scope, reference, day)).to.equal(true);
        expect(set.has(scope, `${reference}x`, day)).to.equal(false);
        expect(set.has(scope, reference, 99)).to.equal(false);
        expect(set.has(scope, reference, day + 4)).to.equal(false);
      }
      expect(set.resident).to.be.at.most(maxResident ?? used.length);
      let rows = 0;
      for await (const _row of database.usedOnceFingerprints.entries()) rows++;
      if (maxResident === undefined) expect(rows).to.be.at.most(30);
    });
  }
});
