import type { RowCodec } from './rowCodec.js';
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

  constructor(options: RepositoryOptions<K, V>, store: RowStore) {
    this.#options = options;
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
      from: range.from === undefined ? Uint8Array.of(prefix) : this.#rowKey(range.from),
      to: range.to === undefined ? Uint8Array.of(prefix + 1) : this.#rowKey(range.to),
      reverse: range.reverse ?? false,
      limit: range.limit ?? -1,
    });
    for await (const [rowKey, bytes] of rows) yield [key.decode(rowKey.subarray(1)), value.decode(bytes)];
  }

  #rowKey(key: K): Uint8Array {
    const bytes = this.#options.key.encode(key);
    const rowKey = new Uint8Array(1 + bytes.length);
    rowKey[0] = this.#options.prefix;
    rowKey.set(bytes, 1);
    return rowKey;
  }
}
