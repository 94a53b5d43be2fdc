import type { StateEntry, StateKey } from '../../contracts/api/host.js';
import type { HeightBatch, KeyChunk, Repository } from '../storage/types.js';
import { editChunk, type Listing } from './chunkEdit.js';
import { GenerationCache } from './generationCache.js';
import { firstAtLeast, SortedKeys } from './sortedKeys.js';

/** Keys of a row: few enough that a new key rewrites a few kilobytes, with values. */
const MAX_CHUNK_KEYS = 32;
const CACHED_CHUNKS = 4_096;
/** Below every key: the first chunk's name. */
const FIRST_NAME = '';
const EMPTY: KeyChunk = { keys: [], values: [] };

/** Chunks as a height leaves them, by name; empty ones are removed. Worked out before it is written. */
export type IndexChange = ReadonlyMap<StateKey, KeyChunk>;

/** Which entries a range gives. */
export interface IndexRange {
  readonly prefix: StateKey;
  /** At least one. */
  readonly limit: number;
  readonly after: StateKey | undefined;
}

/**
 * The state's keys in the order of their bytes, so that ranges are read without an asynchronous iterator. Keys stand in
 * chunks; a chunk's name is the least key that may stand in it. The names are in memory. Beside a key that came and did not
 * change since stands its value: registers of very many holders are read by their chunks alone. It is derived from the
 * state and not part of the root: `verify` compares the two.
 */
export class OrderedIndex {
  readonly #chunks: Repository<StateKey, KeyChunk>;
  readonly #cache = new GenerationCache<StateKey, KeyChunk>(CACHED_CHUNKS);
  readonly #names = new SortedKeys();

  private constructor(chunks: Repository<StateKey, KeyChunk>) {
    this.#chunks = chunks;
    this.#names.add(FIRST_NAME);
  }

  /** Reads the names of all chunks. */
  static async open(chunks: Repository<StateKey, KeyChunk>): Promise<OrderedIndex> {
    const index = new OrderedIndex(chunks);
    for await (const [name] of chunks.entries()) index.#names.add(name);
    return index;
  }

  /**
   * Entries whose keys start with the prefix, in order, after a key if one is given.
   *
   * @param read the value of a key that stands in its own row alone
   */
  range({ prefix, limit, after }: IndexRange, read: (key: StateKey) => Uint8Array): StateEntry[] {
    const entries: StateEntry[] = [];
    const from = after !== undefined && after > prefix ? after : prefix;
    const first = this.#nameFor(from);
    for (const name of this.#names.from(first)) {
      // Only in the first chunk some stand before the range, and only in its last one some behind it.
      const { keys, values } = name === first ? this.#chunk(name) : this.#passed(name);
      let index = name === first ? firstAtLeast(keys, from) : 0;
      if (keys[index] === after) index++;
      const isWhole = keys.at(-1)?.startsWith(prefix) === true;
      for (; index < keys.length; index++) {
        const key = keys[index] as StateKey;
        if (!isWhole && !key.startsWith(prefix)) return entries;
        entries.push({ key, value: values[index] ?? read(key) });
        if (entries.length === limit) return entries;
      }
    }
    return entries;
  }

  /** What it takes to put keys, or what stands beside them, and to delete keys that are there. */
  change(put: readonly Listing[], deleted: readonly StateKey[]): IndexChange {
    const edits = new Map<StateKey, { readonly put: Listing[]; readonly deleted: Set<StateKey> }>();
    const editOf = (key: StateKey) => {
      const name = this.#nameFor(key);
      const known = edits.get(name);
      if (known !== undefined) return known;
      const edit = { put: [], deleted: new Set<StateKey>() };
      edits.set(name, edit);
      return edit;
    };
    for (const listing of put) editOf(listing.key).put.push(listing);
    for (const key of deleted) editOf(key).deleted.add(key);
    const chunks = new Map<StateKey, KeyChunk>();
    for (const [name, edit] of edits) {
      const edited = editChunk(this.#chunk(name), edit.put, edit.deleted);
      for (const [part, chunk] of split(edited).entries()) {
        chunks.set(part === 0 ? name : (chunk.keys[0] as StateKey), chunk);
      }
    }
    return chunks;
  }

  write(change: IndexChange, batch: HeightBatch): void {
    for (const [name, chunk] of change) {
      if (chunk.keys.length === 0) this.#chunks.delete(batch, name);
      else this.#chunks.put(batch, name, chunk);
    }
  }

  /** Once the height is written. */
  apply(change: IndexChange): void {
    for (const [name, chunk] of change) {
      this.#cache.set(name, chunk);
      if (chunk.keys.length > 0) this.#names.add(name);
      else if (name !== FIRST_NAME) this.#names.delete(name);
    }
  }

  #nameFor(key: StateKey): StateKey {
    return this.#names.floor(key) ?? FIRST_NAME;
  }

  #chunk(name: StateKey): KeyChunk {
    const cached = this.#cache.get(name);
    if (cached !== undefined) return cached;
    const chunk = this.#chunks.get(name) ?? EMPTY;
    this.#cache.set(name, chunk);
    return chunk;
  }

  /** One of many that a range goes through once: memory does not learn it, and so forgets nothing else for it. */
  #passed(name: StateKey): KeyChunk {
    return this.#cache.get(name) ?? this.#chunks.get(name) ?? EMPTY;
  }
}

/** Parts that fit their rows; one where there is no key. */
function split({ keys, values }: KeyChunk): readonly KeyChunk[] {
  const parts = Math.max(1, Math.ceil(keys.length / MAX_CHUNK_KEYS));
  const size = Math.ceil(keys.length / parts);
  return Array.from({ length: parts }, (_, part) => ({
    keys: keys.slice(part * size, (part + 1) * size),
    values: values.slice(part * size, (part + 1) * size),
  }));
}
