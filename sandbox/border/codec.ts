import { schemaFromJson } from '../../contracts/api/abiSchema.js';
import { type Json, type JsonSchema, mismatch, type Schema } from '../../contracts/api/schema.js';
import { toHex } from '../../primitives/bytes.js';
import { Lines } from './lines.js';

/** One schema's values on the border: canonical bytes to what a guest reads, and what a guest writes to canonical bytes. */
export interface BorderCodec {
  readonly schema: Schema<unknown>;
  /**
   * JSON with addresses in lower case, every field of a struct in its place, null for an optional value that is not there;
   * of a scalar that is no text, its characters alone. PROTOCOL §Sandbox Z1
   *
   * @throws RlpError, SchemaError for bytes that are no value
   */
  textOf(bytes: Uint8Array): string;
  /** JSON of a value that `schema` gave. */
  json(value: unknown): string;
  /** The value of the next lines. Its own range and form are judged when it is encoded. @throws SchemaError */
  read(lines: Lines): unknown;
  /** Canonical bytes of what a guest wrote. @throws SchemaError */
  bytesOf(text: string): Uint8Array;
}

type Write = (value: unknown) => string;
type Read = (lines: Lines) => unknown;

interface Translation {
  /** As JSON. */
  readonly json: Write;
  /** Standing alone, where that is not its JSON. */
  readonly alone?: Write;
  readonly read: Read;
}

/** Compiles the codec of a JSON Schema of ours. @throws SchemaError for any other */
export function compileCodec(description: JsonSchema): BorderCodec {
  const schema = schemaFromJson(description);
  const { json, alone = json, read } = translation(description);
  return {
    schema,
    json,
    read,
    textOf: (bytes) => alone(schema.decode(bytes)),
    bytesOf: (text) => {
      const lines = new Lines(text);
      const value = read(lines);
      lines.done();
      return schema.encode(value);
    },
  };
}

const characters: Write = (value) => `${value as string | number | bigint | boolean}`;
const quoted: Write = (value) => `"${value as string | bigint}"`;
const escaped: Write = (value) => JSON.stringify(value);
const hexadecimal: Write = (value) => toHex(value as Uint8Array);
const line: Read = (lines) => lines.next();

function translation(description: JsonSchema): Translation {
  switch (description['x-vostro']) {
    case 'amount':
      return { json: quoted, alone: characters, read: readAmount };
    case 'bool':
      return { json: characters, read: readBool };
    case 'day':
    case 'uint':
      return { json: characters, read: readNumber };
    case 'text':
      return { json: escaped, read: line };
    case 'bytes':
      return bytesTranslation(schemaFromJson(description));
    case 'list':
      return listTranslation(translation(description['items'] as JsonSchema), description['maxItems'] as number);
    case 'optional':
      return optionalTranslation(translation((description['oneOf'] as readonly JsonSchema[])[0] as JsonSchema));
    case 'struct':
      return structTranslation(description);
    default:
      // Addresses, hexadecimal, identifiers and names hold no character that JSON escapes.
      return { json: quoted, alone: characters, read: line };
  }
}

const AMOUNT = /^(?:0|-?[1-9][0-9]*)$/;
/** Of 2^128 - 1. */
const AMOUNT_DIGITS = 39;

/** A guest's own amounts have any size and sign: those out of range are told from what is no amount. */
function readAmount(lines: Lines): bigint {
  const text = lines.next();
  if (!AMOUNT.test(text)) throw mismatch('the digits of an integer', text);
  if (text.length > AMOUNT_DIGITS) throw mismatch('an amount', 'one outside', undefined, 'AMOUNT_OVERFLOW');
  return BigInt(text);
}

function readNumber(lines: Lines): number {
  const text = lines.next();
  const value = Number(text);
  if (`${value}` !== text) throw mismatch('a number', text);
  return value;
}

function readBool(lines: Lines): boolean {
  const text = lines.next();
  if (text !== 'true' && text !== 'false') throw mismatch('true or false', text);
  return text === 'true';
}

function bytesTranslation(schema: Schema<unknown>): Translation {
  return {
    json: (value) => `"${hexadecimal(value)}"`,
    alone: hexadecimal,
    read: (lines) => schema.parseJson(lines.next()),
  };
}

function listTranslation(item: Translation, max: number): Translation {
  return {
    json: (value) => `[${(value as readonly unknown[]).map(item.json).join(',')}]`,
    read: (lines) => {
      const count = lines.count();
      if (count > max) throw mismatch(`at most ${max} items`, count);
      const values: unknown[] = [];
      for (let i = 0; i < count; i++) values.push(item.read(lines));
      return values;
    },
  };
}

function optionalTranslation(inner: Translation): Translation {
  return {
    json: (value) => (value === undefined ? 'null' : inner.json(value)),
    read: (lines) => {
      const mark = lines.next();
      if (mark !== '0' && mark !== '1') throw mismatch('0 or 1', mark);
      return mark === '1' ? inner.read(lines) : undefined;
    },
  };
}

function structTranslation(description: JsonSchema): Translation {
  const names = description['x-order'] as readonly string[];
  const properties = description['properties'] as Readonly<Record<string, Json>>;
  const fields = names.map((name) => translation(properties[name] as JsonSchema));
  const prefixes = names.map((name, index) => `${index === 0 ? '{' : ','}${JSON.stringify(name)}:`);
  return {
    json: (value) => {
      const record = value as Readonly<Record<string, unknown>>;
      let text = '';
      for (let i = 0; i < names.length; i++) {
        text += (prefixes[i] as string) + (fields[i] as Translation).json(record[names[i] as string]);
      }
      return text === '' ? '{}' : `${text}}`;
    },
    read: (lines) => {
      const record: Record<string, unknown> = {};
      if (names.length === 0 && lines.next() !== '') throw mismatch('an empty line', 'another');
      for (let i = 0; i < names.length; i++) record[names[i] as string] = (fields[i] as Translation).read(lines);
      return record;
    },
  };
}
