import { isCodedError } from '../../primitives/errors.js';
import { utf8Encode } from '../../primitives/text.js';
import {
  AbiError,
  type AbiErrorCode,
  type ContractAbi,
  type MapAbi,
  type MethodAbi,
  type MigrationAbi,
} from './abi.js';
import { schemaFromJson } from './abiSchema.js';
import { AUTH_LIMITS, authFault, type MethodAuthAbi } from './auth.js';
import { StructSchema } from './composites.js';
import { apiErrorSchema } from './failure.js';
import { MIGRATE_METHOD } from './method.js';
import { MIGRATE_AUTH, migrateArgs } from './migration.js';
import { isNameOf, NAME_PATTERNS, type NamedKind } from './names.js';
import { MEMBER_ROLES } from './roles.js';
import { type Json, type JsonSchema, KeySchema, type Schema, shown } from './schema.js';

/** How large an ABI may be that comes from somebody else. PROTOCOL §Form of an ABI D1 */
export const ABI_LIMITS = {
  /** Bytes of its canonical text. */
  textBytes: 61_440,
  /** Lists and objects inside each other, in the text. */
  textDepth: 128,
  methods: 128,
  events: 128,
  errors: 128,
  maps: 64,
  migrations: 16,
  keyParts: 8,
} as const;

type JsonObject = Readonly<Record<string, Json>>;

/**
 * A stranger's ABI, every part of it checked: what is returned is in the canonical order, and its codec can be built.
 *
 * @throws AbiError `ABI_INVALID`, `ABI_TOO_LARGE`; `details.path` says where
 */
export function parseContractAbi(input: string | Json): ContractAbi {
  const text = typeof input === 'string' ? input : JSON.stringify(input);
  if (text.length > ABI_LIMITS.textBytes || utf8Encode(text).length > ABI_LIMITS.textBytes) {
    throw refused('$', `at most ${ABI_LIMITS.textBytes} bytes`, `${text.length} characters`, 'ABI_TOO_LARGE');
  }
  const abi = objectWith(parsedText(text), '$', ABI_MEMBERS);
  const name = abi['name'];
  if (typeof name !== 'string' || !isNameOf('contract', name)) {
    throw refused('$.name', `a name ${NAME_PATTERNS.contract.source}`, name);
  }
  const version = abi['version'];
  if (typeof version !== 'number' || !Number.isSafeInteger(version) || version < 1) {
    throw refused('$.version', 'a whole number from 1', version);
  }
  const migrations = migrationsOf(abi['migrations'], version);
  const methods = named(abi['methods'], '$.methods', 'method', ABI_LIMITS.methods, methodOf);
  requireMigrateMethod(methods, Object.keys(migrations).length > 0);
  return {
    name,
    version,
    methods,
    events: named(abi['events'], '$.events', 'event', ABI_LIMITS.events, structOf),
    errors: named(abi['errors'], '$.errors', 'error', ABI_LIMITS.errors, errorOf),
    state: mapsOf(abi['state'], '$.state'),
    migrations,
  };
}

/** The one text of an ABI: names in the order of their bytes, no spaces. PROTOCOL §Form of an ABI D2 */
export function canonicalAbiText(abi: ContractAbi): string {
  return JSON.stringify(parseContractAbi(abi as unknown as Json));
}

/** The same as `parseContractAbi`, of the canonical text and no other. @throws AbiError `ABI_INVALID`, `ABI_TOO_LARGE` */
export function parseCanonicalAbi(text: string): ContractAbi {
  const abi = parseContractAbi(text);
  if (JSON.stringify(abi) !== text) throw refused('$', 'the canonical text of an ABI', 'another text of the same');
  return abi;
}

const ABI_MEMBERS = ['name', 'version', 'methods', 'events', 'errors', 'state', 'migrations'];

function parsedText(text: string): Json {
  requireShallow(text);
  try {
    return JSON.parse(text);
  } catch (error) {
    // The parser's words are its own, and differ from one to the next.
    if (!(error instanceof SyntaxError)) throw error;
    throw refused('$', 'JSON', 'text that is none');
  }
}

/** No parser of JSON needs to fear for its stack. */
function requireShallow(text: string): void {
  let depth = 0;
  for (const character of text) {
    if (character === '{' || character === '[') depth += 1;
    if (character === '}' || character === ']') depth -= 1;
    if (depth > ABI_LIMITS.textDepth)
      throw refused('$', `at most ${ABI_LIMITS.textDepth} values inside each other`, 'more');
  }
}

