import { invariant } from '../../primitives/errors.js';
import { LIMITS } from '../../primitives/limits.js';
import { RlpError } from '../../primitives/rlp.js';
import { type AbiCodec, type ContractAbi, createAbiCodec, describeContract } from './abi.js';
import { authorise } from './authorise.js';
import { type Fields, type StructOf, StructSchema } from './composites.js';
import {
  asFailure,
  boundStateClass,
  type ContractLayout,
  type FieldsByName,
  MethodContext,
  type TxContext,
  type ViewContext,
} from './context.js';
import { API_ERRORS, apiFailure } from './failure.js';
import type { ContractHost, ExecutableContract } from './host.js';
import type { MethodDefinition, MethodKind, MethodOptions, MethodRef, TxOptions } from './method.js';
import { SchemaError } from './schema.js';
import { type MapDefinitions, MapLayout } from './state.js';

export interface ContractOptions<S extends MapDefinitions, E extends FieldsByName, R extends FieldsByName> {
  readonly name: string;
  readonly version: number;
  readonly state: S;
  readonly events: E;
  readonly errors: R;
}

type AnyMethod = MethodDefinition<unknown, unknown, MethodKind>;
export type MethodDefinitions = Readonly<Record<string, AnyMethod>>;

type RefOf<M> = M extends MethodDefinition<infer A, infer T, infer Kind> ? MethodRef<A, T, Kind> : never;

/** A contract that is ready to run: what an executor needs, and what callers and clients need. */
export interface StandardContract extends ExecutableContract {
  abi(): ContractAbi;
  /** JSON ↔ bytes of everything that the contract takes and gives. */
  readonly codec: AbiCodec;
}

export interface BuiltContract<M extends MethodDefinitions> extends StandardContract {
  /** The methods, for `ctx.call`, and to encode arguments and decode results by hand. */
  readonly methods: { readonly [N in keyof M]: RefOf<M[N]> };
}

export interface ContractBuilder<S extends MapDefinitions, E extends FieldsByName, R extends FieldsByName> {
  /** A method that may write; `auth` says who may call it. */
  tx<A extends Fields, T = void>(
    options: TxOptions<A, T>,
    run: (ctx: TxContext<S, E, R>, args: StructOf<A>) => T,
  ): MethodDefinition<StructOf<A>, T, 'tx'>;
  /** A method that only reads; anybody may call it. */
  view<A extends Fields, T>(
    options: MethodOptions<A, T>,
    run: (ctx: ViewContext<S, R>, args: StructOf<A>) => T,
  ): MethodDefinition<StructOf<A>, T, 'view'>;
  build<M extends MethodDefinitions>(methods: M): BuiltContract<M>;
}

const CONTRACT_NAME = /^[a-z][a-zA-Z0-9]*$/;
const METHOD_NAME = /^[a-z][a-zA-Z0-9]*$/;
const EVENT_NAME = /^[A-Z][a-zA-Z0-9]*$/;
const ERROR_NAME = /^[A-Z][A-Z0-9_]*$/;
const NO_BYTES = new Uint8Array(0);

/**
 * Declares a contract: its maps, events and errors, from which `tx`, `view` and `build` make its methods, its ABI and
 * the way in for an executor. A wrong key, value, event or error name does not compile.
 */
export function defineContract<
  const S extends MapDefinitions,
  const E extends FieldsByName,
  const R extends FieldsByName,
>(options: ContractOptions<S, E, R>): ContractBuilder<S, E, R> {
  requireNames([options.name], CONTRACT_NAME, 'contract');
  requireNames(Object.keys(options.events), EVENT_NAME, 'event');
  requireNames(Object.keys(options.errors), ERROR_NAME, 'error');
  for (const code of Object.keys(options.errors)) {
    invariant(!Object.hasOwn(API_ERRORS, code), `the code ${code} belongs to the contract API`);
  }
  const maps = Object.entries(options.state).map(([name, definition]) => new MapLayout(name, definition));
  const layout: ContractLayout = {
    name: options.name,
    events: structsByName(options.events),
    errors: structsByName(options.errors),
    maps,
    State: boundStateClass(maps),
  };
  return {
    tx: ({ args, returns, auth }, run) => {
      invariant(Object.keys(auth).length > 0, `a method of ${options.name} says nobody who may call it`);
      return { kind: 'tx', args: new StructSchema(args), returns, auth, run };
    },
    view: ({ args, returns }, run) => ({ kind: 'view', args: new StructSchema(args), returns, auth: {}, run }),
    build: (methods) => new NativeContract(options.version, layout, methods),
  };
}

