import type { ContractAbi, MapAbi } from './abi.js';
import type { Json, JsonSchema } from './schema.js';

/** What a new version does to a map that holds something already. */
export interface StateChange {
  readonly map: string;
  readonly change: 'removed' | 'keysChanged' | 'valueChanged';
}

/** What a new version does to those who call it or read what it tells. */
export interface InterfaceChange {
  readonly kind: 'method' | 'event' | 'error';
  readonly name: string;
  readonly change:
    | 'removed'
    | 'added'
    | 'kindChanged'
    | 'authChanged'
    | 'argumentsChanged'
    | 'resultChanged'
    | 'dataChanged';
}

/**
 * Maps whose stored entries the new version does not read as the old one wrote them, PROTOCOL §Migrations M4: it must
 * take them over by a migration. None: every entry decodes to the same JSON under both.
 */
export function compatibility(before: ContractAbi, after: ContractAbi): readonly StateChange[] {
  return namesOf(before.state).flatMap((map): StateChange[] => {
    const old = before.state[map] as MapAbi;
    const declared = own(after.state, map);
    if (declared === undefined) return [{ map, change: 'removed' }];
    const hasSameKeys =
      old.keys.length === declared.keys.length &&
      old.keys.every((key, index) => readsKey(key, declared.keys[index] as JsonSchema));
    if (!hasSameKeys) return [{ map, change: 'keysChanged' }];
    return readsValue(old.value, declared.value) ? [] : [{ map, change: 'valueChanged' }];
  });
}

/** Everything of a contract's interface that differs, for people: in the order of kinds, then of names. */
export function interfaceChanges(before: ContractAbi, after: ContractAbi): readonly InterfaceChange[] {
  const structs = (kind: 'event' | 'error', old: Structs, declared: Structs): InterfaceChange[] =>
    unionOf(old, declared).flatMap((name): InterfaceChange[] => {
      const change = presence(old, declared, name) ?? (isSame(old[name], declared[name]) ? undefined : 'dataChanged');
      return change === undefined ? [] : [{ kind, name, change }];
    });
  return [
    ...unionOf(before.methods, after.methods).flatMap((name): InterfaceChange[] =>
      methodChanges(before, after, name).map((change) => ({ kind: 'method', name, change })),
    ),
    ...structs('event', before.events, after.events),
    ...structs('error', before.errors, after.errors),
  ];
}

type Structs = Readonly<Record<string, JsonSchema>>;

function methodChanges(before: ContractAbi, after: ContractAbi, name: string): readonly InterfaceChange['change'][] {
  const change = presence(before.methods, after.methods, name);
  if (change !== undefined) return [change];
  const [old, declared] = [before.methods[name], after.methods[name]];
  if (old === undefined || declared === undefined) return [];
  return [
    ...(old.kind === declared.kind ? [] : (['kindChanged'] as const)),
    ...(isSame(old.auth, declared.auth) ? [] : (['authChanged'] as const)),
    ...(isSame(old.args, declared.args) ? [] : (['argumentsChanged'] as const)),
    ...(isSame(old.returns, declared.returns) ? [] : (['resultChanged'] as const)),
  ];
}

function presence(old: object, declared: object, name: string): 'removed' | 'added' | undefined {
  if (!Object.hasOwn(declared, name)) return 'removed';
  return Object.hasOwn(old, name) ? undefined : 'added';
}

