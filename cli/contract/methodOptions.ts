import type { MethodAbi } from '../../contracts/api/abi.js';
import type { Json, JsonSchema } from '../../contracts/api/schema.js';
import { authWords, formOf } from '../../kit/reference/contractTables.js';
import { usageError } from '../errors.js';

/** Reads the arguments of any method from the command line, as its ABI names and types them. */

type JsonObject = Readonly<Record<string, Json>>;

/** Finds an account by any of its names. */
export type AddressOf = (name: string) => Promise<string>;

const SHOWN = 60;

/**
 * Arguments as JSON of the method's ABI, from words as `--amount 5 --buyer AURLDEFF --terms.currency EUR`. A list is an
 * option given several times, or JSON; a struct JSON, or options with a dot. `--arg name=value` says the same where the
 * command has an option of that name.
 *
 * @throws CliError `USAGE_INVALID`; what `addressOf` throws
 */
export async function readMethodArguments(
  words: readonly string[],
  args: JsonSchema,
  addressOf: AddressOf,
): Promise<Json> {
  const given: Given[] = [];
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    if (!word.startsWith('--')) throw usageError('arguments', '--name value', `"${word.slice(0, SHOWN)}"`);
    const isArg = word === '--arg';
    const pair = isArg ? (words[++at] ?? '') : word.slice(2);
    const equals = pair.indexOf('=');
    if (isArg && equals <= 0) throw usageError('--arg', 'name=value', `"${pair.slice(0, SHOWN)}"`);
    const path = (equals < 0 ? pair : pair.slice(0, equals)).split('.');
    const next = words[at + 1];
    if (equals >= 0) given.push({ path, text: pair.slice(equals + 1) });
    else if (next === undefined || next.startsWith('--')) given.push({ path, text: undefined });
    else given.push({ path, text: words[++at] });
  }
  return (await readStruct(given, args, '-', addressOf)) ?? {};
}

interface Given {
  /** Names of fields inside each other, as they were written. */
  readonly path: readonly string[];
  /** Undefined for an option without a value: true of a bool. */
  readonly text: string | undefined;
}

async function readStruct(
  given: readonly Given[],
  schema: JsonSchema,
  at: string,
  addressOf: AddressOf,
): Promise<Json> {
  const properties = schema['properties'] as JsonObject;
  const byField = new Map<string, Given[]>();
  for (const { path, text } of given) {
    const [head = '', ...rest] = path;
    const name = fieldNamed(head, properties);
    if (name === undefined) {
      const known = Object.keys(properties).map((field) => optionOf(at, field));
      throw usageError(
        'arguments',
        known.length === 0 ? 'none' : `one of ${known.join(', ')}`,
        optionOf(at, head.slice(0, SHOWN)),
      );
    }
    byField.set(name, [...(byField.get(name) ?? []), { path: rest, text }]);
  }
  const json: Record<string, Json> = {};
  for (const [name, values] of byField) {
    json[name] = await readField(values, properties[name] as JsonSchema, optionOf(at, name), addressOf);
  }
  return json;
}

async function readField(given: readonly Given[], schema: JsonSchema, at: string, addressOf: AddressOf): Promise<Json> {
  const inner = innerOf(schema);
  const kind = inner['x-vostro'];
  const areDotted = given.map(({ path }) => path.length > 0);
  if (areDotted.includes(true)) {
    if (kind !== 'struct' || areDotted.includes(false)) throw usageError(at, formOf(schema), 'options with a dot');
    return readStruct(given, inner, at, addressOf);
  }
  if (kind === 'list' && !(given.length === 1 && given[0]?.text?.startsWith('['))) {
    const items: Json[] = [];
    for (const { text } of given) items.push(await readText(text, inner['items'] as JsonSchema, at, addressOf));
    return items;
  }
  const [only, ...others] = given;
  if (only === undefined || others.length > 0) throw usageError(at, 'one value', `${given.length}`);
  return readText(only.text, inner, at, addressOf);
}

