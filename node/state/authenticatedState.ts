import type { StateEntry, StateKey } from '../../contracts/api/host.js';
import { equalBytes, type Hash, toHex } from '../../primitives/bytes.js';
import { invariant } from '../../primitives/errors.js';
import { TAGS } from '../../primitives/hash.js';
import type { PairHasher } from '../../primitives/merkle.js';
import type { StateProof } from '../../primitives/stateProof.js';
import { requireStateShape, type StateTreeShape, stateRootHash } from '../../primitives/stateTree.js';
import { pooledSha256 } from '../nativeSha256.js';
import { stateKeyCodec } from '../storage/rowCodec.js';
import type { ChainDatabase, HeightBatch } from '../storage/types.js';
import type { Listing } from './chunkEdit.js';
import { StateError } from './errors.js';
import { EFFECT, KeyChanges } from './keyChanges.js';
import type { KnownValue } from './knownValues.js';
import { type LoadedTree, loadTree } from './loadTree.js';
import { OrderedIndex } from './orderedIndex.js';
import type { PageTree } from './pageTree.js';
import { proveKey } from './proveKey.js';
import { QuietValues } from './quietValues.js';
import { TreeChange } from './treeChange.js';
import { TaggedHasher } from './treeHash.js';
import { TreeWriter } from './treeWriter.js';
import type { CommittedState, PreparedState, StateChanges } from './types.js';
import { ValueStore, type ValueWrite } from './valueStore.js';

export interface AuthenticatedStateOptions extends StateTreeShape {
  /** Values in memory that stand in their rows as well: counts keys, and 256 bytes of a value as one more. */
  readonly cachedValues?: number;
  /** Bytes of pages in memory; twice that at most. */
  readonly pageCacheBytes?: number;
  /**
   * Commits that a changed page or value waits before it is written; a restart makes it from the logs. 0 writes it at
   * once.
   */
  readonly flushAfterCommits?: number;
  /** Changed pages that may wait to be written. */
  readonly maxDirtyPages?: number;
  /** Entries of 64 bytes that a restart may have to go through. */
  readonly maxLogEntries?: number;
  /** Changed values that may wait to be written. */
  readonly maxDirtyValues?: number;
  /** Bytes of values that a restart may have to go through. */
  readonly maxValueLogBytes?: number;
  /** Bytes of a value from which on it is written to its own row at once. */
  readonly largeValueBytes?: number;
  /**
   * True for keys of maps that are ranged over; must depend on the key's leading bytes alone, so that it says the same
   * of a range's prefix. All keys when absent.
   */
  readonly isOrdered?: (key: StateKey) => boolean;
}

export interface AuthenticatedStateModules {
  readonly database: ChainDatabase;
  readonly hasher: PairHasher;
}

const DEFAULTS = {
  cachedValues: 262_144,
  pageCacheBytes: 64 * 2 ** 20,
  flushAfterCommits: 1_024,
  maxDirtyPages: 65_536,
  maxLogEntries: 524_288,
  maxDirtyValues: 262_144,
  maxValueLogBytes: 64 * 2 ** 20,
  largeValueBytes: 4_096,
} as const;
/** Entries that one range may give. */
const MAX_RANGE = 10_000;
const MAX_VALUE_BYTES = 1_048_576;

/** What a commit writes of values, and of the ordered index. */
interface ListedWrites {
  readonly writes: readonly ValueWrite[];
  readonly put: readonly Listing[];
  readonly deleted: readonly StateKey[];
}

/** What committing a prepared state takes. */
interface PreparedParts {
  readonly owner: AuthenticatedState;
  /** As they were when the root was computed, in the order of the tree's changes. */
  readonly writes: readonly ValueWrite[];
  readonly tree: TreeChange;
}

/** A root with everything behind it, which only its own state may open. */
class Prepared implements PreparedState {
  readonly root: Hash;
  readonly parentRoot: Hash;
  readonly parts: PreparedParts;

  constructor(parentRoot: Hash, root: Hash, parts: PreparedParts) {
    this.parentRoot = parentRoot;
    this.root = root;
    this.parts = parts;
  }
}

/**
 * Opens the state of the database's head and compares it with the head's header.
 *
 * @throws StateError `STATE_ROOT_MISMATCH`, `STATE_PAGES_INCONSISTENT`; StorageError; StateShapeError
 */
