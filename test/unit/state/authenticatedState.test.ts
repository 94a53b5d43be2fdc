import { expect } from 'chai';
import { pooledSha256 } from '../../../node/nativeSha256.js';
import { type AuthenticatedState, openAuthenticatedState } from '../../../node/state/authenticatedState.js';
import { newPage, TaggedHasher } from '../../../node/state/treeHash.js';
import type { PreparedState } from '../../../node/state/types.js';
import { verifyDatabase } from '../../../node/state/verifyDatabase.js';
import type { LevelChainDatabase } from '../../../node/storage/chainDatabase.js';
import type { KeyChunk } from '../../../node/storage/types.js';
import { toHex } from '../../../primitives/bytes.js';
import { TAGS } from '../../../primitives/hash.js';
import { pureHasher } from '../../../primitives/merkle.js';
import { nobleBackend } from '../../../primitives/signature.js';
import {
  stateKeyHash,
  statePageHash,
  statePath,
  stateRootHash,
  stateValueHash,
} from '../../../primitives/stateTree.js';
import { bytesOf, naiveStateRoot } from '../../support/naiveStateTree.js';
import { errorOf, rejectionOf } from '../../support/rejection.js';
import { apart } from '../../support/storedValues.js';
import { putTestHead, TemporaryChain, testHeader } from '../../support/temporaryChain.js';

const SHAPE = { treeDepth: 3, pageEntries: 2 };
const value = (text: string) => bytesOf(text);