async function readText(text: string | undefined, schema: JsonSchema, at: string, addressOf: AddressOf): Promise<Json> {
  const inner = innerOf(schema);
  const kind = inner['x-vostro'];
  if (text === undefined) {
    if (kind === 'bool') return true;
    throw usageError(at, formOf(inner), 'no value');
  }
  const refuse = (expected: string) => usageError(at, expected, `"${text.slice(0, SHOWN)}"`);
  switch (kind) {
    case 'uint':
      if (/^\d{1,16}$/.test(text)) return Number(text);
      throw refuse('a whole number');
    case 'day':
      if (/^\d{8}$|^\d{4}-\d{2}-\d{2}$/.test(text)) return Number(text.replaceAll('-', ''));
      throw refuse('a day as 2026-01-05');
    case 'bool':
      if (text === 'true' || text === 'false') return text === 'true';
      throw refuse('true or false');
    case 'enum':
      if ((inner['enum'] as readonly string[]).includes(text)) return text;
      throw refuse(formOf(inner));
    case 'amount':
      if (/^\d{1,39}$/.test(text)) return text;
      throw refuse('minor units in decimal digits');
    case 'address':
      return addressOf(text);
    case 'list':
    case 'struct':
      return withAddresses(parsedJson(text, at), inner, addressOf);
    default:
      return text;
  }
}

/** Accounts by name inside JSON, too; whatever else is wrong with it, the contract's schema says. */
async function withAddresses(json: Json, schema: JsonSchema, addressOf: AddressOf): Promise<Json> {
  const inner = innerOf(schema);
  if (inner['x-vostro'] === 'address' && typeof json === 'string') return addressOf(json);
  if (inner['x-vostro'] === 'list' && Array.isArray(json)) {
    const items: Json[] = [];
    for (const item of json) items.push(await withAddresses(item, inner['items'] as JsonSchema, addressOf));
    return items;
  }
  if (inner['x-vostro'] !== 'struct' || typeof json !== 'object' || json === null || Array.isArray(json)) return json;
  const properties = inner['properties'] as JsonObject;
  const fields: Record<string, Json> = {};
  for (const [name, value] of Object.entries(json)) {
    const field = Object.hasOwn(properties, name) ? (properties[name] as JsonSchema) : undefined;
    fields[name] = field === undefined ? value : await withAddresses(value, field, addressOf);
  }
  return fields;
}

function parsedJson(text: string, at: string): Json {
  try {
    return JSON.parse(text) as Json;
  } catch {
    throw usageError(at, 'JSON', `"${text.slice(0, SHOWN)}"`);
  }
}

function innerOf(schema: JsonSchema): JsonSchema {
  return schema['x-vostro'] === 'optional'
    ? innerOf((schema['oneOf'] as readonly JsonSchema[])[0] as JsonSchema)
    : schema;
}

/** `endToEndId` is `--end-to-end-id`; the name itself is taken, too. */
function fieldNamed(written: string, properties: JsonObject): string | undefined {
  if (Object.hasOwn(properties, written)) return written;
  return Object.keys(properties).find((name) => kebab(name) === written);
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}

function optionOf(parent: string, field: string): string {
  return parent === '-' ? `--${kebab(field)}` : `${parent}.${kebab(field)}`;
}

/** What a method takes and asks for, line by line. `reserved`: options of the command, which hide those of the method. */
export function methodHelp(usage: string, { auth, args, returns }: MethodAbi, reserved: ReadonlySet<string>): string {
  const rows = optionRows(args, '-', false).map(({ option, form, isOptional }) => {
    const shown = reserved.has(option) ? `--arg ${option.slice(2)}=…` : `${option} <value>`;
    return [shown, `${form}${isOptional ? '' : ', required'}`] as const;
  });
  const width = Math.max(0, ...rows.map(([option]) => option.length));
  return [
    `Usage: ${usage}${rows.length === 0 ? '' : ' [arguments]'} [options]`,
    '',
    auth === null ? 'Asks; anybody may.' : `Sends a call. Authorised by: ${authWords(auth)}.`,
    `Gives ${returns === null ? 'nothing' : formOf(returns)}.`,
    ...(rows.length === 0 ? [] : ['', 'Arguments:']),
    ...rows.map(([option, form]) => `  ${option.padEnd(width)}  ${form}`),
    ...(rows.length === 0
      ? []
      : [
          '',
          'Amounts are minor units; an account is a name, a BIC or an address. Lists: the option several times, or JSON.',
        ]),
  ].join('\n');
}

interface OptionRow {
  readonly option: string;
  readonly form: string;
  readonly isOptional: boolean;
}

/** One row for each option; a struct has one for each of its fields. */
function optionRows(schema: JsonSchema, at: string, isOptional: boolean): readonly OptionRow[] {
  const properties = schema['properties'] as JsonObject;
  return (schema['x-order'] as readonly string[]).flatMap((name): readonly OptionRow[] => {
    const field = properties[name] as JsonSchema;
    const option = optionOf(at, name);
    const inner = innerOf(field);
    const mayLack = isOptional || field['x-vostro'] === 'optional';
    if (inner['x-vostro'] === 'struct') return optionRows(inner, option, mayLack);
    return [{ option, form: formOf(inner), isOptional: mayLack }];
  });
}
