import { prefixLength, type RlpReader, writePrefix } from '../../primitives/rlp.js';
import { type Infer, type Json, type JsonSchema, mismatch, Schema } from './schema.js';
import { listJson, optionalJson, structJson } from './schemaJson.js';

/** Named fields in the order of their bytes. */
export type Fields = Readonly<Record<string, Schema<unknown>>>;

type OptionalNames<F extends Fields> = { [N in keyof F]: F[N] extends OptionalSchema<unknown> ? N : never }[keyof F];

/** The static type of fields: an optional one may be left out. */
export type StructOf<F extends Fields> = {
  readonly [N in Exclude<keyof F, OptionalNames<F>>]: Infer<F[N]>;
} & { readonly [N in OptionalNames<F>]?: Infer<F[N]> };

const FIELD_NAME = /^[a-zA-Z][a-zA-Z0-9_]{0,63}$/;

/** A list with one item for each field, in the order of their declaration. */
export class StructSchema<F extends Fields> extends Schema<StructOf<F>> {
  readonly fields: F;
  readonly #names: readonly string[];
  readonly #schemas: readonly Schema<unknown>[];

  constructor(fields: F) {
    super();
    for (const name of Object.keys(fields)) {
      if (!FIELD_NAME.test(name)) throw mismatch('a field name of letters, digits and underscores', name);
    }
    this.fields = fields;
    this.#names = Object.keys(fields);
    this.#schemas = Object.values(fields);
  }
  size(value: StructOf<F>): number {
    const payload = this.#payload(value);
    return prefixLength(payload) + payload;
  }
  write(value: StructOf<F>, target: Uint8Array, offset: number): number {
    return this.#write(value, this.#payload(value), target, offset);
  }
  override encode(value: StructOf<F>): Uint8Array {
    const payload = this.#payload(value);
    const target = new Uint8Array(prefixLength(payload) + payload);
    this.#write(value, payload, target, 0);
    return target;
  }
  #write(value: StructOf<F>, payload: number, target: Uint8Array, offset: number): number {
    const names = this.#names;
    const schemas = this.#schemas;
    const record = value as Readonly<Record<string, unknown>>;
    let next = writePrefix(target, offset, payload, 0xc0);
    for (let i = 0; i < schemas.length; i++) {
      next = (schemas[i] as Schema<unknown>).write(record[names[i] as string], target, next);
    }
    return next;
  }
  read(reader: RlpReader): StructOf<F> {
    const names = this.#names;
    const schemas = this.#schemas;
    const items = reader.list();
    const record: Record<string, unknown> = {};
    for (let i = 0; i < schemas.length; i++) record[names[i] as string] = (schemas[i] as Schema<unknown>).read(items);
    items.done();
    return record as StructOf<F>;
  }
  parseJson(json: unknown, path = '$'): StructOf<F> {
    const given = requireObject(json, path);
    for (const name of Object.keys(given)) {
      if (!Object.hasOwn(this.fields, name)) {
        throw mismatch(`only the fields ${this.#names.join(', ') || '(none)'}`, name, path);
      }
    }
    const record: Record<string, unknown> = {};
    for (let i = 0; i < this.#names.length; i++) {
      const name = this.#names[i] as string;
      const field = Object.hasOwn(given, name) ? given[name] : undefined;
      record[name] = (this.#schemas[i] as Schema<unknown>).parseJson(field, `${path}.${name}`);
    }
    return record as StructOf<F>;
  }
  toJson(value: StructOf<F>): Json {
    const record = value as Readonly<Record<string, unknown>>;
    const json: Record<string, Json> = {};
    for (let i = 0; i < this.#names.length; i++) {
      const name = this.#names[i] as string;
      if (record[name] === undefined) continue;
      json[name] = (this.#schemas[i] as Schema<unknown>).toJson(record[name]);
    }
    return json;
  }
  schema(): JsonSchema {
    return structJson(new Map(Object.entries(this.fields).map(([name, field]) => [name, field.schema()])));
  }

  #payload(value: StructOf<F>): number {
    if (typeof value !== 'object' || value === null) throw mismatch('an object', value);
    const names = this.#names;
    const schemas = this.#schemas;
    const record = value as Readonly<Record<string, unknown>>;
    let payload = 0;
    for (let i = 0; i < schemas.length; i++)
      payload += (schemas[i] as Schema<unknown>).size(record[names[i] as string]);
    return payload;
  }
}

