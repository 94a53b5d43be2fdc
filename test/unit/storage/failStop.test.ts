import { expect } from 'chai';
import { openAuthenticatedState } from '../../../node/state/authenticatedState.js';
import { openReferenceSet } from '../../../node/state/referenceSet.js';
import { openLevelEngine } from '../../../node/storage/levelEngine.js';
import { pureHasher } from '../../../primitives/merkle.js';
import { type Faults, faultyEngine } from '../../support/faultyEngine.js';
import { errorOf, rejectionOf } from '../../support/rejection.js';
import { apart } from '../../support/storedValues.js';
import { putTestHead, TemporaryChain, testHeader } from '../../support/temporaryChain.js';

const SHAPE = { treeDepth: 2, pageEntries: 4 };
const VALUE = Uint8Array.of(1, 2, 3);

describe('after the first failure of the database', () => {
  let chain: TemporaryChain;
  let faults: Faults;

  beforeEach(async () => {
    chain = await TemporaryChain.create();
    faults = { write: false, read: false };
  });

  afterEach(async () => {
    await chain.remove();
  });

  it('nothing is acknowledged any more: a failed write is the last call that does anything', async () => {
    const database = await chain.open({ openEngine: faultyEngine(faults) });
    const batch = database.batch();
    let applied = false;
    database.stateValues.put(batch, 'key', apart(VALUE));
    batch.onWritten(() => {
      applied = true;
    });
    const other = database.batch();
    faults.write = true;
    const error = await rejectionOf(batch.write());
    expect(error.code).to.equal('STORAGE_FAILED');
    expect(error.details.actual).to.match(/ENOSPC/);
    faults.write = false;
    expect(applied).to.equal(false);
    const calls: (() => unknown)[] = [
      () => database.stateValues.get('key'),
      () => database.headers.has(0),
      () => database.head(),
      () => database.batch(),
      () => database.stateValues.put(other, 'other', apart(VALUE)),
    ];
    for (const call of calls) expect(errorOf(call).code).to.equal('STORAGE_FAILED');
    expect((await rejectionOf(other.write())).code).to.equal('STORAGE_FAILED');
    expect((await rejectionOf(collect(database.headers.entries()))).code).to.equal('STORAGE_FAILED');
    expect(database.failure).to.equal(error);
  });

  it('a stack that ends in a read says nothing of the disk', async () => {
    let isDeep = false;
    const database = await chain.open({
      openEngine: async (path, options) => {
        const engine = await openLevelEngine(path, options);
        const getSync = (key: Uint8Array) => {
          if (isDeep) throw new RangeError('Maximum call stack size exceeded');
          return engine.getSync(key);
        };
        return { ...engine, getSync };
      },
    });
    isDeep = true;
    expect(() => database.stateValues.get('key')).to.throw(RangeError);
    isDeep = false;
    expect(database.stateValues.get('key')).to.equal(undefined);
    expect(database.failure).to.equal(undefined);
  });

  it('a failed read is no missing row', async () => {
    const database = await chain.open({ openEngine: faultyEngine(faults) });
    faults.read = true;
    expect(errorOf(() => database.stateValues.get('key')).code).to.equal('READ_FAILED');
    faults.read = false;
    expect(errorOf(() => database.stateValues.get('key')).code).to.equal('STORAGE_FAILED');
  });

  it('memory that cannot follow the disk stops the node, too', async () => {
    const database = await chain.open();
    const batch = database.batch();
    database.stateValues.put(batch, 'key', apart(VALUE));
    batch.onWritten(() => {
      throw new RangeError('out of memory');
    });
    expect((await rejectionOf(batch.write())).code).to.equal('STORAGE_FAILED');
    expect(errorOf(() => database.head()).code).to.equal('STORAGE_FAILED');
  });

  it('the state and the references stay what they were, and a restart finds the height before', async () => {
    const database = await chain.open({ openEngine: faultyEngine(faults) });
    const state = await openAuthenticatedState(SHAPE, { database, hasher: pureHasher });
    const references = await openReferenceSet({ windowMs: 1_000 }, { database });
    const sender = `0x${'11'.repeat(20)}` as const;
    const before = state.root();
    const empty = state.prepare(new Map());
    const genesis = database.batch();
    state.commit(empty, genesis);
    putTestHead(database, genesis, testHeader(0, empty.root));
    await genesis.write();
    const prepared = state.prepare(new Map([['key', VALUE]]));
    const batch = database.batch();
    state.commit(prepared, batch);
    const used = references.openBlock(1, 5_000);
    used.use(sender, Uint8Array.of(1), { id: new Uint8Array(32), index: 0 });
    used.commit(batch);
    putTestHead(database, batch, testHeader(1, prepared.root));
    faults.write = true;
    await rejectionOf(batch.write());
    expect(references.size).to.equal(0);
    expect(errorOf(() => state.get('key')).code).to.equal('INVARIANT_BROKEN');
    await chain.close();
    const again = await chain.open();
    const reopened = await openAuthenticatedState(SHAPE, { database: again, hasher: pureHasher });
    expect(reopened.root()).to.deep.equal(before);
    expect(reopened.get('key')).to.equal(undefined);
  });

  it('a batch is used once', async () => {
    const database = await chain.open();
    const written = database.batch();
    await written.write();
    const discarded = database.batch();
    discarded.discard();
    for (const batch of [written, discarded]) {
      expect(errorOf(() => database.stateValues.put(batch, 'key', apart(VALUE))).code).to.equal('INVARIANT_BROKEN');
      expect((await rejectionOf(batch.write())).code).to.equal('INVARIANT_BROKEN');
    }
    expect(database.failure).to.equal(undefined);
  });

  it('a closed database says so', async () => {
    const database = await chain.open();
    await database.close();
    expect(errorOf(() => database.head()).code).to.equal('DATABASE_CLOSED');
  });
});

async function collect<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
