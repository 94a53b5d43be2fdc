import { equalBytes, type Hash } from '../../primitives/bytes.js';
import { invariant } from '../../primitives/errors.js';
import type { Address, TimestampMs } from '../../primitives/types.js';
import { referenceKey } from '../storage/referenceKey.js';
import { byteString, readUint, writeUint } from '../storage/rowCodec.js';
import type { ChainDatabase, HeightBatch } from '../storage/types.js';
import { Fingerprints } from './fingerprints.js';
import { ReferenceSpan, type TimedPosition } from './referenceSpan.js';
import type { BlockReferences, ReferenceHolder, ReferenceReader, ReferenceUser } from './types.js';

/** Parts of the window that are forgotten at once. */
const SPANS_PER_WINDOW = 8;
/** A span ends earlier when it holds so many: growing a table must not stop the executor for long. */
const MAX_SPAN_ENTRIES = 2 ** 20;
const TIMESTAMP_BYTES = 7;
const ID_BYTES = 32;

export interface ReferenceSetOptions {
  /** W of PROTOCOL §Transaction: an entry of time t is in use for blocks of time at most t + W. */
  readonly windowMs: number;
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
 * Which (sender, reference) pairs are in use. In memory stand fingerprints with their places, so that a reference that
 * nobody used costs no read. A hit is confirmed by the reference's own row: what anyone may ask for must not cost a
 * look at a transaction, which holds thousands of payments.
 * What is forgotten is decided by the block's time alone, never by when a span was dropped.
 */
export class ReferenceSet implements ReferenceReader {
  readonly #windowMs: number;
  readonly #database: ChainDatabase;
  readonly #fingerprints: Fingerprints;
  /** Oldest first. */
  #spans: ReferenceSpan[] = [];

  constructor({ windowMs }: ReferenceSetOptions, { database }: { readonly database: ChainDatabase }) {
    invariant(Number.isSafeInteger(windowMs) && windowMs > 0, 'the window of references is positive', {
      actual: `${windowMs}`,
    });
    this.#windowMs = windowMs;
    this.#database = database;
    this.#fingerprints = new Fingerprints(database.seed.subarray(0, 8));
  }

  find(sender: Address, reference: Uint8Array, timestamp: TimestampMs): ReferenceHolder | undefined {
    return this.findByKey(referenceKey(sender, reference), timestamp);
  }

  /** The same by the key of sender and reference. */
  findByKey(key: Uint8Array, timestamp: TimestampMs): ReferenceHolder | undefined {
    const { low, high } = this.#fingerprints.of(key);
    // Newest first: what is sent twice is mostly sent soon.
    for (let at = this.#spans.length - 1; at >= 0; at--) {
      for (const position of (this.#spans[at] as ReferenceSpan).find(low, high)) {
        const holder = timestamp <= position.timestamp + this.#windowMs ? this.#holder(position, key) : undefined;
        if (holder !== undefined) return holder;
      }
    }
    return undefined;
  }

  openBlock(height: number, timestamp: TimestampMs): BlockReferences {
    return new UndecidedReferences({ height, timestamp }, this);
  }

  /** Fingerprints held in memory. */
  get size(): number {
    return this.#spans.reduce((total, { size }) => total + size, 0);
  }

  /** Writes the rows of a block whose transactions use these, and removes rows that no later block can need. */
  commit(uses: readonly ReferenceUse[], height: number, timestamp: TimestampMs, batch: HeightBatch): void {
    const packed = this.#fingerprints.pack(uses.map(({ key }) => key));
    if (uses.length > 0) {
      this.#database.references.put(batch, height, uses.map(encodeUse));
      const value = new Uint8Array(TIMESTAMP_BYTES + packed.length);
      value.set(packed, writeUint(value, 0, timestamp, TIMESTAMP_BYTES));
      this.#database.referenceFingerprints.put(batch, height, value);
    }
    // Times of blocks only grow: from here on every block's is above `timestamp`.
    const isForgotten = (span: ReferenceSpan) => timestamp > span.to + this.#windowMs;
    for (const span of this.#spans.filter(isForgotten)) {
      for (const old of span.blocks()) {
        this.#database.references.delete(batch, old.height, old.count);
        this.#database.referenceFingerprints.delete(batch, old.height);
      }
    }
    batch.onWritten(() => {
      this.#spans = this.#spans.filter((span) => !isForgotten(span));
      if (uses.length > 0) this.remember(height, timestamp, packed);
    });
  }

  /** Takes the fingerprints of a height into memory; heights come in their order. */
  remember(height: number, timestamp: TimestampMs, packed: Uint8Array): void {
    let span = this.#spans[this.#spans.length - 1];
    const isFull = span !== undefined && span.size >= MAX_SPAN_ENTRIES;
    if (span === undefined || isFull || timestamp >= span.from + this.#windowMs / SPANS_PER_WINDOW) {
      span = new ReferenceSpan(timestamp);
      this.#spans.push(span);
    }
    span.add(height, timestamp, packed);
  }

  /** The transaction at that place, if it holds the reference: fingerprints may agree by chance. */
  #holder({ height, index, timestamp }: TimedPosition, key: Uint8Array): ReferenceHolder | undefined {
    const row = this.#database.references.get(height, index);
    invariant(row !== undefined, 'a reference that is in use has a row', {
      actual: `none at height ${height}, index ${index}`,
      hint: 'the database is damaged: run `vostro node verify`',
    });
    if (!equalBytes(row.subarray(ID_BYTES), key)) return undefined;
    return { id: row.slice(0, ID_BYTES), height, index, timestamp };
  }
}

/** A transaction, and the key of its sender and reference. */
interface ReferenceUse {
  readonly id: Hash;
  readonly key: Uint8Array;
}

function encodeUse({ id, key }: ReferenceUse): Uint8Array {
  const row = new Uint8Array(ID_BYTES + key.length);
  row.set(id, 0);
  row.set(key, ID_BYTES);
  return row;
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
  /** By the index of the transaction. */
  readonly #uses: ReferenceUse[] = [];
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

  use(sender: Address, reference: Uint8Array, { id, index }: ReferenceUser): boolean {
    const { isFree, name, key } = this.#ask(sender, reference);
    if (!isFree) return false;
    invariant(index === this.#uses.length, 'each transaction of a block uses its reference, one after the other', {
      expected: `${this.#uses.length}`,
      actual: `${index}`,
    });
    this.#used.add(name);
    this.#uses.push({ id, key });
    this.#asked = undefined;
    return true;
  }

  commit(batch: HeightBatch): void {
    this.#committed.commit(this.#uses, this.#height, this.#timestamp, batch);
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
