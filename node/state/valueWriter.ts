import type { StateKey } from '../../contracts/api/host.js';
import type { HeightBatch, Repository, ValueChange } from '../storage/types.js';

export interface ValueWriterOptions {
  /** Commits after which a changed value is written to its own row; 0 writes it at once. */
  readonly flushAfterCommits: number;
  /** Changed values that may wait. */
  readonly maxDirtyValues: number;
  /** Bytes of the whole log: what a restart goes through, and about what waits in memory. */
  readonly maxLogBytes: number;
}

export interface ValueWriterModules {
  readonly values: Repository<StateKey, Uint8Array>;
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

/** A value of which the database's own row holds an older version, or none; undefined once it is deleted. */
interface DirtyValue {
  value: Uint8Array | undefined;
  /** Number of the commit from which on the log is needed to make it from what the row holds. */
  readonly since: number;
}

/**
 * Brings the state's values to disk. Balances change again and again, and a row of its own costs much more than its
 * bytes: so a commit writes all of its values as one row of a log, and a value's own row only when it has waited for
 * some commits. A value is what the newest row of the log says, or else its own row.
 */
export class ValueWriter {
  readonly #options: ValueWriterOptions;
  readonly #modules: ValueWriterModules;
  /** Those that wait longest first: a value that changes again keeps its turn. */
  readonly #dirty = new Map<StateKey, DirtyValue>();
  #firstRow = 0;
  /** Bytes of each row of the log, from the first on. */
  #rowBytes: number[] = [];

  private constructor(options: ValueWriterOptions, modules: ValueWriterModules) {
    this.#options = options;
    this.#modules = modules;
  }

  /** Reads the log. Writes nothing. */
  static async open(options: ValueWriterOptions, modules: ValueWriterModules): Promise<ValueWriter> {
    const writer = new ValueWriter(options, modules);
    for await (const [row, changes] of modules.log.entries()) {
      if (writer.#rowBytes.length === 0) writer.#firstRow = row;
      writer.#rowBytes.push(bytesOf(changes));
      writer.#take(changes, row);
    }
    return writer;
  }

  /** Values whose own rows are behind. */
  get waiting(): number {
    return this.#dirty.size;
  }

  get(key: StateKey): Uint8Array | undefined {
    const dirty = this.#dirty.get(key);
    return dirty === undefined ? this.#modules.values.get(key) : dirty.value;
  }

  /** Puts the rows of one commit into the batch: from here on this is of use only when they are written. */
  write(changes: readonly ValueChange[], batch: HeightBatch): void {
    const { values, log } = this.#modules;
    const commit = this.#firstRow + this.#rowBytes.length;
    const newBytes = bytesOf(changes);
    this.#take(changes, commit);
    const firstNeeded = this.#flush(commit, this.#oldestAllowed(newBytes), (key, value) => {
      if (value === undefined) values.delete(batch, key);
      else values.put(batch, key, value);
    });
    // A row that is kept holds all of its commit's values: an older row may name those that are written by now.
    if (firstNeeded <= commit) log.put(batch, commit, changes);
    for (let row = this.#firstRow; row < Math.min(firstNeeded, commit); row++) log.delete(batch, row);
    this.#rowBytes.push(newBytes);
    this.#rowBytes.splice(0, firstNeeded - this.#firstRow);
    this.#firstRow = firstNeeded;
  }

  #take(changes: readonly ValueChange[], commit: number): void {
    for (const { key, value } of changes) {
      const known = this.#dirty.get(key);
      if (known === undefined) this.#dirty.set(key, { value, since: commit });
      else known.value = value;
    }
  }

  /** Hands over what has waited long enough, and what must not wait. @returns the first row of the log that is needed */
  #flush(commit: number, oldestAllowed: number, put: (key: StateKey, value: Uint8Array | undefined) => void): number {
    const { flushAfterCommits, maxDirtyValues } = this.#options;
    let due = flushAfterCommits === 0 ? Number.POSITIVE_INFINITY : MAX_DUE_VALUES;
    for (const [key, { value, since }] of this.#dirty) {
      const isDue = commit - since >= flushAfterCommits && due-- > 0;
      if (!isDue && since >= oldestAllowed && this.#dirty.size <= maxDirtyValues) return since;
      put(key, value);
      this.#dirty.delete(key);
    }
    return commit + 1;
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
}: ValueWriterModules): AsyncGenerator<readonly [StateKey, Uint8Array]> {
  const newest = new Map<StateKey, Uint8Array | undefined>();
  for await (const [, changes] of log.entries()) for (const { key, value } of changes) newest.set(key, value);
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
  entry: readonly [StateKey, Uint8Array | undefined] | undefined,
): Generator<readonly [StateKey, Uint8Array]> {
  if (entry?.[1] !== undefined) yield [entry[0], entry[1]];
}

function bytesOf(changes: readonly ValueChange[]): number {
  let bytes = 0;
  for (const { key, value } of changes) bytes += ENTRY_BYTES + key.length + (value?.length ?? 0);
  return bytes;
}
