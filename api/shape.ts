import { firstCodePoints, wellFormed } from '../primitives/text.js';
import { ApiError } from './errors.js';

/**
 * Values that are at once a static type, a check with a path in its errors, and a JSON Schema: what the methods of the
 * RPC take and give is written down once.
 */

/** What JSON can hold. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };
export type JsonSchema = { readonly [keyword: string]: Json };

/** Unknown names are errors in what a client sends, and passed over in what a newer node answers. */
export type ParseMode = 'strict' | 'lenient';

export interface Shape<T> {
  readonly schema: JsonSchema;
  /** @throws ApiError `PARAMS_INVALID` that names the path, what was expected and what was found */
  parse(value: unknown, path: string, mode: ParseMode): T;
  /** The same from the text of a path or a query; only scalars have it. */
  parseText?(text: string, path: string): T;
  /** Of a record: its values by name. */
  readonly fields?: Readonly<Record<string, Shape<unknown>>>;
}

/** The static type of a shape. */
export type Infer<S> = S extends Shape<infer T> ? T : never;

type Shapes = Readonly<Record<string, Shape<unknown>>>;
type Required<R extends Shapes> = { readonly [K in keyof R]: Infer<R[K]> };
type Optional<O extends Shapes> = { readonly [K in keyof O]?: Infer<O[K]> };

const HEX_DIGITS = /^0x[0-9a-f]*$/;
const SHOWN_CHARACTERS = 80;

function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (value === null) return 'null';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object') return 'an object';
  const text = typeof value === 'string' ? `"${value}"` : String(value);
  const start = firstCodePoints(text, SHOWN_CHARACTERS);
  return wellFormed(start.length < text.length ? `${start}…` : text);
}

export function mismatch(path: string, expected: string, actual: unknown): ApiError {
  const found = shown(actual);
  return new ApiError('PARAMS_INVALID', `${path}: expected ${expected}, found ${found}`, {
    path,
    expected,
    actual: found,
  });
}

function patternShape<T extends string>(pattern: string, description: string, maxLength: number): Shape<T> {
  const test = new RegExp(pattern, 'u');
  const parse = (value: unknown, path: string): T => {
    if (typeof value !== 'string' || value.length > maxLength || !test.test(value)) {
      throw mismatch(path, description, value);
    }
    return value as T;
  };
  return { schema: { type: 'string', pattern, maxLength, description }, parse, parseText: parse };
}

/** A record of named values; those of `optional` may be absent. */
function record<R extends Shapes>(required: R): Shape<Required<R>>;
function record<R extends Shapes, O extends Shapes>(required: R, optional: O): Shape<Required<R> & Optional<O>>;
function record(required: Shapes, optional: Shapes = {}): Shape<unknown> {
  const all = { ...required, ...optional };
  const names = Object.keys(all).join(', ');
  return {
    schema: {
      type: 'object',
      properties: Object.fromEntries(Object.entries(all).map(([name, shape]) => [name, shape.schema])),
      required: Object.keys(required),
      additionalProperties: false,
    },
    fields: all,
    parse(value, path, mode) {
      if (typeof value !== 'object' || value === null || Array.isArray(value)) {
        throw mismatch(path, names === '' ? 'an empty object' : `an object of ${names}`, value);
      }
      const given = value as Readonly<Record<string, unknown>>;
      const stranger = Object.keys(given).find((name) => !Object.hasOwn(all, name));
      if (stranger !== undefined && mode === 'strict') throw mismatch(path, `no names but ${names}`, stranger);
      const parsed: Record<string, unknown> = {};
      for (const [name, shape] of Object.entries(all)) {
        const item = Object.hasOwn(given, name) ? given[name] : undefined;
        if (item === undefined && Object.hasOwn(optional, name)) continue;
        parsed[name] = shape.parse(item, `${path}.${name}`, mode);
      }
      return parsed;
    },
  };
}

