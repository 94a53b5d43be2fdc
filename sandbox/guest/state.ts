import type { MapAbi } from '../../contracts/api/abi.js';
import { ask, parseText, plainNumber } from './host.js';
import { OPERATION, OPERATION_STEP, SEPARATOR } from './operations.js';
import type { GuestSchema } from './schemas.js';

export interface GuestMapDefinition {
  readonly keys: readonly GuestSchema[];
  readonly value: GuestSchema;
  readonly absent: unknown;
}

/** What `vostro/contract` exports as `map`. */
export function map(keys: readonly GuestSchema[], value: GuestSchema, absent?: unknown): GuestMapDefinition {
  return { keys, value, absent };
}

export function describeMap({ keys, value }: GuestMapDefinition): MapAbi {
  return { keys: keys.map(({ json }) => json), value: value.json };
}

interface GuestEntry {
  readonly key: readonly unknown[];
  readonly value: unknown;
}

/** A map of the state. There is one call in a guest's memory, so that it stands for that call's. */
export interface GuestMap {
  get(...key: readonly unknown[]): unknown;
  find(...key: readonly unknown[]): unknown;
  has(...key: readonly unknown[]): boolean;
  set(...keyAndValue: readonly unknown[]): void;
  delete(...key: readonly unknown[]): void;
  entries(limit: number, after?: readonly unknown[]): readonly GuestEntry[];
  entriesUnder(prefix: readonly unknown[], limit: number, after?: readonly unknown[]): readonly GuestEntry[];
}

/** What the methods of a map do once the key is a text. */
interface KeyedAccess {
  get(key: string): unknown;
  find(key: string): unknown;
  has(key: string): boolean;
  set(key: string, value: unknown): void;
  delete(key: string): void;
}

type Keyed = Omit<GuestMap, 'entries' | 'entriesUnder'>;

/** The map of that number on the border. */
export function guestMap(definition: GuestMapDefinition, number: number): GuestMap {
  const { keys } = definition;
  const access = accessOf(definition, OPERATION_STEP * number);
  const entriesUnder = rangesOf(definition, OPERATION_STEP * number + OPERATION.range);
  const keyed = keys.length <= MAX_NAMED_PARTS ? withNamedParts(keys, access) : withAnyParts(keys, access);
  const entries: GuestMap['entries'] = (limit, after) => entriesUnder([], limit, after);
  return Object.freeze({ ...keyed, entries, entriesUnder });
}

function accessOf({ value, absent }: GuestMapDefinition, number: number): KeyedAccess {
  const [get, find, has] = [number + OPERATION.get, number + OPERATION.find, number + OPERATION.has];
  const [set, remove] = [number + OPERATION.set, number + OPERATION.delete];
  const { read, write } = value;
  return {
    get:
      absent === undefined
        ? (key) => read(ask(get, key, ''))
        : (key) => {
            const text = ask(find, key, '');
            return text === '' ? absent : read(text);
          },
    find: (key) => {
      const text = ask(find, key, '');
      return text === '' ? undefined : read(text);
    },
    has: (key) => ask(has, key, '') !== '',
    set: (key, stored) => {
      ask(set, key, write(stored));
    },
    delete: (key) => {
      ask(remove, key, '');
    },
  };
}

/** Parts of a key that stand as parameters: a list of arguments costs a guest more than all else of a read. */
const MAX_NAMED_PARTS = 3;

function withNamedParts(keys: readonly GuestSchema[], access: KeyedAccess): Keyed {
  const key = keyWriter(keys);
  const { get, find, has, set } = access;
  const count = keys.length;
  return {
    get: (one, two, three) => get(key(one, two, three)),
    find: (one, two, three) => find(key(one, two, three)),
    has: (one, two, three) => has(key(one, two, three)),
    set: (one, two, three, four) =>
      set(key(one, two, three), count === 2 ? three : count === 1 ? two : count === 0 ? one : four),
    delete: (one, two, three) => access.delete(key(one, two, three)),
  };
}

type WriteKey = (one: unknown, two: unknown, three: unknown) => string;

function keyWriter(keys: readonly GuestSchema[]): WriteKey {
  const [one, two, three] = keys.map(({ write }) => write);
  if (one === undefined) return () => '';
  if (two === undefined) return one;
  if (three === undefined) return (a, b) => one(a) + SEPARATOR + two(b);
  return (a, b, c) => one(a) + SEPARATOR + two(b) + SEPARATOR + three(c);
}

function withAnyParts(keys: readonly GuestSchema[], access: KeyedAccess): Keyed {
  const key = (parts: readonly unknown[]): string =>
    keys.map(({ write }, index) => write(parts[index])).join(SEPARATOR);
  return {
    get: (...parts) => access.get(key(parts)),
    find: (...parts) => access.find(key(parts)),
    has: (...parts) => access.has(key(parts)),
    set: (...parts) => access.set(key(parts), parts[keys.length]),
    delete: (...parts) => access.delete(key(parts)),
  };
}

function rangesOf({ keys, value }: GuestMapDefinition, operation: number): GuestMap['entriesUnder'] {
  return (prefix, limit, after) => {
    const under = countedParts(keys, prefix, Math.min(prefix.length, keys.length));
    const from = after === undefined ? '' : SEPARATOR + countedParts(keys, after, keys.length);
    const rows = parseText(ask(operation, under, plainNumber(limit) + from)) as [unknown[], unknown][];
    return rows.map(([parts, stored]) => ({
      key: parts.map((part, index) => revived(keys[index], part)),
      value: revived(value, stored),
    }));
  };
}

/** Count, then the parts. */
function countedParts(keys: readonly GuestSchema[], parts: readonly unknown[], count: number): string {
  let text = `${count}`;
  for (let i = 0; i < count; i++) text += SEPARATOR + (keys[i] as GuestSchema).write(parts[i]);
  return text;
}

function revived(schema: GuestSchema | undefined, wire: unknown): unknown {
  return schema?.revive === undefined ? wire : schema.revive(wire);
}
