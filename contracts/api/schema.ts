import { CodedError } from '../../primitives/errors.js';
import { RlpReader } from '../../primitives/rlp.js';
import { firstCodePoints, wellFormed } from '../../primitives/text.js';

/**
 * The base of every schema value. One schema value gives a static type, the canonical bytes in both directions, the JSON
 * form in both directions and a JSON Schema: arguments, results, events, errors and state all come from the same few.
 */

/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

/** A JSON Schema (2020-12) object; `x-vostro` names the schema value, so that it can be rebuilt from the JSON alone. */
export type JsonSchema = { readonly [keyword: string]: Json };

export type SchemaErrorCode = 'VALUE_INVALID' | 'AMOUNT_OVERFLOW';

/** A value that its schema does not allow; `details.path` says where in the whole, when it came as JSON. */
export class SchemaError extends CodedError<SchemaErrorCode> {}

const SHOWN_CHARACTERS = 64;

/** A value as an error message may show it: short, and of whatever type. */
export function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return value instanceof Uint8Array ? `${value.length} bytes` : 'an object';
  const text = typeof value === 'string' ? `"${value}"` : String(value);
  const start = firstCodePoints(text, SHOWN_CHARACTERS);
  return wellFormed(start.length < text.length ? `${start}…` : text);
}

/** Makes the refusal of a value: `$.payments[2].amount: expected …, found …`. */
export function mismatch(
  expected: string,
  actual: unknown,
  path?: string,
  code: SchemaErrorCode = 'VALUE_INVALID',
): SchemaError {
  const found = shown(actual);
  const message = `${path === undefined ? '' : `${path}: `}expected ${expected}, found ${found}`;
  return new SchemaError(code, message, { expected, actual: found, ...(path === undefined ? {} : { path }) });
}

export abstract class Schema<T> {
  /** Bytes that `write` will take. @throws SchemaError */
  abstract size(value: T): number;
  /** Writes a value that `size` has taken; between them they check all of it. @returns the offset after it. */
  abstract write(value: T, target: Uint8Array, offset: number): number;
  /** Reads the next item. @throws RlpError, SchemaError */
  abstract read(reader: RlpReader): T;
  /** Reads the JSON form, or a value of the static type itself. @throws SchemaError that names `path` */
  abstract parseJson(json: unknown, path?: string): T;
  abstract toJson(value: T): Json;
  abstract schema(): JsonSchema;

  /** The canonical bytes. @throws SchemaError when the schema does not allow the value */
  encode(value: T): Uint8Array {
    const target = new Uint8Array(this.size(value));
    this.write(value, target, 0);
    return target;
  }

  /** The value of exactly these bytes. @throws RlpError, SchemaError */
  decode(bytes: Uint8Array): T {
    const reader = new RlpReader(bytes);
    const value = this.read(reader);
    reader.done();
    return value;
  }
}

/** A schema whose values may be part of a state key. */
export abstract class KeySchema<T> extends Schema<T> {
  /**
   * A byte string (one character a byte) whose order is the order of the values, and that tells its own end: keys of
   * several parts are their concatenation. @throws SchemaError
   */
  abstract encodeKey(value: T): string;
  /** Where the part that begins at `offset` of a key of the state ends. */
  abstract keyEnd(key: string, offset: number): number;
  /** The value of a part that `encodeKey` made. */
  abstract decodeKey(part: string): T;
}

/** The static type of a schema value. */
export type Infer<S> = S extends Schema<infer T> ? T : never;

/** Where a part that ends with the byte 0 ends; such a part holds no other 0. */
export function terminatedEnd(key: string, offset: number): number {
  return key.indexOf('\0', offset) + 1;
}