function objectOf(json: Json | undefined, path: string): JsonObject {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw refused(path, 'an object', json);
  return json as JsonObject;
}

/** An object with exactly these members. */
function objectWith(json: Json | undefined, path: string, members: readonly string[]): JsonObject {
  const object = objectOf(json, path);
  const names = Object.keys(object);
  if (names.length !== members.length || members.some((member) => !Object.hasOwn(object, member))) {
    throw refused(path, `an object with ${members.join(', ')}`, names.slice(0, members.length + 1).join(', '));
  }
  return object;
}

function listOf(json: Json | undefined, path: string, max: number): readonly Json[] {
  if (!Array.isArray(json) || json.length > max) throw refused(path, `a list of at most ${max}`, json);
  return json;
}

/** Values by names of their kind, in the order of the names. */
function named<T>(
  json: Json | undefined,
  path: string,
  kind: NamedKind,
  max: number,
  read: (value: Json, path: string, name: string) => T,
): Readonly<Record<string, T>> {
  const object = objectOf(json, path);
  const names = Object.keys(object).sort();
  if (names.length > max) throw refused(path, `at most ${max} names`, names);
  const entries = names.map((name): [string, T] => {
    if (!isNameOf(kind, name)) throw refused(path, `names ${NAME_PATTERNS[kind].source}, at most 64 long`, name);
    return [name, read(object[name] as Json, `${path}.${name}`, name)];
  });
  return Object.fromEntries(entries);
}

/** A schema, when it says exactly what its schema value would say of itself. */
function schemaOf(json: Json | undefined, path: string): Schema<unknown> {
  let schema: Schema<unknown>;
  try {
    schema = schemaFromJson(json ?? null);
  } catch (error) {
    if (!isCodedError(error)) throw error;
    throw refused(path, error.details.expected ?? 'a schema', error.details.actual);
  }
  if (!isSameJson(schema.schema(), json)) throw refused(path, 'a schema as its x-vostro makes it', 'other keywords');
  return schema;
}

function structOf(json: Json | undefined, path: string): JsonSchema {
  const schema = schemaOf(json, path);
  if (!(schema instanceof StructSchema)) throw refused(path, 'a struct', objectOf(json, path)['x-vostro']);
  return schema.schema();
}

function errorOf(json: Json, path: string, code: string): JsonSchema {
  if (apiErrorSchema(code) !== undefined) throw refused(path, 'a code that is not one of the API', code);
  return structOf(json, path);
}

function methodOf(json: Json, path: string): MethodAbi {
  const method = objectWith(json, path, ['kind', 'auth', 'args', 'returns']);
  const { kind } = method;
  if (kind !== 'tx' && kind !== 'view') throw refused(`${path}.kind`, 'tx or view', kind);
  const { auth: given, returns } = method;
  if ((given === null) !== (kind === 'view')) throw refused(`${path}.auth`, 'null for a view, and only there', given);
  const auth = given === null ? null : authOf(given, `${path}.auth`, 0);
  const fault = auth === null ? undefined : authFault(auth);
  if (fault !== undefined) throw refused(`${path}.auth`, 'conditions that a method may name', fault);
  const args = structOf(method['args'], `${path}.args`);
  return { kind, auth, args, returns: returns === null ? null : schemaOf(returns, `${path}.returns`).schema() };
}

function authOf(json: Json | undefined, path: string, depth: number): MethodAuthAbi {
  const object = objectOf(json, path);
  const [name = ''] = Object.keys(object);
  const value = objectWith(json, path, [name])[name];
  switch (name) {
    case 'genesis':
    case 'system':
    case 'byContract':
    case 'sender':
    case 'inMethod':
      if (value !== true) throw refused(`${path}.${name}`, 'true', value);
      return { [name]: true } as unknown as MethodAuthAbi;
    case 'accounts':
      if (typeof value !== 'number') throw refused(`${path}.accounts`, 'a number', value);
      return { accounts: value };
    case 'contracts':
      return { contracts: namesOf(value, `${path}.contracts`, (text) => isNameOf('contract', text)) };
    case 'roles':
      return { roles: namesOf(value, `${path}.roles`, (text) => MEMBER_ROLES.some((role) => role === text)) };
    case 'all':
    case 'any': {
      if (depth > AUTH_LIMITS.depth)
        throw refused(path, `at most ${AUTH_LIMITS.depth} groups inside each other`, 'more');
      const group = listOf(value, `${path}.${name}`, AUTH_LIMITS.conditions).map((each, index) =>
        authOf(each, `${path}.${name}[${index}]`, depth + 1),
      );
      return name === 'all' ? { all: group } : { any: group };
    }
    default:
      throw refused(path, 'a condition', name);
  }
}

