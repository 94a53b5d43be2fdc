import { InvariantError, invariant, isCodedError } from '../../primitives/errors.js';
import { RlpError } from '../../primitives/rlp.js';
import type { MapAbi } from './abi.js';
import { apiFailure } from './failure.js';
import type { ContractHost, StateEntry, StateKey } from './host.js';
import { isNameOf, NAME_PATTERNS } from './names.js';
import { RANGE_LIMIT } from './rangeLimit.js';
import { type Infer, type KeySchema, mismatch, type Schema, SchemaError } from './schema.js';

export type KeySchemas = readonly KeySchema<unknown>[];

export type KeyOf<K extends KeySchemas> = { readonly [I in keyof K]: Infer<K[I]> };

/** The first parts of a key. */
export type PrefixOf<K extends readonly unknown[]> = K extends readonly [...infer Head, unknown]
  ? K | PrefixOf<Head>
  : K;

/** How a map of the state is declared. */
export interface MapDefinition<K extends KeySchemas, V, Absent extends V | undefined> {
  readonly keys: K;
  readonly value: Schema<V>;
  /** What `get` gives where nothing is stored; without it `get` fails with `NOT_FOUND`. */
  readonly absent: Absent;
}

/** Declares a map of the state: its key's parts, its value, and what `get` gives where nothing is stored. */
export function map<const K extends KeySchemas, V>(keys: K, value: Schema<V>): MapDefinition<K, V, undefined>;
export function map<const K extends KeySchemas, V>(keys: K, value: Schema<V>, absent: V): MapDefinition<K, V, V>;
export function map<K extends KeySchemas, V>(
  keys: K,
  value: Schema<V>,
  absent?: V,
): MapDefinition<K, V, V | undefined> {
  return { keys, value, absent };
}

export interface MapEntry<K extends KeySchemas, V> {
  readonly key: KeyOf<K>;
  readonly value: V;
}

/** An entry as it stands in the state: nothing of it is decoded. */
export interface MapRow {
  /** The parts of the key behind those that were asked for; each character is a byte. */
  readonly key: string;
  readonly value: Uint8Array;
}

/** What a view may do with a map. */
export interface ReadonlyStateMap<K extends KeySchemas, V> {
  /** The value, or the map's value for absence. @throws ContractFailure `NOT_FOUND` where there is neither */
  get(...key: KeyOf<K>): V;
  /** The value as stored, undefined where nothing is. */
  find(...key: KeyOf<K>): V | undefined;
  has(...key: KeyOf<K>): boolean;
  /** Entries in the order of their keys, after the key `after`; at most `limit` ≤ 1,000. */
  entries(limit: number, after?: KeyOf<K>): readonly MapEntry<K, V>[];
  /** The same among the entries whose key begins with these parts. */
  entriesUnder(prefix: PrefixOf<KeyOf<K>>, limit: number, after?: KeyOf<K>): readonly MapEntry<K, V>[];
  /** The same as bytes, for registers of very many whose entries are not needed one by one. */
  rowsUnder(prefix: PrefixOf<KeyOf<K>>, limit: number, after?: KeyOf<K>): readonly MapRow[];
}

/** What a transaction's method may do with a map. */
export interface StateMap<K extends KeySchemas, V> extends ReadonlyStateMap<K, V> {
  set(...keyAndValue: [...KeyOf<K>, V]): void;
  delete(...key: KeyOf<K>): void;
}

/** What a migration may do with a map as an earlier version left it: nothing new is written in its old form. */
export interface OldStateMap<K extends KeySchemas, V> extends ReadonlyStateMap<K, V> {
  delete(...key: KeyOf<K>): void;
}

export type MapDefinitions = Readonly<Record<string, MapDefinition<KeySchemas, unknown, unknown>>>;

export type StateOf<S extends MapDefinitions> = {
  readonly [N in keyof S]: S[N] extends MapDefinition<infer K, infer V, infer _> ? StateMap<K, V> : never;
};

export type ReadonlyStateOf<S extends MapDefinitions> = {
  readonly [N in keyof S]: S[N] extends MapDefinition<infer K, infer V, infer _> ? ReadonlyStateMap<K, V> : never;
};

