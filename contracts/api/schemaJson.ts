import type { JsonSchema } from './schema.js';

/** The JSON Schema of each schema value: the part that every implementation of them shares, on both sides of the sandbox. */

export const AMOUNT_JSON: JsonSchema = { type: 'string', pattern: '^(0|[1-9][0-9]{0,38})$', 'x-vostro': 'amount' };

export const ADDRESS_JSON: JsonSchema = { type: 'string', pattern: '^0x[0-9a-fA-F]{40}$', 'x-vostro': 'address' };

export const BOOL_JSON: JsonSchema = { type: 'boolean', 'x-vostro': 'bool' };

/** The last day of the calendar, YYYYMMDD. */
export const LAST_DAY = 99_991_231;

export const DAY_JSON: JsonSchema = { type: 'integer', minimum: 19_700_101, maximum: LAST_DAY, 'x-vostro': 'day' };

export const IDENTIFIER_PATTERNS = {
  id: '^[A-Za-z0-9._-]{1,64}$',
  bic: '^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$',
  lei: '^[A-Z0-9]{18}[0-9]{2}$',
  isin: '^[A-Z]{2}[A-Z0-9]{9}[0-9]$',
  currency: '^[A-Z]{3}$',
} as const;

export type IdentifierName = keyof typeof IDENTIFIER_PATTERNS;

export function identifierJson(name: IdentifierName): JsonSchema {
  return { type: 'string', pattern: IDENTIFIER_PATTERNS[name], 'x-vostro': name };
}

export function uintJson(max: number): JsonSchema {
  return { type: 'integer', minimum: 0, maximum: max, 'x-vostro': 'uint' };
}

export function textJson(max: number, min: number): JsonSchema {
  return { type: 'string', minLength: min, maxLength: max, 'x-vostro': 'text' };
}

export function bytesJson(max: number, min: number): JsonSchema {
  const pattern = `^0x([0-9a-fA-F]{2}){${min},${max}}$`;
  return { type: 'string', pattern, 'x-vostro': 'bytes', 'x-minBytes': min, 'x-maxBytes': max };
}

export function hexJson(lengthBytes: number): JsonSchema {
  return { ...bytesJson(lengthBytes, lengthBytes), 'x-vostro': 'hex' };
}

export function enumJson(names: readonly string[]): JsonSchema {
  return { type: 'string', enum: names, 'x-vostro': 'enum' };
}

export function listJson(item: JsonSchema, max: number, min: number): JsonSchema {
  return { type: 'array', items: item, minItems: min, maxItems: max, 'x-vostro': 'list' };
}

export function optionalJson(inner: JsonSchema): JsonSchema {
  return { oneOf: [inner, { type: 'null' }], 'x-vostro': 'optional' };
}

/** `fields` by name in the order of their bytes. */
export function structJson(fields: ReadonlyMap<string, JsonSchema>): JsonSchema {
  const names = [...fields.keys()];
  return {
    type: 'object',
    additionalProperties: false,
    properties: Object.fromEntries(fields),
    required: names.filter((name) => fields.get(name)?.['x-vostro'] !== 'optional'),
    'x-vostro': 'struct',
    'x-order': names,
  };
}