export const s = {
  /** Lower-case hexadecimal with 0x, of at most so many bytes. */
  hex: (maxBytes: number): Shape<`0x${string}`> => {
    const expected = `0x and up to ${maxBytes} bytes of lower-case hexadecimal`;
    const maxLength = 2 + 2 * maxBytes;
    const parse = (value: unknown, path: string): `0x${string}` => {
      // Evenness apart: a group repeated a million times is slow to match.
      const isHex =
        typeof value === 'string' && value.length <= maxLength && value.length % 2 === 0 && HEX_DIGITS.test(value);
      if (!isHex) throw mismatch(path, expected, value);
      return value as `0x${string}`;
    };
    const schema = { type: 'string', pattern: '^0x([0-9a-f]{2})*$', maxLength, description: expected };
    return { schema, parse, parseText: parse };
  },

  /** 32 bytes. */
  hash: patternShape<`0x${string}`>('^0x[0-9a-f]{64}$', '0x and 64 lower-case digits', 66),

  /** An address as a person may give it; EIP-55 in answers. */
  address: patternShape<string>('^0x[0-9a-fA-F]{40}$', '0x and 40 digits of hexadecimal', 42),

  /** Text of at most so many characters. */
  text: (maxLength: number, minLength = 0): Shape<string> => {
    const expected = `text of ${minLength} to ${maxLength} characters`;
    const parse = (value: unknown, path: string): string => {
      if (typeof value !== 'string' || value.length > maxLength || value.length < minLength) {
        throw mismatch(path, expected, value);
      }
      return value;
    };
    return { schema: { type: 'string', minLength, maxLength }, parse, parseText: parse };
  },

  integer: (minimum: number, maximum: number = Number.MAX_SAFE_INTEGER): Shape<number> => {
    const expected = `an integer from ${minimum} to ${maximum}`;
    const parse = (value: unknown, path: string): number => {
      if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < minimum || value > maximum) {
        throw mismatch(path, expected, value);
      }
      return value;
    };
    return {
      schema: { type: 'integer', minimum, maximum },
      parse,
      parseText: (text, path) => {
        if (!/^(0|[1-9][0-9]{0,15})$/.test(text)) throw mismatch(path, expected, text);
        return parse(Number(text), path);
      },
    };
  },

  boolean: {
    schema: { type: 'boolean' },
    parse: (value: unknown, path: string): boolean => {
      if (typeof value !== 'boolean') throw mismatch(path, 'true or false', value);
      return value;
    },
    parseText: (text: string, path: string): boolean => {
      if (text !== 'true' && text !== 'false') throw mismatch(path, 'true or false', text);
      return text === 'true';
    },
  } satisfies Shape<boolean>,

  oneOf: <const N extends string>(names: readonly N[]): Shape<N> => {
    const parse = (value: unknown, path: string): N => {
      const found = names.find((name) => name === value);
      if (found === undefined) throw mismatch(path, names.join(' or '), value);
      return found;
    };
    return { schema: { type: 'string', enum: names }, parse, parseText: parse };
  },

  list: <T>(item: Shape<T>, maxItems: number, minItems = 0): Shape<readonly T[]> => ({
    schema: { type: 'array', items: item.schema, minItems, maxItems },
    parse(value, path, mode) {
      if (!Array.isArray(value) || value.length > maxItems || value.length < minItems) {
        throw mismatch(path, `a list of ${minItems} to ${maxItems}`, value);
      }
      return value.map((one, index) => item.parse(one, `${path}[${index}]`, mode));
    },
  }),

  nullable: <T>(inner: Shape<T>): Shape<T | null> => ({
    schema: { oneOf: [inner.schema, { type: 'null' }] },
    parse: (value, path, mode) => (value === null ? null : inner.parse(value, path, mode)),
  }),

  /** Anything: what a contract's own ABI describes. */
  json: {
    schema: { description: 'as the contract’s ABI describes it' },
    parse: (value: unknown, path: string): Json => {
      if (value === undefined) throw mismatch(path, 'a JSON value', value);
      return value as Json;
    },
  } satisfies Shape<Json>,

  record,
} as const;
