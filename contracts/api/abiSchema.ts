import { type AbiCodec, type ContractAbi, createAbiCodec } from './abi.js';
import { type Fields, StructSchema } from './composites.js';
import { type Json, type JsonSchema, mismatch, type Schema } from './schema.js';
import { t } from './t.js';

/** Deeper than any schema that a contract declares; an ABI may come from a stranger. */
const MAX_DEPTH = 16;
/** Longest list, text or bytes: more than any value of the state can hold. */
const MAX_LENGTH = 65_536;
/** What a terminal, a table and a program can show as it is. */
const ENUM_NAME = /^[A-Za-z0-9][A-Za-z0-9 ._/+-]{0,63}$/;

/** Rebuilds a contract's codec from its ABI alone, as a client has it that knows nothing else of the contract. */
export function codecFromAbi(abi: ContractAbi): AbiCodec {
  const structs = (declared: Readonly<Record<string, JsonSchema>>): ReadonlyMap<string, StructSchema<Fields>> =>
    new Map(Object.entries(declared).map(([name, json]) => [name, structFrom(json, 0)]));
  const methods = Object.entries(abi.methods).map(([name, { kind, args, returns }]) => {
    const method = { kind, args: structFrom(args, 0), returns: returns === null ? undefined : schemaFromJson(returns) };
    return [name, method] as const;
  });
  return createAbiCodec({
    name: abi.name,
    version: abi.version,
    methods: new Map(methods),
    events: structs(abi.events),
    errors: structs(abi.errors),
  });
}

/** The schema value that a JSON Schema of ours describes. @throws SchemaError for any other */
export function schemaFromJson(json: Json): Schema<unknown> {
  return schemaFrom(json, 0);
}

function schemaFrom(json: Json | undefined, depth: number): Schema<unknown> {
  const schema = requireObject(json);
  if (depth > MAX_DEPTH) throw mismatch(`at most ${MAX_DEPTH} schemas inside each other`, 'more');
  switch (schema['x-vostro']) {
    case 'amount':
      return t.amount;
    case 'address':
      return t.address;
    case 'bool':
      return t.bool;
    case 'id':
      return t.id;
    case 'bic':
      return t.bic;
    case 'lei':
      return t.lei;
    case 'isin':
      return t.isin;
    case 'currency':
      return t.currency;
    case 'day':
      return t.day;
    case 'uint':
      return t.uint(requireCount(schema, 'maximum'));
    case 'text':
      return t.text(requireCount(schema, 'maxLength'), requireCount(schema, 'minLength'));
    case 'bytes':
      return t.bytes(requireCount(schema, 'x-maxBytes'), requireCount(schema, 'x-minBytes'));
    case 'hex':
      return t.hex(requireCount(schema, 'x-maxBytes'));
    case 'enum':
      return t.enum(requireNames(schema, 'enum').map(requireEnumName));
    case 'list': {
      const item = schemaFrom(schema['items'], depth + 1);
      return t.list(item, requireCount(schema, 'maxItems'), requireCount(schema, 'minItems'));
    }
    case 'optional':
      return t.optional(schemaFrom(requireList(schema, 'oneOf')[0], depth + 1));
    case 'struct':
      return structFrom(schema, depth);
    default:
      throw mismatch('a schema with a known x-vostro', schema['x-vostro']);
  }
}

function structFrom(json: Json, depth: number): StructSchema<Fields> {
  const schema = requireObject(json);
  const properties = requireObject(schema['properties']);
  const fields = requireNames(schema, 'x-order').map((name): [string, Schema<unknown>] => {
    return [name, schemaFrom(Object.hasOwn(properties, name) ? properties[name] : undefined, depth + 1)];
  });
  return new StructSchema(Object.fromEntries(fields));
}

function requireObject(json: Json | undefined): Readonly<Record<string, Json>> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw mismatch('a schema object', json);
  return json as Readonly<Record<string, Json>>;
}

function requireCount(schema: Readonly<Record<string, Json>>, keyword: string): number {
  const value = schema[keyword];
  const max = keyword === 'maximum' ? Number.MAX_SAFE_INTEGER : MAX_LENGTH;
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > max) {
    throw mismatch(`a whole number from 0 to ${max} as ${keyword}`, value);
  }
  return value;
}

function requireEnumName(name: string): string {
  if (!ENUM_NAME.test(name)) throw mismatch(`names ${ENUM_NAME.source} as enum`, name);
  return name;
}

function requireList(schema: Readonly<Record<string, Json>>, keyword: string): readonly Json[] {
  const value = schema[keyword];
  if (!Array.isArray(value)) throw mismatch(`a list as ${keyword}`, value);
  return value;
}

function requireNames(schema: Readonly<Record<string, Json>>, keyword: string): readonly string[] {
  return requireList(schema, keyword).map((name) => {
    if (typeof name !== 'string') throw mismatch(`names as ${keyword}`, name);
    return name;
  });
}