/** Both are canonical, so that equal ones are the same text. */
function isSame(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

/** True when every value that `old` encodes decodes under `declared` to the same JSON. */
function readsValue(old: JsonSchema, declared: JsonSchema): boolean {
  const [kind, next] = [old['x-vostro'], declared['x-vostro']];
  if (kind !== next) return readsOtherKind(old, declared);
  switch (kind) {
    case 'uint':
      return count(old, 'maximum') <= count(declared, 'maximum');
    case 'text':
      return isWithin(old, declared, 'minLength', 'maxLength');
    case 'bytes':
    case 'hex':
      return isWithin(old, declared, 'x-minBytes', 'x-maxBytes');
    case 'enum':
      return isPrefix(list(old, 'enum'), list(declared, 'enum'));
    case 'list':
      return isWithin(old, declared, 'minItems', 'maxItems') && readsValue(part(old['items']), part(declared['items']));
    case 'optional':
      return readsValue(part(list(old, 'oneOf')[0]), part(list(declared, 'oneOf')[0]));
    case 'struct':
      return readsStruct(old, declared);
    default:
      return true;
  }
}

/** A struct has exactly as many items as fields: none can be added, and each keeps its place and its name. */
function readsStruct(old: JsonSchema, declared: JsonSchema): boolean {
  const names = list(old, 'x-order');
  if (!isSame(names, list(declared, 'x-order'))) return false;
  const [fields, declaredFields] = [part(old['properties']), part(declared['properties'])];
  return names.every((name) => readsValue(part(fields[String(name)]), part(declaredFields[String(name)])));
}

/** Longest and shortest text of the identifiers, each of them characters that text and id allow. */
const IDENTIFIER_LENGTHS: Readonly<Record<string, readonly [min: number, max: number]>> = {
  id: [1, 64],
  bic: [8, 11],
  lei: [20, 20],
  isin: [12, 12],
  currency: [3, 3],
};
const LAST_DAY = 99_991_231;

/** Kinds that share bytes and JSON: a narrower one may become a wider one. */
function readsOtherKind(old: JsonSchema, declared: JsonSchema): boolean {
  const [kind, next] = [String(old['x-vostro']), declared['x-vostro']];
  const lengths = Object.hasOwn(IDENTIFIER_LENGTHS, kind) ? IDENTIFIER_LENGTHS[kind] : undefined;
  if (lengths !== undefined && next === 'id') return true;
  if (lengths !== undefined && next === 'text') {
    return count(declared, 'minLength') <= lengths[0] && lengths[1] <= count(declared, 'maxLength');
  }
  if (kind === 'day' && next === 'uint') return LAST_DAY <= count(declared, 'maximum');
  const areBytes = [kind, next].every((each) => each === 'bytes' || each === 'hex');
  return areBytes && isWithin(old, declared, 'x-minBytes', 'x-maxBytes');
}

/** True when a key of `old` stands under the same bytes, and is read back as the same, under `declared`. */
function readsKey(old: JsonSchema, declared: JsonSchema): boolean {
  return readsValue(old, declared) && keyForm(old) === keyForm(declared);
}

/** What decides the bytes of a key beside its value: the width of a number, or how the end is told. */
function keyForm(schema: JsonSchema): string {
  const kind = schema['x-vostro'];
  if (kind === 'day' || kind === 'uint') {
    return `number of ${bytesOf(kind === 'day' ? LAST_DAY : count(schema, 'maximum'))} bytes`;
  }
  if (kind !== 'bytes' && kind !== 'hex') return 'bytes that tell their end';
  const [min, max] = [count(schema, 'x-minBytes'), count(schema, 'x-maxBytes')];
  return min === max ? `${max} bytes` : 'escaped bytes';
}

/** Bytes of a number in a key: as many as the largest takes, at least one. */
function bytesOf(largest: number): number {
  let bytes = 1;
  for (let rest = Math.floor(largest / 256); rest > 0; rest = Math.floor(rest / 256)) bytes += 1;
  return bytes;
}

function isWithin(old: JsonSchema, declared: JsonSchema, min: string, max: string): boolean {
  return count(declared, min) <= count(old, min) && count(old, max) <= count(declared, max);
}

function isPrefix(start: readonly Json[], whole: readonly Json[]): boolean {
  return start.every((value, index) => value === whole[index]);
}

function count(schema: JsonSchema, keyword: string): number {
  return Number(schema[keyword]);
}

function list(schema: JsonSchema, keyword: string): readonly Json[] {
  return schema[keyword] as readonly Json[];
}

function part(json: Json | undefined): JsonSchema {
  return json as JsonSchema;
}

function own<T>(record: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(record, name) ? record[name] : undefined;
}

function namesOf(record: object): readonly string[] {
  return Object.keys(record).sort();
}

function unionOf(one: object, other: object): readonly string[] {
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
}
