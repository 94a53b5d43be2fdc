import type { StateKey } from '../../contracts/api/host.js';
import { MAX_LISTED_BYTES } from '../storage/stateRows.js';
import type { HeightBatch, Repository, StoredValue, ValueChange } from '../storage/types.js';
import { type KnownValue, KnownValues } from './knownValues.js';

export interface ValueStoreOptions {
  /** Values in memory that stand in their rows as well: counts keys, and 256 bytes of a value as one more. */
  readonly cachedValues: number;
  /** Commits after which a changed value is written to its own row; 0 writes it at once. */
  readonly flushAfterCommits: number;
  /** Changed values that may wait. */
  readonly maxDirtyValues: number;
  /** Bytes of the whole log: what a restart goes through, and about what waits in memory. */
  readonly maxLogBytes: number;
  /** Bytes of a value from which on it is written to its own row at once, and not to the log: twice would cost more than the row. */
  readonly largeValueBytes: number;
}

export interface ValueStoreModules {
  readonly values: Repository<StateKey, StoredValue>;
  readonly log: Repository<number, readonly ValueChange[]>;
}

/** Values that one commit writes because they waited long: a restart must not make one commit write them all. */
const MAX_DUE_VALUES = 8_192;
/**
 * A commit that takes more of the log than one of so many is written through at once: what came together, as a whole state
 * does at height 0, would leave the log together, too, and hold up a small block by seconds.
 */
const LARGE_COMMITS = 4;
/** Bytes of an entry of the log beside key and value. */
const ENTRY_BYTES = 6;

/** Of a change that the log tells. */
const UNKNOWN = { keyHash: undefined, known: undefined } as const;

/** A value that was read alone. */
export interface ReadValue {
  readonly value: Uint8Array;
  /** It has changed of late: its own row is behind. */
  readonly isWaiting?: boolean;
}

/** What a commit makes of a key. */
export interface ValueWrite extends ValueChange {
  /** Where it is known. */
  readonly keyHash: Uint8Array | undefined;
  /** As `find` gave it, so that it need not be looked up again. */
  readonly known: KnownValue | undefined;
}

/**
 * The state's values in memory and on disk. Balances change again and again, and a row of its own costs much more than its
 * bytes: so a commit writes all of its values as one row of a log, and a value's own row only when it has waited for
 * some commits. A value is what the newest row of the log says, or else its own row. A large one goes to its own row at
 * once, and the log says so, lest an older row of it counts.
 */
export class ValueStore {
  readonly #options: ValueStoreOptions;
  readonly #modules: ValueStoreModules;
  readonly #known: KnownValues;
  /** Those whose own rows are behind, those that wait longest first: a value that changes again keeps its turn. */
  #waiting: (KnownValue | undefined)[] = [];
  /** Those before it are written. */
  #firstWaiting = 0;
  #firstRow = 0;
  /** Bytes of each row of the log, from the first on. */
  #rowBytes: number[] = [];

  private constructor(options: ValueStoreOptions, modules: ValueStoreModules) {
    this.#options = options;
    this.#modules = modules;
    this.#known = new KnownValues(options.cachedValues);
  }

  /** Reads the log. Writes nothing. */
  static async open(options: ValueStoreOptions, modules: ValueStoreModules): Promise<ValueStore> {
    const store = new ValueStore(options, modules);
    for await (const [row, changes] of modules.log.entries()) {
      if (store.#rowBytes.length === 0) store.#firstRow = row;
      store.#rowBytes.push(bytesOf(changes));
      for (const change of changes) {
        const { key, value, isListed = false } = change;
        // A copy: a view would keep the whole row in memory.
        if (change.isInRow !== true) store.#take({ key, value: value?.slice(), isListed, ...UNKNOWN }, row);
        else store.#takeFromRow(key);
      }
    }
    return store;
  }

  /** What memory knows of the key: reads nothing. */
  find(key: StateKey): KnownValue | undefined {
    return this.#known.find(key);
  }

  get(key: StateKey): KnownValue {
    const known = this.#known.find(key);
    if (known !== undefined) return known;
    const stored = this.#modules.values.get(key);
    return this.#known.addRead(key, stored?.value, stored?.isListed);
  }

  /** As one of very many that are read once: memory does not learn it, and so forgets nothing else for it. */
  read(key: StateKey): ReadValue | undefined {
    const known = this.#known.peek(key);
    if (known === undefined) return this.#modules.values.get(key);
    return known.value && { value: known.value, isWaiting: known.since !== undefined };
  }

  /** Puts the rows of one commit into the batch: from here on this is of use only when they are written. */
  write(writes: readonly ValueWrite[], batch: HeightBatch): void {
    const { values, log } = this.#modules;
    const commit = this.#firstRow + this.#rowBytes.length;
    const logged = writes.map((write): ValueChange => {
      if (!this.#isLarge(write)) {
        this.#take(write, commit);
        return write;
      }
      const { key, value } = write;
      values.put(batch, key, { value, isListed: false });
      this.#takeLarge(write);
      return { key, value: undefined, isInRow: true };
    });
    const newBytes = bytesOf(logged);
    const firstNeeded = this.#flush(commit, this.#oldestAllowed(newBytes), ({ key, value, isListed }) => {
      if (value === undefined) values.delete(batch, key);
      else values.put(batch, key, { value, isListed });
    });
    // A row that is kept holds all of its commit's values: an older row may name those that are written by now.
    if (firstNeeded <= commit) log.put(batch, commit, logged);
    for (let row = this.#firstRow; row < Math.min(firstNeeded, commit); row++) log.delete(batch, row);
    this.#rowBytes.push(newBytes);
    this.#rowBytes.splice(0, firstNeeded - this.#firstRow);
    this.#firstRow = firstNeeded;
  }

