import type { ContractAbi, MapAbi, MethodAbi } from '../../contracts/api/abi.js';
import { accountFunctionCount, isAuthorisedInMethod, type MethodAuthAbi } from '../../contracts/api/auth.js';
import type { StateKey } from '../../contracts/api/host.js';
import type { MethodKind, MethodSchemas } from '../../contracts/api/method.js';
import { KeySchema, mismatch } from '../../contracts/api/schema.js';
import { type KeySchemas, MapLayout } from '../../contracts/api/state.js';
import { type BorderCodec, compileCodec } from './codec.js';
import { Lines } from './lines.js';

/** A contract's ABI made ready for the border: everything by the numbers that its guest uses. */
export interface BorderLayout {
  readonly name: string;
  readonly methods: ReadonlyMap<string, BorderMethod>;
  readonly events: readonly NamedCodec[];
  readonly errors: readonly NamedCodec[];
  readonly errorNames: ReadonlySet<string>;
  /** The contract's own maps, then those that its migrations read. */
  readonly maps: readonly BorderMap[];
}

export interface NamedCodec {
  readonly name: string;
  readonly codec: BorderCodec;
}

export interface BorderMethod {
  readonly number: number;
  readonly kind: MethodKind;
  /** `contract.method`. */
  readonly call: string;
  /** Null for a view. */
  readonly auth: MethodAuthAbi | null;
  /** Functions of accounts that the guest works out. */
  readonly accountFunctions: number;
  /** True when the method itself must ask accounts that the state names. */
  readonly mustAsk: boolean;
  readonly args: BorderCodec;
  readonly returns: BorderCodec | undefined;
  readonly schemas: MethodSchemas;
}

/** @throws SchemaError for schemas that are none of ours */
export function layoutOf(abi: ContractAbi): BorderLayout {
  const methods = Object.entries(abi.methods).map(([name, method], number): [string, BorderMethod] => [
    name,
    compileMethod(method, number, `${abi.name}.${name}`),
  ]);
  const old = Object.values(abi.migrations).flatMap(({ reads }) => mapsOf(reads, true));
  const errors = codecsOf(abi.errors);
  return {
    name: abi.name,
    methods: new Map(methods),
    events: codecsOf(abi.events),
    errors,
    errorNames: new Set(errors.map(({ name }) => name)),
    maps: [...mapsOf(abi.state, false), ...old],
  };
}

function compileMethod({ kind, auth, args, returns }: MethodAbi, number: number, call: string): BorderMethod {
  const argsCodec = compileCodec(args);
  const returnsCodec = returns === null ? undefined : compileCodec(returns);
  return {
    number,
    kind,
    call,
    auth,
    accountFunctions: auth === null ? 0 : accountFunctionCount(auth),
    mustAsk: auth !== null && isAuthorisedInMethod(auth),
    args: argsCodec,
    returns: returnsCodec,
    schemas: { kind, args: argsCodec.schema, returns: returnsCodec?.schema },
  };
}

function codecsOf(declared: ContractAbi['events']): readonly NamedCodec[] {
  return Object.entries(declared).map(([name, json]) => ({ name, codec: compileCodec(json) }));
}

function mapsOf(declared: Readonly<Record<string, MapAbi>>, isOld: boolean): readonly BorderMap[] {
  return Object.entries(declared).map(([name, map]) => new BorderMap(name, map, isOld));
}

/** A map of the state on the border. */
export class BorderMap {
  readonly name: string;
  /** An earlier version's: nothing is written in its form. */
  readonly isOld: boolean;
  readonly value: BorderCodec;
  readonly #keys: readonly BorderCodec[];
  readonly #layout: MapLayout<KeySchemas, unknown>;

  constructor(name: string, { keys, value }: MapAbi, isOld: boolean) {
    this.name = name;
    this.isOld = isOld;
    this.value = compileCodec(value);
    this.#keys = keys.map((json) => compileCodec(json));
    const schemas = this.#keys.map(({ schema }) => {
      if (schema instanceof KeySchema) return schema as KeySchema<unknown>;
      throw mismatch(`a key of the map ${name} that may be one`, 'another schema');
    });
    // Another version may have written what it holds, so that what does not decode is the contract's fault.
    this.#layout = new MapLayout(
      name,
      { keys: schemas, value: this.value.schema, absent: undefined },
      isOld ? 'old' : 'migrating',
    );
  }

  /** The key of a guest's parts. @throws SchemaError */
  key(text: string): StateKey {
    const lines = new Lines(text);
    const parts = this.#parts(lines, this.#keys.length);
    lines.done();
    return this.#layout.key(parts);
  }

  /** The key of counted parts: what all keys that begin with them begin with. @throws SchemaError */
  prefix(lines: Lines): StateKey {
    const count = lines.count();
    if (count > this.#keys.length) throw mismatch(`at most ${this.#keys.length} parts of a key`, count);
    return this.#layout.key(this.#parts(lines, count));
  }

  /** JSON of a stored entry. @throws SchemaError, RlpError where this version cannot have written it */
  entryText(key: StateKey, value: Uint8Array): string {
    const parts = this.#layout.keyParts(key).map((part, index) => this.#keys[index]?.json(part));
    return `[[${parts.join(',')}],${this.value.json(this.value.schema.decode(value))}]`;
  }

  #parts(lines: Lines, count: number): readonly unknown[] {
    const parts: unknown[] = [];
    for (let i = 0; i < count; i++) parts.push((this.#keys[i] as BorderCodec).read(lines));
    return parts;
  }
}
