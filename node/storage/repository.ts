import type { RowCodec } from './rowCodec.js';
import { RowScratch } from './rowScratch.js';
import type { RowStore } from './rowStore.js';
import type { HeightBatch, KeyRange, Repository } from './types.js';

/** What makes rows of one kind: their prefix and the codecs of key and value. */
export interface RepositoryOptions<K, V> {
  readonly prefix: number;
  readonly key: RowCodec<K>;
  readonly value: RowCodec<V>;
}

/** Rows of one kind under their own prefix. */
export class TypedRepository<K, V> implements Repository<K, V> {
  readonly #options: RepositoryOptions<K, V>;
  readonly #store: RowStore;
  readonly #scratch = new RowScratch();

  constructor(options: RepositoryOptions<K, V>, store: RowStore) {
    this.#options = options;
    this.#scratch.bytes[0] = options.prefix;
    this.#store = store;
  }

  get(key: K): V | undefined {
    const value = this.#store.get(this.#rowKey(key));
    return value === undefined ? undefined : this.#options.value.decode(value);
  }

  has(key: K): boolean {
    return this.#store.get(this.#rowKey(key)) !== undefined;
  }

  put(batch: HeightBatch, key: K, value: V): void {
    batch.putRow(this.#rowKey(key), this.#options.value.encode(value));
  }

  delete(batch: HeightBatch, key: K): void {
    batch.deleteRow(this.#rowKey(key));
  }

  async *entries(range: KeyRange<K> = {}): AsyncIterable<readonly [K, V]> {
    const { prefix, key, value } = this.#options;
    const rows = this.#store.rows({
      from: range.from === undefined ? Uint8Array.of(prefix) : this.#rowKey(range.from).slice(),
      to: range.to === undefined ? Uint8Array.of(prefix + 1) : this.#rowKey(range.to).slice(),
      reverse: range.reverse ?? false,
      limit: range.limit ?? -1,
    });
    for await (const [rowKey, bytes] of rows) yield [key.decode(rowKey.subarray(1)), value.decode(bytes)];
  }

  /** Good until the next one is made. */
  #rowKey(key: K): Uint8Array {
    const { key: codec, prefix } = this.#options;
    const { bytes: scratch } = this.#scratch;
    const end = codec.encodeInto?.(key, scratch, 1);
    const known = end === undefined ? undefined : this.#scratch.first(end);
    if (known !== undefined) return known;
    const bytes = codec.encode(key);
    const rowKey = this.#scratch.first(1 + bytes.length) ?? new Uint8Array(1 + bytes.length);
    rowKey[0] = prefix;
    rowKey.set(bytes, 1);
    return rowKey;
  }
}
