import type { StateKey } from '../../contracts/api/host.js';
import type { Hash } from '../../primitives/bytes.js';
import type { BlockHeader, Certificate, Validator } from '../../primitives/types.js';

/** Where a transaction stands on the chain. */
export interface TransactionPosition {
  readonly height: number;
  readonly index: number;
}

/** A page of the state tree by its place: the first `depth` bits of `path`, the rest zero; ceil(depth / 8) bytes. */
export interface PageKey {
  readonly depth: number;
  readonly path: Uint8Array;
}

/** A value of the state in the row of its key. */
export interface StoredValue {
  readonly value: Uint8Array;
  /** The ordered index has it beside the key as well. */
  readonly isListed: boolean;
}

/** Keys that stand in one row of the ordered index, in their order, and beside each the value where that seldom changes. */
export interface KeyChunk {
  readonly keys: readonly StateKey[];
  readonly values: readonly (Uint8Array | undefined)[];
}

/** What a commit makes of one key of the state; undefined deletes it. */
export interface ValueChange {
  readonly key: StateKey;
  readonly value: Uint8Array | undefined;
  /** The ordered index has it beside the key as well, from this commit on. */
  readonly isListed?: boolean;
  /** In the log: the value stands in the key's own row alone, and `value` says nothing. */
  readonly isInRow?: boolean;
}

/** The newest committed block. */
export interface HeadRow {
  readonly height: number;
  readonly blockHash: Hash;
}

/** Keys between two keys of one repository, in the order of their bytes. */
export interface KeyRange<K> {
  /** Inclusive. */
  readonly from?: K;
  /** Exclusive. */
  readonly to?: K;
  readonly reverse?: boolean;
  /** Greatest number of entries; all when absent. */
  readonly limit?: number;
}

/**
 * Rows of one kind. Reads are synchronous and see written batches only; writes go into a batch.
 * Every method throws StorageError `STORAGE_FAILED` once the database is poisoned, `VALUE_CORRUPT` on a damaged row.
 */
export interface Repository<K, V> {
  get(key: K): V | undefined;
  has(key: K): boolean;
  put(batch: HeightBatch, key: K, value: V): void;
  delete(batch: HeightBatch, key: K): void;
  entries(range?: KeyRange<K>): AsyncIterable<readonly [K, V]>;
}

/** Byte strings of one block, numbered from 0 and packed in chunks, so that a block of 10,000 costs 157 rows. */
export interface BlockItems {
  get(height: number, index: number): Uint8Array | undefined;
  /** All of a block's items; undefined when the height was never written. */
  list(height: number): readonly Uint8Array[] | undefined;
  count(height: number): number | undefined;
  put(batch: HeightBatch, height: number, items: readonly Uint8Array[]): void;
  /** Removes the items of a height that was written with so many. */
  delete(batch: HeightBatch, height: number, count: number): void;
}

/**
 * Everything that a height writes: one atomic, synced write, or a part of that of a group. Use it once: `write` or `discard`.
 * A failed write poisons the database: the node must stop, and every later call throws `STORAGE_FAILED`.
 */
export interface HeightBatch {
  /**
   * Runs after the rows are on disk, or in the open group, and before `write` resolves: the moment at which memory follows.
   */
  onWritten(apply: () => void): void;
  write(): Promise<void>;
  discard(): void;
  readonly rowCount: number;
  readonly sizeBytes: number;
  /** For repositories only. */
  putRow(key: Uint8Array, value: Uint8Array): void;
  /** For repositories only. */
  deleteRow(key: Uint8Array): void;
}

/**
 * Heights that go to disk as one: while a group is open, a batch that is written is kept in memory, where reads find it, and
 * memory follows; the rows of all of them are then one atomic, synced write. Nobody outside may hear of a height before.
 */
export interface BatchGroup {
  /** Writes everything and ends the group. @throws StorageError `STORAGE_FAILED`, which poisons the database */
  write(): Promise<void>;
  /** Ends a group in which nothing was written. */
  discard(): void;
  /** Batches written in it so far. */
  readonly batchCount: number;
  readonly sizeBytes: number;
}

/** The chain's database: the only door to LevelDB. Owned by one thread of one process. */
export interface ChainDatabase {
  readonly path: string;
  readonly genesisHash: Hash;
  readonly headers: Repository<number, BlockHeader>;
  readonly certificates: Repository<number, Certificate>;
  /** Signed transactions of each block. */
  readonly bodies: BlockItems;
  /** Encoded receipts of each block, by the index of their transaction. */
  readonly receipts: BlockItems;
  /** Encoded outcomes of a batch of payments. */
  readonly outcomes: Repository<TransactionPosition, Uint8Array>;
  /** Transaction id → position. */
  readonly positions: Repository<Hash, TransactionPosition>;
  /** Block hash → height. */
  readonly heights: Repository<Hash, number>;
  /** Values as the log's oldest rows find them: `valueLog` says what is newer. */
  readonly stateValues: Repository<StateKey, StoredValue>;
  /** Changed values of the state's newest commits, by number, until their own rows are written. */
  readonly valueLog: Repository<number, readonly ValueChange[]>;
  readonly statePages: Repository<PageKey, Uint8Array>;
  /** Changed entries of the state's newest commits, by number, until their pages are written. */
  readonly stateLog: Repository<number, Uint8Array>;
  /** Keys of the state in their order, and values beside some, in chunks; each is named by the least key that may stand in it. */
  readonly orderedKeys: Repository<StateKey, KeyChunk>;
  /** The height's time in 7 bytes, then the fingerprint of `referenceKey` of each transaction, 8 bytes each, in their order. */
  /** For each transaction its id and the key of its sender and reference, as long as the window needs them. */
  readonly references: BlockItems;
  readonly referenceFingerprints: Repository<number, Uint8Array>;
  /** `usedOnceKey(scope, reference, day)` → height at which it was used. */
  readonly usedOnce: Repository<Uint8Array, number>;
  /** Fingerprints of the business references of one day that a height used, 8 bytes each. */
  readonly usedOnceFingerprints: Repository<{ readonly day: number; readonly height: number }, Uint8Array>;
  /** Height whose header hands over to another validator list → that list. Height 0 holds the first. */
  readonly handovers: Repository<number, readonly Validator[]>;
  /** Undefined before the genesis batch is written. */
  head(): HeadRow | undefined;
  putHead(batch: HeightBatch, head: HeadRow): void;
  /** A random number made with the database, for hash tables that strangers must not be able to fill unevenly. */
  readonly seed: Uint8Array;
  batch(): HeightBatch;
  /** From now on until it is written, batches are its parts. One at a time. */
  openGroup(): BatchGroup;
  /** The first failure, once there was one. */
  readonly failure: Error | undefined;
  close(): Promise<void>;
}
