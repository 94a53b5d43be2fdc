import { toHex } from '../../primitives/bytes.js';
import { invariant } from '../../primitives/errors.js';
import { openRow, sealRow } from './checksum.js';
import { StorageError } from './errors.js';
import type { EngineBatch, EngineRange, KeyValueEngine } from './levelEngine.js';
import { RowScratch } from './rowScratch.js';
import { StagedRows } from './stagedRows.js';
import type { BatchGroup, HeightBatch } from './types.js';

/**
 * Rows with checksums over an engine, and the rule that the first failure is the last call: after a failed write LevelDB
 * acknowledges later ones, reads them back and loses them at the next start, so that nothing it says afterwards counts.
 */
export class RowStore {
  readonly #engine: KeyValueEngine;
  readonly #path: string;
  #failure: Error | undefined;
  #closed = false;
  /** For rows that are put. */
  readonly #scratch = new RowScratch();
  /** Rows of the open group. */
  #staged: StagedRows | undefined;

  constructor(path: string, engine: KeyValueEngine) {
    this.#path = path;
    this.#engine = engine;
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  /** The row's value. @throws StorageError `VALUE_CORRUPT`, `READ_FAILED`, `STORAGE_FAILED`, `DATABASE_CLOSED` */
  get(key: Uint8Array): Uint8Array | undefined {
    this.requireUsable();
    let row: Uint8Array | undefined;
    try {
      row = this.#staged?.has(key) === true ? this.#staged.get(key) : this.#engine.getSync(key);
    } catch (error) {
      // The stack of a contract that ran out of it in here says nothing of the disk.
      throw error instanceof RangeError ? error : this.#readFailed(error);
    }
    return row === undefined ? undefined : this.#open(key, row);
  }

  /** Rows between two keys. */
  async *rows(range: EngineRange): AsyncIterable<readonly [Uint8Array, Uint8Array]> {
    for await (const [key, row] of this.rawRows(range)) yield [key, this.#open(key, row)];
  }

  /** Rows with whatever stands in them, for `verify`. */
  async *rawRows(range: EngineRange): AsyncIterable<readonly [Uint8Array, Uint8Array]> {
    this.requireUsable();
    invariant(this.#staged === undefined, 'rows are gone through while no group is open');
    try {
      for await (const row of this.#engine.iterate(range)) {
        this.requireUsable();
        yield row;
      }
    } catch (error) {
      throw error instanceof StorageError ? error : this.#readFailed(error);
    }
  }

  batch(): HeightBatch {
    this.requireUsable();
    return new RowBatch(this, this.#staged?.batch() ?? this.#engine.batch(), this.#scratch);
  }

  openGroup(): BatchGroup {
    this.requireUsable();
    invariant(this.#staged === undefined, 'one group is open at a time');
    const staged = new StagedRows();
    this.#staged = staged;
    const end = (): void => {
      invariant(this.#staged === staged, 'a group is used once: it is written or discarded already');
      this.#staged = undefined;
    };
    return {
      get batchCount() {
        return staged.batchCount;
      },
      get sizeBytes() {
        return staged.sizeBytes;
      },
      discard: () => {
        invariant(staged.batchCount === 0, 'a group is not discarded that memory has followed already');
        end();
      },
      write: async () => {
        const batch = this.#engine.batch();
        staged.putInto(batch);
        // Reads find the rows here until they are on disk.
        await this.writeSynced(batch, staged.rowCount, end);
      },
    };
  }

  /**
   * Memory follows the rows before this resolves.
   *
   * @throws StorageError `STORAGE_FAILED`; whatever `follow` throws. Either poisons the database
   */
  async writeSynced(batch: EngineBatch, rowCount: number, follow: () => void): Promise<void> {
    try {
      await batch.write();
      follow();
    } catch (error) {
      const actual = error instanceof Error ? error.message : String(error);
      throw this.fail(
        new StorageError('STORAGE_FAILED', `the write of ${rowCount} rows failed: ${actual}`, {
          expected: 'a synced write',
          actual,
          hint: 'the node must stop; check the disk and its free space, then start it again',
        }),
      );
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    await this.#engine.close();
  }

  /** Ends the use of this database. @returns the error to throw; the first one is the one that is kept. */
  fail<E extends Error>(error: E): E {
    this.#failure ??= error;
    return error;
  }

  requireUsable(): void {
    if (this.#failure !== undefined) {
      throw new StorageError('STORAGE_FAILED', `${this.#path} failed before: ${this.#failure.message}`, {
        path: this.#path,
        actual: this.#failure.message,
        hint: 'the node must stop; check the disk, then start it again: what is missing is fetched from peers',
      });
    }
    if (this.#closed) {
      throw new StorageError('DATABASE_CLOSED', `${this.#path} is closed`, { path: this.#path });
    }
  }

  #open(key: Uint8Array, row: Uint8Array): Uint8Array {
    const value = openRow(key, row);
    if (value !== undefined) return value;
    throw this.fail(
      new StorageError('VALUE_CORRUPT', `${this.#path}: the row ${toHex(key)} does not carry its own checksum`, {
        path: this.#path,
        key: toHex(key),
        expected: 'a value with its checksum',
        actual: `${row.length} other bytes`,
        hint: 'the disk is failing: run `vostro node verify`, then fetch the chain anew into an empty home',
      }),
    );
  }

  #readFailed(error: unknown): StorageError {
    const actual = error instanceof Error ? error.message : String(error);
    return this.fail(
      new StorageError('READ_FAILED', `${this.#path} cannot be read: ${actual}`, {
        path: this.#path,
        actual,
        hint: 'the node must stop; check the disk and its free space',
      }),
    );
  }
}

class RowBatch implements HeightBatch {
  readonly #store: RowStore;
  readonly #engine: EngineBatch;
  readonly #callbacks: (() => void)[] = [];
  readonly #scratch: RowScratch;
  #open = true;
  #rowCount = 0;
  #sizeBytes = 0;

  constructor(store: RowStore, engine: EngineBatch, scratch: RowScratch) {
    this.#scratch = scratch;
    this.#store = store;
    this.#engine = engine;
  }

  get rowCount(): number {
    return this.#rowCount;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  putRow(key: Uint8Array, value: Uint8Array): void {
    this.#requireOpen();
    const row = sealRow(key, value, this.#scratch);
    this.#engine.put(key, row);
    this.#count(key.length + row.length);
  }

  deleteRow(key: Uint8Array): void {
    this.#requireOpen();
    this.#engine.delete(key);
    this.#count(key.length);
  }

  onWritten(apply: () => void): void {
    this.#requireOpen();
    this.#callbacks.push(apply);
  }

  /** @throws StorageError `STORAGE_FAILED`; whatever a callback throws. Either poisons the database. */
  async write(): Promise<void> {
    this.#requireOpen();
    this.#open = false;
    await this.#store.writeSynced(this.#engine, this.#rowCount, () => {
      for (const apply of this.#callbacks) apply();
    });
  }

  discard(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#engine.discard();
  }

  #count(sizeBytes: number): void {
    this.#rowCount++;
    this.#sizeBytes += sizeBytes;
  }

  #requireOpen(): void {
    this.#store.requireUsable();
    invariant(this.#open, 'a batch is used once: it is written or discarded already');
  }
}
