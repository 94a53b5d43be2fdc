import type { Hash } from '../../primitives/bytes.js';
import { invariant } from '../../primitives/errors.js';
import type { Address, TimestampMs } from '../../primitives/types.js';
import { referenceKey } from '../storage/referenceKey.js';
import { byteString, readUint, writeUint } from '../storage/rowCodec.js';
import type { ChainDatabase, HeightBatch, ReferenceRow } from '../storage/types.js';
import { addPacked, Fingerprints } from './fingerprints.js';
import { FingerprintTable } from './fingerprintTable.js';
import type { BlockReferences, ReferenceReader } from './types.js';

/** Parts of the window that are forgotten at once. */
const SPANS_PER_WINDOW = 8;
/** A span ends earlier when it holds so many: growing a table must not stop the executor for long. */
const MAX_SPAN_ENTRIES = 2 ** 20;
const TIMESTAMP_BYTES = 7;

export interface ReferenceSetOptions {
  /** W of PROTOCOL §Transaction: an entry of time t is in use for blocks of time at most t + W. */
  readonly windowMs: number;
}

/** References of neighbouring heights, forgotten together. */
interface Span {
  readonly table: FingerprintTable;
  readonly from: TimestampMs;
  to: TimestampMs;
  readonly heights: number[];
}

/** Reads the fingerprints of the heights that the window covers. */
export async function openReferenceSet(
  options: ReferenceSetOptions,
  modules: { readonly database: ChainDatabase },
): Promise<ReferenceSet> {
  const set = new ReferenceSet(options, modules);
  for await (const [height, row] of modules.database.referenceFingerprints.entries()) {
    set.remember(height, readUint(row, 0, TIMESTAMP_BYTES), row.subarray(TIMESTAMP_BYTES));
  }
  return set;
}

/**
 * Which (sender, reference) pairs are in use. The rows say it; in memory stand fingerprints only, so that a reference
 * that nobody used costs no read, and a hit is confirmed by its row. What is forgotten is decided by the row's time
 * alone, never by when a span was dropped.
 */
export class ReferenceSet implements ReferenceReader {
  readonly #windowMs: number;
  readonly #database: ChainDatabase;
  readonly #fingerprints: Fingerprints;
  #spans: Span[] = [];
  /** Those of the spans, oldest first. */
  #tables: FingerprintTable[] = [];

  constructor({ windowMs }: ReferenceSetOptions, { database }: { readonly database: ChainDatabase }) {
    invariant(Number.isSafeInteger(windowMs) && windowMs > 0, 'the window of references is positive', {
      actual: `${windowMs}`,
    });
    this.#windowMs = windowMs;
    this.#database = database;
    this.#fingerprints = new Fingerprints(database.seed.subarray(0, 8));
  }

  find(sender: Address, reference: Uint8Array, timestamp: TimestampMs): ReferenceRow | undefined {
    return this.findByKey(referenceKey(sender, reference), timestamp);
  }

  /** The same by the row's key. */
  findByKey(key: Uint8Array, timestamp: TimestampMs): ReferenceRow | undefined {
    if (!this.#fingerprints.mayBeIn(this.#tables, key)) return undefined;
    const row = this.#database.references.get(key);
    return row !== undefined && timestamp <= row.timestamp + this.#windowMs ? row : undefined;
  }

  lastHolder(sender: Address, reference: Uint8Array): ReferenceRow | undefined {
    return this.#database.references.get(referenceKey(sender, reference));
  }

  openBlock(height: number, timestamp: TimestampMs): BlockReferences {
    return new UndecidedReferences({ height, timestamp }, this);
  }

  /** Fingerprints held in memory. */
  get size(): number {
    return this.#tables.reduce((total, { size }) => total + size, 0);
  }

  /** Writes a block's rows, and removes fingerprints that no later block can need. */
  commit(
    rows: ReadonlyMap<Uint8Array, ReferenceRow>,
    height: number,
    timestamp: TimestampMs,
    batch: HeightBatch,
  ): void {
    for (const [key, row] of rows) this.#database.references.put(batch, key, row);
    const packed = this.#fingerprints.pack([...rows.keys()]);
    if (rows.size > 0) {
      const value = new Uint8Array(TIMESTAMP_BYTES + packed.length);
      value.set(packed, writeUint(value, 0, timestamp, TIMESTAMP_BYTES));
      this.#database.referenceFingerprints.put(batch, height, value);
    }
    // Times of blocks only grow: from here on every block's is above `timestamp`.
    const isForgotten = (span: Span) => timestamp > span.to + this.#windowMs;
    for (const span of this.#spans.filter(isForgotten)) {
      for (const old of span.heights) this.#database.referenceFingerprints.delete(batch, old);
    }
    batch.onWritten(() => {
      this.#spans = this.#spans.filter((span) => !isForgotten(span));
      this.#tables = this.#spans.map(({ table }) => table);
      if (rows.size > 0) this.remember(height, timestamp, packed);
    });
  }

  /** Takes the fingerprints of a height into memory; heights come in their order. */
  remember(height: number, timestamp: TimestampMs, packed: Uint8Array): void {
    let span = this.#spans[this.#spans.length - 1];
    const isFull = span !== undefined && span.table.size >= MAX_SPAN_ENTRIES;
    if (span === undefined || isFull || timestamp >= span.from + this.#windowMs / SPANS_PER_WINDOW) {
      span = { table: new FingerprintTable(), from: timestamp, to: timestamp, heights: [] };
      this.#spans.push(span);
      this.#tables.push(span.table);
    }
    span.to = timestamp;
    span.heights.push(height);
    addPacked(span.table, packed);
  }
}

/** What a block asked about a reference. */
interface Asked {
  readonly sender: Address;
  readonly reference: Uint8Array;
  /** The key's bytes as a string. */
  readonly name: string;
  readonly key: Uint8Array;
  readonly isFree: boolean;
}

class UndecidedReferences implements BlockReferences {
  readonly #height: number;
  readonly #timestamp: TimestampMs;
  readonly #committed: ReferenceSet;
  /** Names of keys. */
  readonly #used = new Set<string>();
  readonly #rows = new Map<Uint8Array, ReferenceRow>();
  /** What was asked for last: it is mostly used next. */
  #asked: Asked | undefined;

  constructor(block: { readonly height: number; readonly timestamp: TimestampMs }, committed: ReferenceSet) {
    this.#height = block.height;
    this.#timestamp = block.timestamp;
    this.#committed = committed;
  }

  isFree(sender: Address, reference: Uint8Array): boolean {
    return this.#ask(sender, reference).isFree;
  }

  use(sender: Address, reference: Uint8Array, id: Hash, index: number): boolean {
    const { isFree, name, key } = this.#ask(sender, reference);
    if (!isFree) return false;
    this.#used.add(name);
    this.#rows.set(key, { id, height: this.#height, index, timestamp: this.#timestamp });
    this.#asked = undefined;
    return true;
  }

  commit(batch: HeightBatch): void {
    this.#committed.commit(this.#rows, this.#height, this.#timestamp, batch);
  }

  #ask(sender: Address, reference: Uint8Array): Asked {
    if (this.#asked?.reference === reference && this.#asked.sender === sender) return this.#asked;
    const key = referenceKey(sender, reference);
    const name = byteString(key);
    const isFree = !this.#used.has(name) && this.#committed.findByKey(key, this.#timestamp) === undefined;
    this.#asked = { sender, reference, name, key, isFree };
    return this.#asked;
  }
}
