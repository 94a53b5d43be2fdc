import { expect } from 'chai';
import fc from 'fast-check';
import type { StateEntry } from '../../../contracts/api/host.js';
import {
  type AuthenticatedState,
  type AuthenticatedStateOptions,
  openAuthenticatedState,
  openStateTree,
} from '../../../node/state/authenticatedState.js';
import { chooseBulkHasher } from '../../../node/state/bulkHasher.js';
import type { PreparedState } from '../../../node/state/types.js';
import { currentValues } from '../../../node/state/valueStore.js';
import { verifyState } from '../../../node/state/verifyState.js';
import type { LevelChainDatabase } from '../../../node/storage/chainDatabase.js';
import { type Fault, FaultList } from '../../../node/storage/faultList.js';
import { toHex } from '../../../primitives/bytes.js';
import { pureHasher } from '../../../primitives/merkle.js';
import type { StateTreeShape } from '../../../primitives/stateTree.js';
import { naiveStateRoot } from '../../support/naiveStateTree.js';
import { putTestHead, TemporaryChain, testHeader } from '../../support/temporaryChain.js';

type Model = Map<string, Uint8Array>;
type Changes = Map<string, Uint8Array | undefined>;

/** Few keys and small pages: every run splits, collapses and empties. */
const SHAPES: readonly StateTreeShape[] = [
  { treeDepth: 1, pageEntries: 1 },
  { treeDepth: 2, pageEntries: 2 },
  { treeDepth: 3, pageEntries: 4 },
];
/** Pages are written at once, soon, or when there are too many; a restart then finds old pages and a log. */
const writing: fc.Arbitrary<Partial<AuthenticatedStateOptions>> = fc.constantFrom(
  { flushAfterCommits: 0 },
  { flushAfterCommits: 2, pageCacheBytes: 1 },
  { flushAfterCommits: 100, maxDirtyPages: 3 },
  { flushAfterCommits: 100, maxLogEntries: 45 },
  { flushAfterCommits: 100, maxDirtyValues: 4, cachedValues: 1 },
  { flushAfterCommits: 3, maxValueLogBytes: 600, cachedValues: 1 },
  { flushAfterCommits: 100, largeValueBytes: 5, cachedValues: 1 },
  { flushAfterCommits: 3, largeValueBytes: 5, cachedValues: 40 },
  {},
);
const KEYS = Array.from({ length: 61 }, (_, number) => `k${number % 7}\u00ff${number}`);
const key = fc.constantFrom(...KEYS);
const value = fc.option(fc.uint8Array({ maxLength: 40 }), { nil: undefined, freq: 2 });
/** Many changes at once build and tear down; few change values alone, or merge pages beside such. */
const block: fc.Arbitrary<Changes> = fc
  .oneof(
    { weight: 1, arbitrary: fc.array(fc.tuple(key, value), { maxLength: 40 }) },
    { weight: 2, arbitrary: fc.array(fc.tuple(key, value), { maxLength: 4 }) },
  )
  .map((pairs) => new Map<string, Uint8Array | undefined>(pairs));
const blocks = fc.array(block, { minLength: 1, maxLength: 16 });
/** What is asked, and what else is prepared, between the preparation of a block and its commit. */
const meanwhile = fc.record({
  asked: fc.array(key, { maxLength: 20 }),
  sibling: block,
  range: fc.record({ prefix: fc.constantFrom('', 'k1', 'k6'), after: key, limit: fc.integer({ min: 1, max: 40 }) }),
});
type Asked = { readonly prefix: string; readonly after: string; readonly limit: number };

function applyTo(model: Model, changes: Changes): void {
  for (const [name, bytes] of changes) {
    if (bytes === undefined) model.delete(name);
    else model.set(name, bytes);
  }
}

async function commit(state: AuthenticatedState, database: LevelChainDatabase, prepared: PreparedState): Promise<void> {
  const batch = database.batch();
  const head = database.head();
  const height = (head?.height ?? -1) + 1;
  state.commit(prepared, batch);
  putTestHead(database, batch, testHeader(height, prepared.root, head && { parentHash: head.blockHash }));
  await batch.write();
}