export type OldStateOf<S extends MapDefinitions> = {
  readonly [N in keyof S]: S[N] extends MapDefinition<infer K, infer V, infer _> ? OldStateMap<K, V> : never;
};

/**
 * PROTOCOL §Migrations M3. Who wrote what a map holds: `own`: this version alone, so that bytes that do not decode are damage; `migrating`: this
 * version and the one before; `old`: the one before, in whose form nothing is written any more.
 */
export type Provenance = 'own' | 'migrating' | 'old';

/**
 * Keys and values of one map, without a host: the contract's own reads go through it, and so do those of whoever reads
 * the state from outside. A key is the map's name, a zero byte and the parts of the key.
 */
export class MapLayout<K extends KeySchemas, V> {
  readonly name: string;
  readonly absent: V | undefined;
  readonly partCount: number;
  readonly provenance: Provenance;
  readonly #keys: K;
  readonly #value: Schema<V>;
  readonly #prefix: StateKey;

  constructor(name: string, definition: MapDefinition<K, V, V | undefined>, provenance: Provenance = 'own') {
    const expected = NAME_PATTERNS.map.source;
    invariant(isNameOf('map', name), `${name} is no name of a map`, { expected, actual: name });
    this.name = name;
    this.absent = definition.absent;
    this.partCount = definition.keys.length;
    this.provenance = provenance;
    this.#keys = definition.keys;
    this.#value = definition.value;
    this.#prefix = `${name}\0`;
  }

  /** Key of these parts, or the prefix of all keys that begin with them. @throws SchemaError */
  key(parts: readonly unknown[]): StateKey {
    let key = this.#prefix;
    const count = Math.min(parts.length, this.partCount);
    for (let i = 0; i < count; i++) key += (this.#keys[i] as KeySchema<unknown>).encodeKey(parts[i]);
    return key;
  }

  /** True for a key of this map. */
  owns(key: StateKey): boolean {
    return key.startsWith(this.#prefix);
  }

  /** The parts of a key that `key` made. @throws SchemaError for one that it did not make, unless all are its own */
  keyParts(key: StateKey): KeyOf<K> {
    if (this.provenance === 'own') return this.#keyParts(key);
    try {
      const parts = this.#keyParts(key);
      if (this.key(parts) === key) return parts;
    } catch (error) {
      if (!isCodedError(error)) throw error;
    }
    throw mismatch(`keys of the map ${this.name} as this version declares them`, 'another key');
  }

  /** The same for a key whose first parts are those of another one: they are not read again. @throws as `keyParts` */
  keyPartsLike(other: KeyOf<K>, sharedCount: number, key: StateKey): KeyOf<K> {
    return this.provenance === 'own' ? this.#keyParts(key, other, sharedCount) : this.keyParts(key);
  }

  #keyParts(key: StateKey, other?: KeyOf<K>, sharedCount = 0): KeyOf<K> {
    let offset = this.#prefix.length;
    const parts = this.#keys.map((schema, index) => {
      const start = offset;
      offset = schema.keyEnd(key, offset);
      const shared: unknown = index < sharedCount ? other?.[index] : undefined;
      // What can be changed in place is not shared.
      return shared === undefined || typeof shared === 'object' ? schema.decodeKey(key.slice(start, offset)) : shared;
    });
    return parts as unknown as KeyOf<K>;
  }

  abi(): MapAbi {
    return { keys: this.#keys.map((schema) => schema.schema()), value: this.#value.schema() };
  }

  encode(value: V): Uint8Array {
    return this.#value.encode(value);
  }

  /**
   * @throws InvariantError: what stands in the state was encoded here, so anything else means that it was damaged;
   * SchemaError where an earlier version wrote, too
   */
  decode(bytes: Uint8Array): V {
    try {
      return this.#value.decode(bytes);
    } catch (error) {
      if (!(error instanceof RlpError) && !(error instanceof SchemaError)) throw error;
      if (this.provenance !== 'own') throw mismatch(`values of the map ${this.name} as declared`, 'another value');
      throw new InvariantError(`a stored value of the map ${this.name} does not decode: ${error.message}`, {
        expected: 'bytes that this contract has written',
        actual: `${bytes.length} other bytes`,
      });
    }
  }
}