export async function openAuthenticatedState(
  options: AuthenticatedStateOptions,
  modules: AuthenticatedStateModules,
): Promise<AuthenticatedState> {
  const { database } = modules;
  const { tree, log } = await openStateTree(options, modules);
  const index = await OrderedIndex.open(database.orderedKeys);
  const writer = new TreeWriter(
    {
      flushAfterCommits: options.flushAfterCommits ?? DEFAULTS.flushAfterCommits,
      maxDirtyPages: options.maxDirtyPages ?? DEFAULTS.maxDirtyPages,
      maxLogEntries: options.maxLogEntries ?? DEFAULTS.maxLogEntries,
    },
    { tree, pages: database.statePages, log: database.stateLog },
    log,
  );
  const values = await ValueStore.open(
    {
      cachedValues: options.cachedValues ?? DEFAULTS.cachedValues,
      flushAfterCommits: options.flushAfterCommits ?? DEFAULTS.flushAfterCommits,
      maxDirtyValues: options.maxDirtyValues ?? DEFAULTS.maxDirtyValues,
      maxLogBytes: options.maxValueLogBytes ?? DEFAULTS.maxValueLogBytes,
      largeValueBytes: options.largeValueBytes ?? DEFAULTS.largeValueBytes,
    },
    { values: database.stateValues, log: database.valueLog },
  );
  return new AuthenticatedState(options, { tree, writer, index, values });
}

/** The tree that pages and log make, when it is the one that the head's header names. Writes nothing. */
export async function openStateTree(
  options: AuthenticatedStateOptions,
  { database, hasher }: AuthenticatedStateModules,
): Promise<LoadedTree> {
  const shape = requireStateShape({ treeDepth: options.treeDepth, pageEntries: options.pageEntries });
  const treeOptions = { shape, pageCacheBytes: options.pageCacheBytes ?? DEFAULTS.pageCacheBytes };
  const loaded = await loadTree(treeOptions, { pages: database.statePages, log: database.stateLog, hasher });
  const head = database.head();
  if (head === undefined) return loaded;
  const header = database.headers.get(head.height);
  invariant(header !== undefined, 'the head has a header', { height: head.height });
  const root = stateRootHash(shape, loaded.tree.upperHash(1), pooledSha256);
  if (!equalBytes(header.stateRoot, root)) {
    const expected = toHex(header.stateRoot);
    const actual = toHex(root);
    throw new StateError('STATE_ROOT_MISMATCH', `height ${header.height}: expected ${expected}, found ${actual}`, {
      expected,
      actual,
      height: header.height,
      hint: 'the database is damaged or was written with other parameters: fetch the chain anew into an empty home',
    });
  }
  return loaded;
}

/** The state of the head: values in the database, their hashes in the tree. */
export class AuthenticatedState implements CommittedState {
  readonly #values: ValueStore;
  readonly #tree: PageTree;
  readonly #writer: TreeWriter;
  readonly #index: OrderedIndex;
  readonly #quiet = new QuietValues();
  readonly #isOrdered: (key: StateKey) => boolean;
  readonly #keyHasher = new TaggedHasher(TAGS.stateKey);
  readonly #valueHasher = new TaggedHasher(TAGS.stateValue);
  #root: Hash;
  #isCommitting = false;

  constructor(
    options: AuthenticatedStateOptions,
    modules: {
      readonly tree: PageTree;
      readonly writer: TreeWriter;
      readonly index: OrderedIndex;
      readonly values: ValueStore;
    },
  ) {
    this.#values = modules.values;
    this.#tree = modules.tree;
    this.#writer = modules.writer;
    this.#index = modules.index;
    this.#isOrdered = options.isOrdered ?? (() => true);
    this.#root = stateRootHash(this.#tree.shape, this.#tree.upperHash(1), pooledSha256);
  }

  root(): Hash {
    return this.#root.slice();
  }

  get(key: StateKey): Uint8Array | undefined {
    this.#requireIdle();
    return this.#values.get(key).value;
  }