function namesOf(json: Json | undefined, path: string, isName: (text: string) => boolean): readonly string[] {
  return listOf(json, path, AUTH_LIMITS.names).map((name) => {
    if (typeof name !== 'string' || !isName(name)) throw refused(path, 'known names', name);
    return name;
  });
}

function mapsOf(json: Json | undefined, path: string): Readonly<Record<string, MapAbi>> {
  return named(json, path, 'map', ABI_LIMITS.maps, (value, at) => {
    const declared = objectWith(value, at, ['keys', 'value']);
    const keys = listOf(declared['keys'], `${at}.keys`, ABI_LIMITS.keyParts).map((part, index) => {
      const schema = schemaOf(part, `${at}.keys[${index}]`);
      if (!(schema instanceof KeySchema))
        throw refused(`${at}.keys[${index}]`, 'a schema that may be part of a key', part);
      return schema.schema();
    });
    return { keys, value: schemaOf(declared['value'], `${at}.value`).schema() };
  });
}

function migrationsOf(json: Json | undefined, version: number): Readonly<Record<string, MigrationAbi>> {
  const object = objectOf(json, '$.migrations');
  const versions = Object.keys(object).map((key) => {
    const from = Number(key);
    const isEarlier = Number.isSafeInteger(from) && from >= 1 && from < version && String(from) === key;
    if (!isEarlier) throw refused('$.migrations', `versions from 1 to ${version - 1}`, key);
    return from;
  });
  if (versions.length > ABI_LIMITS.migrations) {
    throw refused('$.migrations', `at most ${ABI_LIMITS.migrations} versions`, versions);
  }
  versions.sort((one, other) => one - other);
  const steps = versions.map((from): [string, MigrationAbi] => {
    const path = `$.migrations.${from}`;
    return [`${from}`, { reads: mapsOf(objectWith(object[from], path, ['reads'])['reads'], `${path}.reads`) }];
  });
  return Object.fromEntries(steps);
}

/** PROTOCOL §Migrations M1: the reserved method is there when something can be migrated, in its one form. */
function requireMigrateMethod(methods: Readonly<Record<string, MethodAbi>>, canMigrate: boolean): void {
  const path = `$.methods.${MIGRATE_METHOD}`;
  const given = Object.hasOwn(methods, MIGRATE_METHOD) ? methods[MIGRATE_METHOD] : undefined;
  const reserved: MethodAbi = { kind: 'tx', auth: MIGRATE_AUTH.abi, args: migrateArgs.schema(), returns: null };
  if (canMigrate && !isSameJson(reserved as unknown as Json, given as unknown as Json)) {
    throw refused(path, 'the reserved method of a contract that migrates', given === undefined ? given : 'another');
  }
  if (!canMigrate && given !== undefined)
    throw refused(path, 'no method of this name without migrations', MIGRATE_METHOD);
}

/** True when the second has exactly what the first has, in whatever order its members stand. */
function isSameJson(one: Json, other: Json | undefined): boolean {
  if (typeof one !== 'object' || one === null) return one === other;
  if (typeof other !== 'object' || other === null || Array.isArray(one) !== Array.isArray(other)) return false;
  const [mine, others] = [one as JsonObject, other as JsonObject];
  const names = Object.keys(mine);
  if (names.length !== Object.keys(others).length) return false;
  return names.every((name) => Object.hasOwn(others, name) && isSameJson(mine[name] as Json, others[name]));
}

function refused(path: string, expected: string, actual: unknown, code: AbiErrorCode = 'ABI_INVALID'): AbiError {
  const found = shown(actual);
  return new AbiError(code, `${path}: expected ${expected}, found ${found}`, { path, expected, actual: found });
}
