import type { MapAbi } from '../contracts/api/abi.js';
import type { Json, JsonSchema } from '../contracts/api/schema.js';
import { usageError } from './errors.js';

/** What a part of a state's key is, for people: `currency`, `address`, `uint`. */
export function partKinds({ keys }: MapAbi): readonly string[] {
  return keys.map((schema) => String(schema['x-vostro'] ?? 'value'));
}

/**
 * Parts of a key as people write them, as JSON of the map's ABI; an address may be any name of an account.
 *
 * @throws CliError `USAGE_INVALID`; what `addressOf` throws
 */
export async function readKeyParts(
  texts: readonly string[],
  { keys }: MapAbi,
  addressOf: (name: string) => Promise<string>,
): Promise<readonly Json[]> {
  if (texts.length !== keys.length) {
    const expected = keys.length === 0 ? 'no parts' : `${keys.length} (${partKinds({ keys, value: {} }).join(', ')})`;
    throw usageError('key', expected, `${texts.length}`);
  }
  const parts: Json[] = [];
  for (const [index, schema] of keys.entries()) parts.push(await readPart(texts[index] ?? '', schema, addressOf));
  return parts;
}

async function readPart(text: string, schema: JsonSchema, addressOf: (name: string) => Promise<string>): Promise<Json> {
  switch (schema['x-vostro']) {
    case 'address':
      return addressOf(text);
    case 'uint':
      if (/^\d{1,16}$/.test(text)) return Number(text);
      throw usageError('key', 'a whole number', `"${text.slice(0, 60)}"`);
    case 'day':
      if (/^\d{8}$|^\d{4}-\d{2}-\d{2}$/.test(text)) return Number(text.replaceAll('-', ''));
      throw usageError('key', 'a day as 2026-01-05', `"${text.slice(0, 60)}"`);
    case 'bool':
      if (text === 'true' || text === 'false') return text === 'true';
      throw usageError('key', 'true or false', `"${text.slice(0, 60)}"`);
    default:
      return text;
  }
}
