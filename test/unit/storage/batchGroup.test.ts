import { expect } from 'chai';
import type { LevelChainDatabase } from '../../../node/storage/chainDatabase.js';
import { InvariantError } from '../../../primitives/errors.js';
import { type Faults, faultyEngine } from '../../support/faultyEngine.js';
import { errorOf, rejectionOf } from '../../support/rejection.js';
import { apart } from '../../support/storedValues.js';
import { TemporaryChain } from '../../support/temporaryChain.js';

const value = (byte: number): Uint8Array => Uint8Array.of(byte);

describe('heights that go to disk as one', () => {
  let chain: TemporaryChain;
  beforeEach(async () => {
    chain = await TemporaryChain.create();
  });
  afterEach(() => chain.remove());

  async function reopened(): Promise<LevelChainDatabase> {
    await chain.close();
    return chain.open();
  }

  it('are read as if they were there, and are there only when the group is written', async () => {
    const database = await chain.open();
    const first = database.batch();
    database.stateValues.put(first, 'a', apart(value(1)));
    database.stateValues.put(first, 'b', apart(value(1)));
    await first.write();
    const group = database.openGroup();
    const applied: number[] = [];
    for (const height of [2, 3]) {
      const batch = database.batch();
      database.stateValues.put(batch, 'a', apart(value(height)));
      database.stateValues.put(batch, `only ${height}`, apart(value(height)));
      if (height === 2) database.stateValues.delete(batch, 'b');
      batch.onWritten(() => applied.push(height));
      expect(database.stateValues.get(`only ${height}`)).to.equal(undefined);
      await batch.write();
      expect(database.stateValues.get('a')).to.deep.equal(apart(value(height)));
    }
    expect(applied).to.deep.equal([2, 3]);
    expect(database.stateValues.get('b')).to.equal(undefined);
    expect(database.stateValues.has('only 2')).to.equal(true);
    expect(group.batchCount).to.equal(2);
    await group.write();
    const again = await reopened();
    expect(again.stateValues.get('a')).to.deep.equal(apart(value(3)));
    expect(again.stateValues.get('b')).to.equal(undefined);
    expect(again.stateValues.get('only 2')).to.deep.equal(apart(value(2)));
  });

  it('leave nothing behind when the process ends before', async () => {
    const database = await chain.open();
    database.openGroup();
    const batch = database.batch();
    database.stateValues.put(batch, 'a', apart(value(1)));
    await batch.write();
    const again = await reopened();
    expect(again.stateValues.get('a')).to.equal(undefined);
  });

  it('poison the database when their write fails', async () => {
    const faults: Faults = { write: false, read: false };
    const database = await chain.open({ openEngine: faultyEngine(faults) });
    const group = database.openGroup();
    const batch = database.batch();
    database.stateValues.put(batch, 'a', apart(value(1)));
    await batch.write();
    faults.write = true;
    expect((await rejectionOf(group.write())).code).to.equal('STORAGE_FAILED');
    expect(errorOf(() => database.stateValues.get('a')).code).to.equal('STORAGE_FAILED');
  });

  it('are one group at a time, used once, and not let go of once memory has followed', async () => {
    const database = await chain.open();
    const group = database.openGroup();
    expect(() => database.openGroup()).to.throw(InvariantError);
    const batch = database.batch();
    database.stateValues.put(batch, 'a', apart(value(1)));
    await batch.write();
    expect(() => group.discard()).to.throw(InvariantError);
    await group.write();
    database.openGroup().discard();
    const after = database.batch();
    database.stateValues.put(after, 'b', apart(value(1)));
    await after.write();
    expect((await reopened()).stateValues.get('b')).to.deep.equal(apart(value(1)));
  });
});
