import type { JsonSchema } from '../../contracts/api/schema.js';
import {
  ADDRESS_JSON,
  AMOUNT_JSON,
  BOOL_JSON,
  bytesJson,
  DAY_JSON,
  enumJson,
  hexJson,
  type IdentifierName,
  identifierJson,
  listJson,
  optionalJson,
  structJson,
  textJson,
  uintJson,
} from '../../contracts/api/schemaJson.js';
import { fromHex, invalid, parseText, plainText, toHex } from './host.js';
import { SEPARATOR } from './operations.js';

/**
 * The schema values as a guest needs them: what they are, for the ABI, and a value to and from what crosses the border.
 * They tell one type from another; whether a value is in range, well-formed or one of the names is the host's to judge.
 * Loops and calls are few here, because the guest pays for each: this is the hot path of every contract.
 */
export interface GuestSchema {
  readonly json: JsonSchema;
  /** Of the values that cross as the text that JavaScript makes of them. */
  readonly type: 'string' | 'number' | 'boolean' | 'bigint' | undefined;
  /** What of a value crosses. @throws ContractFailure `VALUE_INVALID` */
  write(value: unknown): string;
  /** The value of what JSON.parse gave, perhaps changed in place. Undefined where that is the value as it is. */
  readonly revive: ((wire: unknown) => unknown) | undefined;
  /** The value of a text of its own. */
  read(text: string): unknown;
}

export type GuestFields = Readonly<Record<string, GuestSchema>>;

export interface GuestStruct extends GuestSchema {
  readonly fields: GuestFields;
}

/** A text that no JSON would have to quote. */
function bare(json: JsonSchema): GuestSchema {
  return {
    json,
    type: 'string',
    write: (value) => (typeof value === 'string' ? value : invalid()),
    revive: undefined,
    read: (text) => text,
  };
}

/** Any text: one that is not well-formed does not cross. */
function quoted(json: JsonSchema): GuestSchema {
  return {
    json,
    type: undefined,
    write: plainText,
    revive: undefined,
    read: parseText,
  };
}

function number(json: JsonSchema): GuestSchema {
  return {
    json,
    type: 'number',
    write: (value) => (typeof value === 'number' ? `${value}` : invalid()),
    revive: undefined,
    read: Number,
  };
}

const bool: GuestSchema = {
  json: BOOL_JSON,
  type: 'boolean',
  write: (value) => (typeof value === 'boolean' ? `${value}` : invalid()),
  revive: undefined,
  read: (text) => text === 'true',
};

const amount: GuestSchema = {
  json: AMOUNT_JSON,
  type: 'bigint',
  write: (value) => (typeof value === 'bigint' ? `${value}` : invalid()),
  revive: (wire) => BigInt(wire as string),
  read: BigInt,
};

const identifier = (name: IdentifierName): GuestSchema => bare(identifierJson(name));

function bytes(max: number, min: number): GuestSchema {
  return {
    json: bytesJson(max, min),
    type: undefined,
    write: (value) => (value instanceof Uint8Array ? toHex(value) : invalid()),
    revive: (wire) => fromHex(wire as string),
    read: fromHex,
  };
}

function composite(json: JsonSchema, write: GuestSchema['write'], revive: GuestSchema['revive']): GuestSchema {
  const read = revive === undefined ? parseText : (text: string) => revive(parseText(text));
  return { json, type: undefined, write, revive, read };
}

function list(item: GuestSchema, max: number, min: number): GuestSchema {
  const { write, revive } = item;
  return composite(
    listJson(item.json, max, min),
    (value) => {
      if (!Array.isArray(value)) return invalid();
      let text = `${value.length}`;
      for (let i = 0; i < value.length; i++) text += SEPARATOR + write(value[i]);
      return text;
    },
    revive &&
      ((wire) => {
        const values = wire as unknown[];
        for (let i = 0; i < values.length; i++) values[i] = revive(values[i]);
        return values;
      }),
  );
}

function optional(inner: GuestSchema): GuestSchema {
  const { write, revive } = inner;
  return composite(
    optionalJson(inner.json),
    (value) => (value === undefined ? '0' : `1${SEPARATOR}${write(value)}`),
    (wire) => (wire === null ? undefined : revive === undefined ? wire : revive(wire)),
  );
}

/** Named values, in the order of their declaration on the border, whatever else the guest's object holds. */
export function struct(fields: GuestFields): GuestStruct {
  const names = Object.keys(fields);
  const schemas = Object.values(fields);
  const types = schemas.map(({ type }) => type);
  const writes = schemas.map(({ write }) => write);
  const count = names.length;
  const json = structJson(new Map(names.map((name, index) => [name, (schemas[index] as GuestSchema).json])));
  const write = (value: unknown): string => {
    if (typeof value !== 'object' || value === null) return invalid();
    const given = value as Readonly<Record<string, string>>;
    let text = '';
    for (let i = 0; i < count; i++) {
      const field = given[names[i] as string] as string;
      if (i > 0) text += SEPARATOR;
      text += typeof field === types[i] ? field : (writes[i] as GuestSchema['write'])(field);
    }
    return text;
  };
  return { fields, ...composite(json, write, structRevival(fields)) };
}

function structRevival(fields: GuestFields): GuestSchema['revive'] {
  const names = Object.keys(fields).filter((name) => fields[name]?.revive !== undefined);
  const revivals = names.map((name) => fields[name]?.revive as (wire: unknown) => unknown);
  const [name, revive] = [names[0], revivals[0]];
  if (name === undefined || revive === undefined) return undefined;
  if (names.length === 1) {
    return (wire) => {
      const values = wire as Record<string, unknown>;
      values[name] = revive(values[name]);
      return values;
    };
  }
  return (wire) => {
    const values = wire as Record<string, unknown>;
    for (let i = 0; i < names.length; i++) {
      const each = names[i] as string;
      values[each] = (revivals[i] as (wire: unknown) => unknown)(values[each]);
    }
    return values;
  };
}

/** What `vostro/contract` exports as `t`. */
export const t = {
  amount,
  address: bare(ADDRESS_JSON),
  bool,
  id: identifier('id'),
  bic: identifier('bic'),
  lei: identifier('lei'),
  isin: identifier('isin'),
  currency: identifier('currency'),
  day: number(DAY_JSON),
  uint: (max: number = Number.MAX_SAFE_INTEGER): GuestSchema => number(uintJson(max)),
  text: (max: number, min = 1): GuestSchema => quoted(textJson(max, min)),
  bytes: (max: number, min = 0): GuestSchema => bytes(max, min),
  fixedBytes: (length: number): GuestSchema => bytes(length, length),
  hex: (lengthBytes: number): GuestSchema => bare(hexJson(lengthBytes)),
  enum: (names: readonly string[]): GuestSchema => bare(enumJson(names)),
  list: (item: GuestSchema, max: number, min = 0): GuestSchema => list(item, max, min),
  struct,
  optional,
} as const;