  #take({ key, value, isListed = false, keyHash, known }: ValueWrite, commit: number): void {
    const current = this.#current(key, known);
    if (current === undefined) {
      this.#waiting.push(this.#known.addWritten(key, value, keyHash, commit, isListed));
      return;
    }
    if (current.since === undefined) {
      this.#known.keep(current, commit);
      this.#waiting.push(current);
    }
    current.value = value;
    current.keyHash = keyHash ?? current.keyHash;
    current.isListed = isListed;
  }

  /** Whether the ordered index may have it beside its key: of a large value the log would not say so. */
  mayBeListed(value: Uint8Array): boolean {
    return value.length <= MAX_LISTED_BYTES && value.length < this.#options.largeValueBytes;
  }

  #isLarge(write: ValueWrite): write is LargeWrite {
    return (write.value?.length ?? 0) >= this.#options.largeValueBytes;
  }

  /** One that waits goes on waiting, and is written again in its turn. */
  #takeLarge({ key, value, keyHash, known }: LargeWrite): void {
    const current = this.#current(key, known);
    if (current === undefined) {
      this.#known.addRead(key, value).keyHash = keyHash;
      return;
    }
    const stood = current.since === undefined;
    if (stood) this.#known.keep(current, 0);
    current.value = value;
    current.keyHash = keyHash ?? current.keyHash;
    current.isListed = false;
    if (stood) this.#known.letGo(current);
  }

  /** One that was forgotten since may have been read again, by another object. */
  #current(key: StateKey, known: KnownValue | undefined): KnownValue | undefined {
    return known === undefined || known.isForgotten ? this.#known.find(key) : known;
  }

  /** At the start: what older rows of the log say of the key is old. */
  #takeFromRow(key: StateKey): void {
    const known = this.#known.find(key);
    if (known === undefined) return;
    known.value = this.#modules.values.get(key)?.value;
    known.isListed = false;
  }

  /** Hands over what has waited long enough, and what must not wait. @returns the first row of the log that is needed */
  #flush(commit: number, oldestAllowed: number, put: (known: KnownValue) => void): number {
    const { flushAfterCommits, maxDirtyValues } = this.#options;
    let due = flushAfterCommits === 0 ? Number.POSITIVE_INFINITY : MAX_DUE_VALUES;
    for (; this.#firstWaiting < this.#waiting.length; this.#firstWaiting++) {
      const known = this.#waiting[this.#firstWaiting] as KnownValue;
      const since = known.since as number;
      const isDue = commit - since >= flushAfterCommits && due-- > 0;
      const count = this.#waiting.length - this.#firstWaiting;
      if (!isDue && since >= oldestAllowed && count <= maxDirtyValues) {
        this.#dropWritten();
        return since;
      }
      put(known);
      this.#waiting[this.#firstWaiting] = undefined;
      this.#known.letGo(known);
    }
    this.#dropWritten();
    return commit + 1;
  }

  /** Once they are half of the list: each is moved once on average. */
  #dropWritten(): void {
    if (2 * this.#firstWaiting < this.#waiting.length) return;
    this.#waiting = this.#waiting.slice(this.#firstWaiting);
    this.#firstWaiting = 0;
  }

  /** The first row that the log may keep beside one of `newBytes`; the one after the commit itself where none may stay. */
  #oldestAllowed(newBytes: number): number {
    let row = this.#firstRow + this.#rowBytes.length + 1;
    if (newBytes * LARGE_COMMITS > this.#options.maxLogBytes) return row;
    let total = newBytes;
    while (total <= this.#options.maxLogBytes && row > this.#firstRow) {
      row--;
      total += this.#rowBytes[row - 1 - this.#firstRow] ?? 0;
    }
    return row;
  }
}

/** Every value of the committed state in the order of its key, as rows and log say. Nobody writes meanwhile. */
export async function* currentValues({
  values,
  log,
}: ValueStoreModules): AsyncGenerator<readonly [StateKey, StoredValue]> {
  const newest = new Map<StateKey, StoredValue | undefined>();
  for await (const [, changes] of log.entries()) {
    for (const { key, value, isListed = false, isInRow } of changes) {
      if (isInRow === true) newest.delete(key);
      else newest.set(key, value && { value, isListed });
    }
  }
  // The standard order of strings is the order of the bytes: every character of a key is one byte.
  const logged = [...newest].sort(([a], [b]) => (a < b ? -1 : 1));
  let next = 0;
  for await (const [key, value] of values.entries()) {
    for (; next < logged.length && (logged[next] as (typeof logged)[0])[0] < key; next++) yield* present(logged[next]);
    if (!newest.has(key)) yield [key, value];
  }
  for (; next < logged.length; next++) yield* present(logged[next]);
}

function* present(
  entry: readonly [StateKey, StoredValue | undefined] | undefined,
): Generator<readonly [StateKey, StoredValue]> {
  if (entry?.[1] !== undefined) yield [entry[0], entry[1]];
}

interface LargeWrite extends ValueWrite {
  readonly value: Uint8Array;
}

function bytesOf(changes: readonly ValueChange[]): number {
  let bytes = 0;
  for (const { key, value } of changes) bytes += ENTRY_BYTES + key.length + (value?.length ?? 0);
  return bytes;
}
