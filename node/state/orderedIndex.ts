import type { StateKey } from '../../contracts/api/host.js';
import type { HeightBatch, Repository } from '../storage/types.js';
import { GenerationCache } from './generationCache.js';
import { firstAtLeast, SortedKeys } from './sortedKeys.js';

/** Keys of a row: few enough that a new key rewrites about a kilobyte. */
const MAX_CHUNK_KEYS = 32;
const CACHED_CHUNKS = 4_096;
/** Below every key: the first chunk's name. */
const FIRST_NAME = '';

/** Chunks as a height leaves them, by name; empty ones are removed. Worked out before it is written. */
export type IndexChange = ReadonlyMap<StateKey, readonly StateKey[]>;

/**
 * The state's keys in the order of their bytes, so that ranges are read without an asynchronous iterator. Keys stand in
 * chunks; a chunk's name is the least key that may stand in it. The names are in memory. It is derived from the state
 * and not part of the root: `verify` compares the two.
 */
export class OrderedIndex {
  readonly #chunks: Repository<StateKey, readonly StateKey[]>;
  readonly #cache = new GenerationCache<StateKey, readonly StateKey[]>(CACHED_CHUNKS);
  readonly #names = new SortedKeys();

  private constructor(chunks: Repository<StateKey, readonly StateKey[]>) {
    this.#chunks = chunks;
    this.#names.add(FIRST_NAME);
  }

  /** Reads the names of all chunks. */
  static async open(chunks: Repository<StateKey, readonly StateKey[]>): Promise<OrderedIndex> {
    const index = new OrderedIndex(chunks);
    for await (const [name] of chunks.entries()) index.#names.add(name);
    return index;
  }

  /** Keys that start with `prefix`, in order, after `after` if given. */
  *keys(prefix: StateKey, after?: StateKey): Generator<StateKey> {
    const from = after !== undefined && after > prefix ? after : prefix;
    const first = this.#nameFor(from);
    for (const name of this.#names.from(first)) {
      const keys = this.#chunk(name);
      // Only in the first chunk some stand before the range, and only in its last one some behind it.
      let index = name === first ? firstAtLeast(keys, from) : 0;
      if (keys[index] === after) index++;
      const isWhole = keys.at(-1)?.startsWith(prefix) === true;
      for (; index < keys.length; index++) {
        const key = keys[index] as StateKey;
        if (!isWhole && !key.startsWith(prefix)) return;
        yield key;
      }
    }
  }

  /** What it takes to insert keys that are new and delete keys that are there. */
  change(inserted: readonly StateKey[], deleted: readonly StateKey[]): IndexChange {
    const gone = new Set(deleted);
    const added = new Map<StateKey, StateKey[]>();
    for (const key of deleted) added.set(this.#nameFor(key), []);
    for (const key of inserted) {
      const name = this.#nameFor(key);
      const keys = added.get(name);
      if (keys === undefined) added.set(name, [key]);
      else keys.push(key);
    }
    const chunks = new Map<StateKey, readonly StateKey[]>();
    for (const [name, keys] of added) {
      // The standard order of strings is the order of the bytes: every character of a key is one byte.
      const merged = [...this.#chunk(name).filter((key) => !gone.has(key)), ...keys].sort();
      const parts = Math.max(1, Math.ceil(merged.length / MAX_CHUNK_KEYS));
      const size = Math.ceil(merged.length / parts);
      chunks.set(name, merged.slice(0, size));
      for (let from = size; from < merged.length; from += size) {
        chunks.set(merged[from] as StateKey, merged.slice(from, from + size));
      }
    }
    return chunks;
  }

  write(change: IndexChange, batch: HeightBatch): void {
    for (const [name, keys] of change) {
      if (keys.length === 0) this.#chunks.delete(batch, name);
      else this.#chunks.put(batch, name, keys);
    }
  }

  /** Once the height is written. */
  apply(change: IndexChange): void {
    for (const [name, keys] of change) {
      this.#cache.set(name, keys);
      if (keys.length > 0) this.#names.add(name);
      else if (name !== FIRST_NAME) this.#names.delete(name);
    }
  }

  #nameFor(key: StateKey): StateKey {
    return this.#names.floor(key) ?? FIRST_NAME;
  }

  #chunk(name: StateKey): readonly StateKey[] {
    const cached = this.#cache.get(name);
    if (cached !== undefined) return cached;
    const keys = this.#chunks.get(name) ?? [];
    this.#cache.set(name, keys);
    return keys;
  }
}