function requireObject(json: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof json !== 'object' || json === null || Array.isArray(json) || json instanceof Uint8Array) {
    throw mismatch('an object', json, path);
  }
  return json as Readonly<Record<string, unknown>>;
}

/** At most `max` values of one schema. */
export class ListSchema<T> extends Schema<readonly T[]> {
  readonly #item: Schema<T>;
  readonly #max: number;
  readonly #min: number;

  constructor(item: Schema<T>, max: number, min: number) {
    super();
    if (!Number.isSafeInteger(max) || max < 1 || min < 0 || min > max) throw mismatch('0 ≤ min ≤ max, max ≥ 1', max);
    this.#item = item;
    this.#max = max;
    this.#min = min;
  }
  size(value: readonly T[]): number {
    const payload = this.#payload(value);
    return prefixLength(payload) + payload;
  }
  write(value: readonly T[], target: Uint8Array, offset: number): number {
    let next = writePrefix(target, offset, this.#payload(value), 0xc0);
    for (let i = 0; i < value.length; i++) next = this.#item.write(value[i] as T, target, next);
    return next;
  }
  read(reader: RlpReader): readonly T[] {
    const items = reader.list();
    const values: T[] = [];
    while (items.hasMore()) {
      if (values.length === this.#max) throw mismatch(`at most ${this.#max} items`, 'more');
      values.push(this.#item.read(items));
    }
    this.#checkCount(values);
    return values;
  }
  parseJson(json: unknown, path = '$'): readonly T[] {
    if (!Array.isArray(json)) throw mismatch('a list', json, path);
    this.#checkCount(json, path);
    // Not map, which passes over the holes of a sparse array.
    return Array.from(json, (item, index) => this.#item.parseJson(item, `${path}[${index}]`));
  }
  toJson(value: readonly T[]): Json {
    return value.map((item) => this.#item.toJson(item));
  }
  schema(): JsonSchema {
    return listJson(this.#item.schema(), this.#max, this.#min);
  }

  #payload(value: readonly T[]): number {
    if (!Array.isArray(value)) throw mismatch('a list', value);
    this.#checkCount(value);
    let payload = 0;
    for (let i = 0; i < value.length; i++) payload += this.#item.size(value[i] as T);
    return payload;
  }
  #checkCount(items: readonly unknown[], path?: string): void {
    if (items.length >= this.#min && items.length <= this.#max) return;
    throw mismatch(`${this.#min} to ${this.#max} items`, items, path);
  }
}

const EMPTY_LIST = 0xc0;

/** A value or none: a list of one or of nothing; left out or null in JSON. */
export class OptionalSchema<T> extends Schema<T | undefined> {
  readonly #inner: Schema<T>;

  constructor(inner: Schema<T>) {
    super();
    this.#inner = inner;
  }
  size(value: T | undefined): number {
    if (value === undefined) return 1;
    const payload = this.#inner.size(value);
    return prefixLength(payload) + payload;
  }
  write(value: T | undefined, target: Uint8Array, offset: number): number {
    if (value === undefined) {
      target[offset] = EMPTY_LIST;
      return offset + 1;
    }
    return this.#inner.write(value, target, writePrefix(target, offset, this.#inner.size(value), EMPTY_LIST));
  }
  read(reader: RlpReader): T | undefined {
    if (reader.skipEmptyList()) return undefined;
    const items = reader.list();
    const value = this.#inner.read(items);
    items.done();
    return value;
  }
  parseJson(json: unknown, path?: string): T | undefined {
    return json === undefined || json === null ? undefined : this.#inner.parseJson(json, path);
  }
  toJson(value: T | undefined): Json {
    return value === undefined ? null : this.#inner.toJson(value);
  }
  schema(): JsonSchema {
    return optionalJson(this.#inner.schema());
  }
}