async function walked(database: LevelChainDatabase): Promise<string[][]> {
  const found: string[][] = [];
  const rows = { values: database.stateValues, log: database.valueLog };
  for await (const [name, { value: bytes }] of currentValues(rows)) found.push([name, toHex(bytes)]);
  return found;
}

/** Every key in its order; and from one of them on, under a prefix that some have. */
function expectRanges(state: AuthenticatedState, model: Model, { prefix, after, limit }: Asked): void {
  const all = [...model].sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => ({ key: k, value: toHex(v) }));
  const shown = (entries: readonly StateEntry[]) => entries.map((e) => ({ key: e.key, value: toHex(e.value) }));
  expect(shown(state.range('', 1_000))).to.deep.equal(all);
  const asked = all.filter(({ key: each }) => each.startsWith(prefix) && each > after).slice(0, limit);
  expect(shown(state.range(prefix, limit, after))).to.deep.equal(asked);
}

async function faultsIn(database: LevelChainDatabase, shape: StateTreeShape): Promise<readonly Fault[]> {
  const modules = { database, hasher: pureHasher };
  const { tree } = await openStateTree(shape, modules);
  const faults = new FaultList(100);
  await verifyState({ database, tree, isOrdered: () => true }, faults);
  return faults.faults;
}

function expectValues(state: AuthenticatedState, model: Model, keys: readonly string[]): void {
  for (const each of keys) expect(state.get(each)).to.deep.equal(model.get(each));
}

describe('the authenticated state, against a tree that is computed anew', () => {
  let chain: TemporaryChain;

  beforeEach(async () => {
    chain = await TemporaryChain.create();
  });

  afterEach(async () => {
    await chain.remove();
  });

  async function fresh(): Promise<LevelChainDatabase> {
    await chain.remove();
    chain = await TemporaryChain.create();
    return chain.open();
  }

  async function reopened(): Promise<LevelChainDatabase> {
    await chain.close();
    return chain.open();
  }

  for (const shape of SHAPES) {
    const name = `depth ${shape.treeDepth}, ${shape.pageEntries} entries a page`;

    it(`has the root that the text gives and each value after every block, and after a restart (${name})`, async () => {
      await fc.assert(
        fc.asyncProperty(
          blocks,
          meanwhile,
          writing,
          fc.nat({ max: 12 }),
          async (history, between, options, restartAfter) => {
            const open = (database: LevelChainDatabase) =>
              openAuthenticatedState({ ...shape, ...options }, { database, hasher: chooseBulkHasher().hasher });
            let database = await fresh();
            let state = await open(database);
            const model: Model = new Map();
            for (const [height, changes] of history.entries()) {
              const prepared = state.prepare(changes);
              state.prepare(between.sibling);
              expectValues(state, model, between.asked);
              if (height % 2 === 0) expectRanges(state, model, between.range);
              await commit(state, database, prepared);
              applyTo(model, changes);
              if (height % 3 === 0) expectRanges(state, model, between.range);
              expectValues(state, model, KEYS);
              expect(toHex(state.root())).to.equal(toHex(naiveStateRoot(model, shape)));
              if (height !== restartAfter) continue;
              database = await reopened();
              state = await open(database);
            }
            database = await reopened();
            state = await openAuthenticatedState({ ...shape, ...options }, { database, hasher: pureHasher });
            expect(toHex(state.root())).to.equal(toHex(naiveStateRoot(model, shape)));
            const all = [...model].sort(([a], [b]) => (a < b ? -1 : 1)).map(([k, v]) => [k, toHex(v)]);
            expect(state.range('', 1_000).map((e) => [e.key, toHex(e.value)])).to.deep.equal(all);
            expect(await walked(database), 'as who verifies finds it').to.deep.equal(all);
            expect(await faultsIn(database, shape)).to.deep.equal([]);
          },
        ),
        { numRuns: 40, seed: 20_260 },
      );
    });
  }
});