describe('the authenticated state', () => {
  let chain: TemporaryChain;
  let database: LevelChainDatabase;
  let state: AuthenticatedState;

  beforeEach(async () => {
    chain = await TemporaryChain.create();
    database = await chain.open();
    state = await openAuthenticatedState({ ...SHAPE, flushAfterCommits: 0 }, { database, hasher: pureHasher });
  });

  afterEach(async () => {
    await chain.remove();
  });

  async function commit(changes: Map<string, Uint8Array | undefined>): Promise<void> {
    await commitPrepared(state.prepare(changes));
  }

  async function commitPrepared(prepared: PreparedState): Promise<void> {
    const batch = database.batch();
    state.commit(prepared, batch);
    const head = database.head();
    const height = (head?.height ?? -1) + 1;
    putTestHead(database, batch, testHeader(height, prepared.root, head && { parentHash: head.blockHash }));
    await batch.write();
  }

  it('is the empty tree at first', () => {
    expect(toHex(state.root())).to.equal(toHex(naiveStateRoot(new Map(), SHAPE)));
  });

  it('hashes natively what primitives hash in JavaScript', () => {
    for (const length of [0, 1, 31, 32, 255, 256, 257, 5_000]) {
      const bytes = new Uint8Array(length).fill(length);
      expect(new TaggedHasher(TAGS.stateKey).hash(bytes)).to.deep.equal(stateKeyHash(bytes));
      expect(new TaggedHasher(TAGS.stateValue).hash(bytes)).to.deep.equal(stateValueHash(bytes));
    }
    const way = stateKeyHash(value('way'));
    for (const depth of [1, 7, 8, 9, 255, 256]) {
      const empty = new Uint8Array(0);
      expect(pooledSha256(newPage(way, depth, 0))).to.deep.equal(statePageHash(statePath(way, depth), depth, empty));
    }
    expect(stateRootHash(SHAPE, way, pooledSha256)).to.deep.equal(stateRootHash(SHAPE, way));
  });

  it('does not depend on the order in which keys came, and forgets what was added and deleted', async () => {
    const keys = Array.from({ length: 40 }, (_, number) => `key${number}`);
    await commit(new Map(keys.slice(0, 20).map((key) => [key, value(key)])));
    const before = toHex(state.root());
    for (const key of keys.slice(20).reverse()) await commit(new Map([[key, value(key)]]));
    const all = toHex(state.root());
    expect(all).to.equal(toHex(naiveStateRoot(new Map(keys.map((key) => [key, value(key)])), SHAPE)));
    await commit(new Map(keys.slice(20).map((key) => [key, undefined])));
    expect(toHex(state.root())).to.equal(before);
    for (const key of keys) await commit(new Map([[key, undefined]]));
    expect(toHex(state.root())).to.equal(toHex(naiveStateRoot(new Map(), SHAPE)));
    const rows: unknown[] = [];
    for await (const [row] of database.stateLog.entries()) rows.push(row);
    for await (const [row] of database.valueLog.entries()) rows.push(row);
    for await (const [key] of database.stateValues.entries()) rows.push(key);
    for await (const [page] of database.statePages.entries()) rows.push(page);
    for await (const [name] of database.orderedKeys.entries()) rows.push(name);
    expect(rows).to.deep.equal([]);
  });

  it('has pages as large as genesis says', async () => {
    const shape = { treeDepth: 1, pageEntries: 400 };
    const large = await openAuthenticatedState(shape, { database, hasher: pureHasher });
    const model = new Map(Array.from({ length: 500 }, (_, number) => [`key${number}`, value(`${number}`)]));
    for (const round of [0, 1]) {
      for (const [key, bytes] of model) model.set(key, value(`${round}${bytes[0]}`));
      const batch = database.batch();
      large.commit(large.prepare(model), batch);
      await batch.write();
      expect(toHex(large.root())).to.equal(toHex(naiveStateRoot(model, shape)));
    }
  });

  it('has another root after any change of a key or a value', async () => {
    const roots = new Set([toHex(state.root())]);
    const steps: readonly [string, Uint8Array | undefined][] = [
      ['a', value('1')],
      ['a', value('2')],
      ['a', value('')],
      ['b', value('')],
      ['a', undefined],
    ];
    for (const [key, bytes] of steps) {
      await commit(new Map([[key, bytes]]));
      roots.add(toHex(state.root()));
    }
    expect(roots.size).to.equal(steps.length + 1);
  });

  it('lets several candidates for one height stand beside each other, and takes one of them', async () => {
    await commit(new Map([['shared', value('0')]]));
    const before = toHex(state.root());
    const one = state.prepare(new Map([['x', value('1')]]));
    const two = state.prepare(new Map([['x', value('2')]]));
    const again = state.prepare(new Map([['x', value('1')]]));
    expect(toHex(one.root)).to.equal(toHex(again.root)).and.not.equal(toHex(two.root));
    expect(toHex(state.root())).to.equal(before);
    expect(state.get('x')).to.equal(undefined);
    const batch = database.batch();
    state.commit(two, batch);
    await batch.write();
    expect(state.get('x')).to.deep.equal(value('2'));
    expect(toHex(state.root())).to.equal(toHex(two.root));
    const late = database.batch();
    expect(errorOf(() => state.commit(one, late)).message).to.match(/parent/);
    expect(errorOf(() => state.commit(two, late)).message).to.match(/parent/);
  });

  it('commits what it computed the root of, whatever became of the changes since', async () => {
    const changes = new Map([['x', value('1')]]);
    const prepared = state.prepare(changes);
    changes.set('x', value('2'));
    changes.set('y', value('3'));
    const batch = database.batch();
    state.commit(prepared, batch);
    await batch.write();
    expect(state.get('x')).to.deep.equal(value('1'));
    expect(state.get('y')).to.equal(undefined);
    expect(toHex(state.root())).to.equal(toHex(naiveStateRoot(new Map([['x', value('1')]]), SHAPE)));
  });

  it('is read by nobody while a height is being written', async () => {
    const batch = database.batch();
    const prepared = state.prepare(new Map([['x', value('1')]]));
    state.commit(prepared, batch);
    const calls: (() => unknown)[] = [
      () => state.get('x'),
      () => state.range('', 1),
      () => state.prepare(new Map()),
      () => state.prove('x'),
      () => state.commit(prepared, batch),
    ];
    for (const call of calls) expect(errorOf(call).code).to.equal('INVARIANT_BROKEN');
    await batch.write();
    expect(state.get('x')).to.deep.equal(value('1'));
  });

  it('commits nothing that another state prepared', async () => {
    const other = await openAuthenticatedState(SHAPE, { database, hasher: pureHasher });
    const batch = database.batch();
    expect(errorOf(() => state.commit(other.prepare(new Map()), batch)).code).to.equal('INVARIANT_BROKEN');
    batch.discard();
  });

  it('ranges in the order of the bytes, within the prefix, in portions', async () => {
    const keys = ['m/\xff', 'm/a', 'm/\x80', 'm/a/', 'm', 'n', 'l\xff', 'm/Z'];
    await commit(new Map(keys.map((key) => [key, value(key)])));
    const sorted = ['m/Z', 'm/a', 'm/a/', 'm/\x80', 'm/\xff'];
    const names = (prefix: string, limit: number, after?: string) =>
      state.range(prefix, limit, after).map((e) => e.key);
    expect(names('m/', 10)).to.deep.equal(sorted);
    expect(names('m/', 2)).to.deep.equal(sorted.slice(0, 2));
    expect(names('m/', 2, 'm/a')).to.deep.equal(sorted.slice(2, 4));
    expect(names('m/', 2, 'a')).to.deep.equal(sorted.slice(0, 2));
    expect(names('m/', 2, 'z')).to.deep.equal([]);
    expect(names('', 100)).to.have.length(keys.length);
    for (const limit of [0, -1, 1.5, 10_001]) {
      expect(errorOf(() => state.range('m/', limit)).code).to.equal('INVARIANT_BROKEN');
    }
  });

  it('keeps an order only for keys that are declared as ordered', async () => {
    const isOrdered = (key: string) => key.startsWith('o/');
    state = await openAuthenticatedState({ ...SHAPE, isOrdered }, { database, hasher: pureHasher });
    await commit(new Map(['o/1', 'h/1', 'o/2'].map((key) => [key, value(key)])));
    expect(state.range('o/', 10).map(({ key }) => key)).to.deep.equal(['o/1', 'o/2']);
    expect(errorOf(() => state.range('h/', 10)).code).to.equal('INVARIANT_BROKEN');
    expect(state.get('h/1')).to.deep.equal(value('h/1'));
  });

  it('takes no key that is not made of bytes, and no value beyond its bound', () => {
    expect(errorOf(() => state.get('€')).code).to.equal('INVARIANT_BROKEN');
    expect(errorOf(() => state.prepare(new Map([['€', value('')]]))).code).to.equal('INVARIANT_BROKEN');
    const large = new Map([['large', new Uint8Array(1_048_577)]]);
    expect(errorOf(() => state.prepare(large)).code).to.equal('INVARIANT_BROKEN');
  });

  it('reads the same with a cache that holds nothing', async () => {
    const options = { ...SHAPE, cachedValues: 1, pageCacheBytes: 1, flushAfterCommits: 2, maxDirtyPages: 5 };
    state = await openAuthenticatedState(options, { database, hasher: pureHasher });
    const keys = Array.from({ length: 60 }, (_, number) => `key${number}`);
    for (const key of keys) await commit(new Map([[key, value(key)]]));
    for (const key of keys) expect(state.get(key)).to.deep.equal(value(key));
    const model = new Map(keys.map((key) => [key, value(key)]));
    expect(toHex(state.root())).to.equal(toHex(naiveStateRoot(model, SHAPE)));
  });

  it('reads what a commit made of a key that was forgotten and read again since it was prepared', async () => {
    const options = { ...SHAPE, cachedValues: 50, flushAfterCommits: 0 };
    const others = Array.from({ length: 200 }, (_, number) => `other${number}`);
    await commit(new Map(others.map((key) => [key, value(key)])));
    await commit(new Map([['key', value('before')]]));
    state = await openAuthenticatedState(options, { database, hasher: pureHasher });
    expect(state.get('key')).to.deep.equal(value('before'));
    const prepared = state.prepare(new Map([['key', value('after')]]));
    for (const key of others) for (let time = 0; time < 2; time++) state.get(key);
    expect(state.get('key')).to.deep.equal(value('before'));
    await commitPrepared(prepared);
    expect(state.get('key')).to.deep.equal(value('after'));
  });

  it('goes on after a restart from older pages and the log', async () => {
    const shape = { treeDepth: 1, pageEntries: 16 };
    const open = async (flushAfterCommits: number) => {
      await chain.close();
      database = await chain.open();
      state = await openAuthenticatedState({ ...shape, flushAfterCommits }, { database, hasher: pureHasher });
    };
    const model = new Map(Array.from({ length: 10 }, (_, number) => [`key${number}`, value('written')]));
    await open(0);
    await commit(model);
    for (const key of model.keys()) {
      await open(100);
      model.set(key, value('in the log'));
      await commit(new Map([[key, value('in the log')]]));
      expect(toHex(state.root())).to.equal(toHex(naiveStateRoot(model, shape)));
    }
    await open(0);
    await commit(new Map());
    for await (const [row] of database.stateLog.entries()) expect.fail(`row ${row} is in the log`);
    await open(0);
    expect(toHex(state.root())).to.equal(toHex(naiveStateRoot(model, shape)));
  });

  it('keeps a log that a restart can go through: no longer and no larger than it may be', async () => {
    const limits = { flushAfterCommits: 6, maxLogEntries: 20 };
    state = await openAuthenticatedState({ ...SHAPE, ...limits }, { database, hasher: pureHasher });
    for (let height = 0; height < 60; height++) {
      const count = height < 30 ? 1 : height % 12;
      const keys = Array.from({ length: count }, (_, index) => `key${(height * 7 + index) % 50}`);
      await commit(new Map(keys.map((key) => [key, value(`${height}`)])));
      let rows = 0;
      let entries = 0;
      for await (const [, row] of database.stateLog.entries()) {
        rows++;
        entries += row.length / 64;
      }
      expect(rows).to.be.at.most(limits.flushAfterCommits);
      expect(entries).to.be.at.most(limits.maxLogEntries);
    }
    // More than a quarter of the log: it would leave it all at once, too, and hold up a small block.
    const large = Array.from({ length: 6 }, (_, index) => `large${index}`);
    await commit(new Map(large.map((key) => [key, value(key)])));
    for await (const [row] of database.stateLog.entries()) expect.fail(`row ${row} is in the log`);
  });

  it('keeps a log of values that a restart can go through, and no more values in memory than it may', async () => {
    const limits = { flushAfterCommits: 100, maxDirtyValues: 15, maxValueLogBytes: 1_000 };
    const open = async () => {
      state = await openAuthenticatedState({ ...SHAPE, ...limits }, { database, hasher: pureHasher });
    };
    await open();
    const model = new Map<string, Uint8Array>();
    let longest = 0;
    for (let height = 0; height < 40; height++) {
      const keys = Array.from({ length: height % 12 }, (_, index) => `key${(height * 7 + index * 3) % 50}`);
      const changes = new Map(keys.map((key) => [key, key.endsWith('9') ? undefined : value(`${height}`)]));
      await commit(changes);
      for (const [key, bytes] of changes) {
        if (bytes === undefined) model.delete(key);
        else model.set(key, bytes);
      }
      const waiting = new Set<string>();
      let sizeBytes = 0;
      for await (const [, row] of database.valueLog.entries()) {
        for (const { key, value: bytes } of row) {
          sizeBytes += 6 + key.length + (bytes?.length ?? 0);
          waiting.add(key);
        }
      }
      longest = Math.max(longest, waiting.size);
      expect(sizeBytes).to.be.at.most(limits.maxValueLogBytes);
      if (height % 10 === 0) await open();
      for (let number = 0; number < 50; number++) {
        expect(state.get(`key${number}`)).to.deep.equal(model.get(`key${number}`));
      }
    }
    expect(longest).to.be.at.least(limits.maxDirtyValues);
    const large = new Map([['large', value('x'.repeat(251))]]);
    await commit(large);
    for await (const [row] of database.valueLog.entries()) expect.fail(`row ${row} is in the log`);
    expect(database.stateValues.get('large')).to.deep.equal(apart(large.get('large') as Uint8Array));
  });

  describe('values beside their keys', () => {
    /** Of keys that have one; whatever chunk it stands in. */
    async function listed(): Promise<string[]> {
      const found: string[] = [];
      for await (const [, { keys, values }] of database.orderedKeys.entries()) {
        for (const [index, key] of keys.entries()) if (values[index] !== undefined) found.push(key);
      }
      return found;
    }

    const keys = Array.from({ length: 70 }, (_, number) => `key${100 + number}`);
    const expectAll = (model: ReadonlyMap<string, Uint8Array>) =>
      expect(state.range('', 1_000)).to.deep.equal([...model].map(([key, bytes]) => ({ key, value: bytes })));
    const reopened = async (flushAfterCommits: number) => {
      await chain.close();
      database = await chain.open();
      state = await openAuthenticatedState({ ...SHAPE, flushAfterCommits }, { database, hasher: pureHasher });
    };

    it('stand there from when they are new until they change, and longer ones never', async () => {
      const model = new Map(keys.map((key) => [key, value(key)]));
      model.set('key120', new Uint8Array(64).fill(1)).set('key121', new Uint8Array(65).fill(1));
      await commit(model);
      expect(await listed()).to.deep.equal(keys.filter((key) => key !== 'key121'));
      expectAll(model);
      const changes = new Map(['key100', 'key131', 'key169'].map((key) => [key, value('changed')]));
      await commit(changes);
      for (const [key, bytes] of changes) model.set(key, bytes);
      expect(await listed()).to.deep.equal(keys.filter((key) => key !== 'key121' && !changes.has(key)));
      expectAll(model);
      await commit(
        new Map([
          ['key131', undefined],
          ['key132', undefined],
        ]),
      );
      await commit(new Map([['key131', value('new')]]));
      model.set('key131', value('new')).delete('key132');
      expect(await listed())
        .to.include('key131')
        .and.not.include('key132');
      expectAll(model);
    });

    it('are known to be there after a restart: a change then takes them away', async () => {
      for (const flushAfterCommits of [0, 100]) {
        await reopened(flushAfterCommits);
        const model = new Map(keys.map((key) => [key, value(`${key} ${flushAfterCommits}`)]));
        await commit(new Map(keys.map((key) => [key, undefined])));
        await commit(model);
        for (const [at, key] of keys.slice(0, 3).entries()) {
          await reopened(flushAfterCommits);
          await commit(new Map([[key, value('changed')]]));
          model.set(key, value('changed'));
          expect(await listed()).to.deep.equal(keys.slice(at + 1));
          expectAll(model);
        }
      }
    });

    it('come back where a range has found them at rest, and not where they have changed of late', async () => {
      await reopened(2);
      const model = new Map(keys.map((key) => [key, value(key)]));
      await commit(model);
      const often = keys.slice(0, 20);
      for (const key of often) model.set(key, value('changed'));
      await commit(model);
      expectAll(model);
      await commit(new Map([['other', value('1')]]));
      expect(await listed(), 'they wait to be written').to.deep.equal(['other']);
      await commit(new Map([['other', value('2')]]));
      expectAll(new Map([...model, ['other', value('2')]]));
      model.set('key105', value('again')).set('other', value('3'));
      await commit(
        new Map([
          ['other', value('3')],
          ['key105', value('again')],
        ]),
      );
      expect(await listed()).to.deep.equal(keys.filter((key) => key !== 'key105'));
      expectAll(model);
      await reopened(2);
      expectAll(model);
      await commit(new Map([['key106', value('once more')]]));
      expectAll(model.set('key106', value('once more')));
    });

    it('do not come back for a few of them, nor for more than one commit may write', async () => {
      await reopened(0);
      const many = Array.from({ length: 2_100 }, (_, number) => `key${10_000 + number}`);
      await commit(new Map(many.map((key) => [key, value('1')])));
      await commit(new Map(many.map((key) => [key, value('2')])));
      for (const after of many.slice(0, 50)) state.range('key1', 7, after);
      await commit(new Map());
      expect(await listed()).to.deep.equal([]);
      for (let at = 0; at < many.length; at += 256) state.range('key1', 256, many[at]);
      await commit(new Map());
      expect(await listed()).to.have.length(2_048);
    });
  });

  it('does not open under a head that names another root, or with another shape', async () => {
    await commit(new Map([['x', value('1')]]));
    const other = openAuthenticatedState({ treeDepth: 3, pageEntries: 4 }, { database, hasher: pureHasher });
    expect((await rejectionOf(other)).code).to.equal('STATE_ROOT_MISMATCH');
    const deeper = openAuthenticatedState({ treeDepth: 4, pageEntries: 2 }, { database, hasher: pureHasher });
    expect((await rejectionOf(deeper)).code).to.equal('STATE_PAGES_INCONSISTENT');
  });
});