function requireNames(names: readonly string[], pattern: RegExp, what: string): void {
  for (const name of names) {
    invariant(pattern.test(name) && name.length <= LIMITS.nameBytes, `${name} is no name of a ${what}`, {
      expected: pattern.source,
      actual: name,
    });
  }
}

function structsByName(declared: FieldsByName): ReadonlyMap<string, StructSchema<Fields>> {
  return new Map(Object.entries(declared).map(([name, fields]) => [name, new StructSchema(fields)]));
}

/** A method as dispatch needs it, everything that can be known before a call worked out. */
interface CompiledMethod extends MethodDefinition<unknown, unknown, MethodKind> {
  readonly call: string;
  readonly runAny: (context: MethodContext, args: unknown) => unknown;
}

class NativeContract<M extends MethodDefinitions> implements BuiltContract<M> {
  readonly name: string;
  readonly version: number;
  readonly methods: { readonly [N in keyof M]: RefOf<M[N]> };
  readonly codec: AbiCodec;
  readonly #layout: ContractLayout;
  readonly #methods: ReadonlyMap<string, CompiledMethod>;
  readonly #abi: ContractAbi;

  constructor(version: number, layout: ContractLayout, methods: M) {
    requireNames(Object.keys(methods), METHOD_NAME, 'method');
    this.name = layout.name;
    this.version = version;
    this.#layout = layout;
    const compiled = Object.entries(methods).map(([name, method]): [string, CompiledMethod] => {
      const definition = method as unknown as MethodDefinition<unknown, unknown, MethodKind>;
      return [
        name,
        { ...definition, call: `${layout.name}.${name}`, runAny: definition.run as CompiledMethod['runAny'] },
      ];
    });
    this.#methods = new Map(compiled);
    const refs = compiled.map(([method, { kind, args, returns }]) => [
      method,
      { contract: layout.name, method, kind, args, returns },
    ]);
    this.methods = Object.fromEntries(refs) as typeof this.methods;
    const parts = { name: layout.name, version, methods: this.#methods, events: layout.events, errors: layout.errors };
    this.#abi = describeContract(parts, Object.fromEntries(layout.maps.map((map) => [map.name, map.abi()])));
    this.codec = createAbiCodec(parts);
  }

  abi(): ContractAbi {
    return this.#abi;
  }

  /** @throws ContractFailure with a code that the contract or the API declares */
  dispatch(host: ContractHost, methodName: string, args: Uint8Array): Uint8Array {
    const method = this.#methods.get(methodName);
    if (method === undefined) throw apiFailure(`${this.name}.${methodName}`, 'METHOD_UNKNOWN', {});
    const { call } = method;
    const isTx = method.kind === 'tx';
    if (isTx && host.context.readOnly) throw apiFailure(call, 'READ_ONLY', {});
    const decoded = decodeArgs(method, args);
    try {
      authorise(method.auth, decoded, host, call);
      const result = method.runAny(new MethodContext(this.#layout, host, call, isTx), decoded);
      return method.returns === undefined ? NO_BYTES : method.returns.encode(result);
    } catch (error) {
      throw asFailure(error, call);
    }
  }
}

function decodeArgs(method: CompiledMethod, args: Uint8Array): unknown {
  try {
    return method.args.decode(args);
  } catch (error) {
    if (!(error instanceof RlpError) && !(error instanceof SchemaError)) throw error;
    throw apiFailure(method.call, 'ARGUMENTS_INVALID', {}, error.message);
  }
}