/** A map of the state as a running method sees it. */
export class BoundMap<K extends KeySchemas, V> implements StateMap<K, V> {
  readonly #layout: MapLayout<K, V>;
  readonly #host: ContractHost;
  readonly #call: string;
  readonly #writable: boolean;
  // Most keys are read and then written: the second time costs nothing.
  #newestParts: readonly unknown[] = [];
  #newestKey: StateKey | undefined;

  constructor(layout: MapLayout<K, V>, host: ContractHost, call: string, writable: boolean) {
    this.#layout = layout;
    this.#host = host;
    this.#call = call;
    this.#writable = writable;
  }

  get(...key: KeyOf<K>): V {
    const bytes = this.#host.get(this.#key(key));
    if (bytes !== undefined) return this.#layout.decode(bytes);
    if (this.#layout.absent !== undefined) return this.#layout.absent;
    throw apiFailure(this.#call, 'NOT_FOUND', { map: this.#layout.name });
  }

  find(...key: KeyOf<K>): V | undefined {
    const bytes = this.#host.get(this.#key(key));
    return bytes === undefined ? undefined : this.#layout.decode(bytes);
  }

  has(...key: KeyOf<K>): boolean {
    return this.#host.get(this.#key(key)) !== undefined;
  }

  set(...keyAndValue: [...KeyOf<K>, V]): void {
    this.#requireWritable();
    if (this.#layout.provenance === 'old') throw apiFailure(this.#call, 'READ_ONLY', {});
    const value = keyAndValue[this.#layout.partCount] as V;
    this.#host.put(this.#key(keyAndValue), this.#layout.encode(value));
  }

  delete(...key: KeyOf<K>): void {
    this.#requireWritable();
    this.#host.delete(this.#key(key));
  }

  entries(limit: number, after?: KeyOf<K>): readonly MapEntry<K, V>[] {
    return this.#range([], limit, after);
  }

  entriesUnder(prefix: PrefixOf<KeyOf<K>>, limit: number, after?: KeyOf<K>): readonly MapEntry<K, V>[] {
    return this.#range(prefix as readonly unknown[], limit, after);
  }

  rowsUnder(prefix: PrefixOf<KeyOf<K>>, limit: number, after?: KeyOf<K>): readonly MapRow[] {
    const start = this.#layout.key(prefix as readonly unknown[]);
    // Copies: what stands in the state is nobody's to change.
    return this.#rows(start, limit, after).map(({ key, value }) => ({
      key: key.slice(start.length),
      value: value.slice(),
    }));
  }

  #key(parts: readonly unknown[]): StateKey {
    if (this.#newestKey === undefined || !this.#isNewest(parts)) {
      this.#newestKey = this.#layout.key(parts);
      this.#newestParts = parts;
    }
    return this.#newestKey;
  }

  /** Only parts that cannot change in place count as the same: strings, numbers, bigints, booleans. */
  #isNewest(parts: readonly unknown[]): boolean {
    for (let i = 0; i < this.#layout.partCount; i++) {
      if (parts[i] !== this.#newestParts[i] || typeof parts[i] === 'object') return false;
    }
    return true;
  }

  #range(prefix: readonly unknown[], limit: number, after: KeyOf<K> | undefined): readonly MapEntry<K, V>[] {
    const layout = this.#layout;
    const rows = this.#rows(layout.key(prefix), limit, after);
    let first: KeyOf<K> | undefined;
    return rows.map((row) => {
      const key = first === undefined ? layout.keyParts(row.key) : layout.keyPartsLike(first, prefix.length, row.key);
      first ??= key;
      return { key, value: layout.decode(row.value) };
    });
  }

  #rows(prefix: StateKey, limit: number, after: KeyOf<K> | undefined): readonly StateEntry[] {
    if (limit > RANGE_LIMIT) throw apiFailure(this.#call, 'LIMIT_EXCEEDED', { limit: RANGE_LIMIT });
    return this.#host.range(prefix, limit, after === undefined ? undefined : this.#layout.key(after));
  }

  #requireWritable(): void {
    if (!this.#writable) throw apiFailure(this.#call, 'READ_ONLY', {});
  }
}