  range(prefix: StateKey, limit: number, after?: StateKey): readonly StateEntry[] {
    this.#requireIdle();
    invariant(Number.isInteger(limit) && limit >= 1 && limit <= MAX_RANGE, 'a range has a limit', {
      expected: `an integer from 1 to ${MAX_RANGE}`,
      actual: `${limit}`,
    });
    invariant(this.#isOrdered(prefix), 'only maps that are declared as ordered are ranged over');
    const quiet: StateEntry[] = [];
    const entries = this.#index.range({ prefix, limit, after }, (key) => {
      const read = this.#values.read(key);
      invariant(read !== undefined, 'a key of the ordered index has a value', {
        hint: 'the database is damaged: run `vostro node verify`',
      });
      const { value, isWaiting = false } = read;
      if (!isWaiting && this.#values.mayBeListed(value)) quiet.push({ key, value });
      return value;
    });
    this.#quiet.add(quiet);
    return entries;
  }

  prepare(changes: StateChanges): PreparedState {
    this.#requireIdle();
    const hashed = new KeyChanges(changes.size);
    const writes: ValueWrite[] = [];
    for (const [key, value] of changes) {
      invariant((value?.length ?? 0) <= MAX_VALUE_BYTES, 'a value of the state is no longer than 1 MiB');
      const known = this.#values.find(key);
      const keyHash = this.#keyHash(key, known);
      hashed.set(writes.length, keyHash, value === undefined ? undefined : this.#valueHasher.hash(value));
      writes.push({ key, keyHash, value, known });
    }
    const tree = new TreeChange(this.#tree, hashed);
    const root = stateRootHash(this.#tree.shape, tree.top(), pooledSha256).slice();
    return new Prepared(this.#root, root, { owner: this, writes, tree });
  }

  commit(prepared: PreparedState, batch: HeightBatch): void {
    this.#requireIdle();
    invariant(prepared instanceof Prepared && prepared.parts.owner === this, 'a state commits what it prepared itself');
    invariant(prepared.parentRoot === this.#root, 'a prepared state is committed on the parent it was made for', {
      expected: toHex(this.#root),
      actual: toHex(prepared.parentRoot),
    });
    this.#isCommitting = true;
    const { tree } = prepared.parts;
    const { writes, put, deleted } = this.#listed(prepared.parts);
    this.#values.write(writes, batch);
    const indexChange = this.#index.change(put, deleted);
    this.#index.write(indexChange, batch);
    const applyTree = this.#writer.write(tree, batch);
    batch.onWritten(() => {
      applyTree();
      this.#index.apply(indexChange);
      this.#root = prepared.root;
      this.#isCommitting = false;
    });
  }

  /**
   * What a commit makes of the ordered index. A new key's value is listed beside it; from its next change on, it is no more, so that what
   * changes again and again rewrites no neighbours; and it is once more when a range has found it at rest.
   */
  #listed({ writes, tree }: PreparedParts): ListedWrites {
    const all: ValueWrite[] = [];
    const put: Listing[] = [];
    const deleted: StateKey[] = [];
    for (const [change, write] of writes.entries()) {
      const { key, value } = write;
      this.#quiet.forget(key);
      const effect = tree.changes.effects[change];
      if (effect === EFFECT.inserted && this.#isOrdered(key)) {
        const isListed = value !== undefined && this.#values.mayBeListed(value);
        put.push({ key, value: isListed ? value : undefined });
        all.push(isListed ? { ...write, isListed } : write);
        continue;
      }
      if (effect === EFFECT.deleted && this.#isOrdered(key)) deleted.push(key);
      if (effect === EFFECT.updated && this.#isOrdered(key) && this.#isListed(write))
        put.push({ key, value: undefined });
      all.push(write);
    }
    for (const { key, value } of this.#quiet.take()) {
      put.push({ key, value });
      all.push({ key, value, isListed: true, keyHash: undefined, known: undefined });
    }
    return { writes: all, put, deleted };
  }

  /** What was prepared on this state found it as it is. */
  #isListed({ key, known }: ValueWrite): boolean {
    return (known ?? this.#values.get(key)).isListed;
  }

  prove(key: StateKey): StateProof {
    this.#requireIdle();
    return proveKey(this.#tree, this.#keyHash(key, this.#values.find(key)));
  }

  #keyHash(key: StateKey, known: KnownValue | undefined): Uint8Array {
    if (known?.keyHash !== undefined) return known.keyHash;
    const keyHash = this.#keyHasher.hash(stateKeyCodec.encode(key));
    if (known !== undefined) known.keyHash = keyHash;
    return keyHash;
  }

  #requireIdle(): void {
    invariant(!this.#isCommitting, 'nobody reads the state while a height is being written', {
      hint: 'the executor does one thing at a time; after a failed write the node stops',
    });
  }
}