describe('verification of the state', () => {
  let chain: TemporaryChain;
  let database: LevelChainDatabase;

  beforeEach(async () => {
    chain = await TemporaryChain.create();
    database = await chain.open();
    const state = await openAuthenticatedState({ ...SHAPE, flushAfterCommits: 0 }, { database, hasher: pureHasher });
    const keys = Array.from({ length: 30 }, (_, number) => `key${number}`);
    const batch = database.batch();
    state.commit(state.prepare(new Map(keys.map((key) => [key, value(key)]))), batch);
    await batch.write();
  });

  afterEach(async () => {
    await chain.remove();
  });

  async function faultsAfter(damage: (batch: ReturnType<LevelChainDatabase['batch']>) => void): Promise<string[]> {
    const batch = database.batch();
    damage(batch);
    await batch.write();
    const report = await verifyDatabase(SHAPE, { database, hasher: pureHasher, signatures: nobleBackend });
    return [...new Set(report.faults.map(({ code }) => code))];
  }

  it('finds nothing wrong with what was written', async () => {
    const report = await verifyDatabase(SHAPE, { database, hasher: pureHasher, signatures: nobleBackend });
    expect(report.faults).to.deep.equal([]);
    expect(report.stateKeys).to.equal(30);
  });

  it('finds a value that is not the one in the tree', async () => {
    const codes = await faultsAfter((batch) => database.stateValues.put(batch, 'key7', apart(value('more'))));
    expect(codes).to.deep.equal(['STATE_VALUE_MISMATCH', 'STATE_INDEX_MISMATCH']);
  });

  it('finds a value that is gone', async () => {
    const codes = await faultsAfter((batch) => database.stateValues.delete(batch, 'key7'));
    expect(codes).to.include('STATE_COUNT_MISMATCH').and.include('STATE_INDEX_MISMATCH');
  });

  it('finds a value that nobody wrote', async () => {
    const codes = await faultsAfter((batch) => database.stateValues.put(batch, 'key70', apart(value('1'))));
    expect(codes).to.include('STATE_KEY_UNKNOWN').and.include('STATE_INDEX_MISMATCH');
  });

  it('finds a value of the log that is not the one in the tree', async () => {
    const codes = await faultsAfter((batch) =>
      database.valueLog.put(batch, 1, [{ key: 'key7', value: value('more') }]),
    );
    expect(codes).to.deep.equal(['STATE_VALUE_MISMATCH', 'STATE_INDEX_MISMATCH']);
  });

  it('finds a value that only the log deletes', async () => {
    const codes = await faultsAfter((batch) => database.valueLog.put(batch, 1, [{ key: 'key7', value: undefined }]));
    expect(codes).to.include('STATE_COUNT_MISMATCH').and.include('STATE_INDEX_MISMATCH');
  });

  it('finds a value that only the log has', async () => {
    const codes = await faultsAfter((batch) => database.valueLog.put(batch, 1, [{ key: 'key70', value: value('1') }]));
    expect(codes).to.include('STATE_KEY_UNKNOWN').and.include('STATE_INDEX_MISMATCH');
  });

  it('finds an order that lost a key', async () => {
    const codes = await faultsAfter((batch) =>
      database.orderedKeys.put(batch, '', { keys: ['key1'], values: [undefined] }),
    );
    expect(codes).to.deep.equal(['STATE_INDEX_MISMATCH']);
  });

  it('finds a value that the order has, and its row does not say so', async () => {
    const codes = await faultsAfter((batch) => database.stateValues.put(batch, 'key7', apart(value('key7'))));
    expect(codes).to.deep.equal(['STATE_INDEX_MISMATCH']);
  });

  it('finds another value in the order, and one that is not there', async () => {
    for (const listed of [value('more'), undefined]) {
      const codes = await faultsAfter((batch) => {
        const { keys, values } = database.orderedKeys.get('') as KeyChunk;
        database.orderedKeys.put(batch, '', { keys, values: [listed, ...values.slice(1)] });
      });
      expect(codes).to.deep.equal(['STATE_INDEX_MISMATCH']);
    }
  });

  it('finds a row that nothing explains', async () => {
    const codes = await faultsAfter((batch) => batch.putRow(Uint8Array.of(200), value('?')));
    expect(codes).to.deep.equal(['ROW_UNKNOWN']);
  });
});
