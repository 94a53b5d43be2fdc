import { invariant } from '../../primitives/errors.js';
import { RlpError } from '../../primitives/rlp.js';
import { type AbiCodec, type ContractAbi, createAbiCodec, describeContract } from './abi.js';
import { type CompiledAuth, compileAuth, isAuthorisedInMethod, type MethodAuthAbi } from './auth.js';
import { authorise, notAskedInMethod } from './authorise.js';
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
import {
  type MethodDefinition,
  type MethodKind,
  type MethodOptions,
  type MethodRef,
  type MethodSchemas,
  MIGRATE_METHOD,
  type TxOptions,
} from './method.js';
import {
  layoutsOf,
  MIGRATE_AUTH,
  MigrationSteps,
  type Migrations,
  migrateArgs,
  type ReadsByVersion,
} from './migration.js';
import { isNameOf, NAME_PATTERNS, type NamedKind } from './names.js';
import { type Schema, SchemaError } from './schema.js';
import type { MapDefinitions } from './state.js';

export interface ContractOptions<
  S extends MapDefinitions,
  E extends FieldsByName,
  R extends FieldsByName,
  O extends ReadsByVersion,
> {
  readonly name: string;
  readonly version: number;
  readonly state: S;
  readonly events: E;
  readonly errors: R;
  /**
   * How the state of earlier versions is taken over, by the version from which a step starts. A version without such a
   * step can follow only one whose state it reads as it stands.
   */
  readonly migrations?: Migrations<S, E, R, O>;
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

const NO_BYTES = new Uint8Array(0);

/**
 * Declares a contract: its maps, events and errors, from which `tx`, `view` and `build` make its methods, its ABI and
 * the way in for an executor. A wrong key, value, event or error name does not compile.
 */
export function defineContract<
  const S extends MapDefinitions,
  const E extends FieldsByName,
  const R extends FieldsByName,
  const O extends ReadsByVersion = Record<never, never>,
>(options: ContractOptions<S, E, R, O>): ContractBuilder<S, E, R> {
  requireNames([options.name], 'contract');
  requireNames(Object.keys(options.events), 'event');
  requireNames(Object.keys(options.errors), 'error');
  for (const code of Object.keys(options.errors)) {
    invariant(!Object.hasOwn(API_ERRORS, code), `the code ${code} belongs to the contract API`);
  }
  const isVersion = Number.isSafeInteger(options.version) && options.version >= 1;
  invariant(isVersion, `the version of ${options.name} is no whole number from 1`);
  const maps = layoutsOf(options.state, 'own');
  const migratingMaps = layoutsOf(options.state, 'migrating');
  const layout: ContractLayout = {
    name: options.name,
    events: structsByName(options.events),
    errors: structsByName(options.errors),
    maps,
    State: boundStateClass(maps),
  };
  const steps = new MigrationSteps(options.name, options.version, options.migrations ?? {});
  const migration = { steps, layout: { ...layout, State: boundStateClass(migratingMaps) } };
  return {
    tx: ({ args, returns, auth }, run) => {
      invariant(Object.keys(auth).length > 0, `a method of ${options.name} says nobody who may call it`);
      return { kind: 'tx', args: new StructSchema(args), returns, auth, run };
    },
    view: ({ args, returns }, run) => ({ kind: 'view', args: new StructSchema(args), returns, auth: undefined, run }),
    build: (methods) => new NativeContract(options.version, layout, methods, migration),
  };
}

function requireNames(names: readonly string[], kind: NamedKind): void {
  for (const name of names) {
    const expected = NAME_PATTERNS[kind].source;
    invariant(isNameOf(kind, name), `${name} is no name of a ${kind}`, { expected, actual: name });
  }
}

function structsByName(declared: FieldsByName): ReadonlyMap<string, StructSchema<Fields>> {
  return new Map(Object.entries(declared).map(([name, fields]) => [name, new StructSchema(fields)]));
}

/** A method as dispatch needs it, everything that can be known before a call worked out. */
interface CompiledMethod {
  readonly kind: MethodKind;
  readonly args: Schema<unknown>;
  readonly returns: Schema<unknown> | undefined;
  readonly call: string;
  /** Undefined for a view. */
  readonly auth: CompiledAuth<unknown> | undefined;
  readonly authAbi: MethodAuthAbi | null;
  readonly mustAsk: boolean;
  readonly layout: ContractLayout;
  readonly run: (context: MethodContext, args: unknown) => unknown;
}

/** The steps from earlier versions, and the layout under which they run. */
interface ContractMigration {
  readonly steps: MigrationSteps;
  readonly layout: ContractLayout;
}

function compileMethod(layout: ContractLayout, name: string, definition: AnyMethod): CompiledMethod {
  const { kind, args, returns, run } = definition;
  const call = `${layout.name}.${name}`;
  const auth = definition.auth === undefined ? undefined : compileAuth(definition.auth, call);
  const mustAsk = auth !== undefined && isAuthorisedInMethod(auth.abi);
  const runAny = run as CompiledMethod['run'];
  return { kind, args, returns, call, auth, authAbi: auth?.abi ?? null, mustAsk, layout, run: runAny };
}

/** PROTOCOL §Migrations M1. The reserved method, where there is something to migrate. */
function migrateMethod({ steps, layout }: ContractMigration): readonly [string, CompiledMethod][] {
  if (steps.isEmpty) return [];
  const call = `${layout.name}.${MIGRATE_METHOD}`;
  const shared = { kind: 'tx', args: migrateArgs, returns: undefined, mustAsk: false } as const;
  const run: CompiledMethod['run'] = (context, args) =>
    steps.run(context, (args as StructOf<typeof migrateArgs.fields>).from, call);
  return [[MIGRATE_METHOD, { ...shared, auth: MIGRATE_AUTH, authAbi: MIGRATE_AUTH.abi, call, layout, run }]];
}

class NativeContract<M extends MethodDefinitions> implements BuiltContract<M> {
  readonly name: string;
  readonly version: number;
  readonly methods: { readonly [N in keyof M]: RefOf<M[N]> };
  readonly codec: AbiCodec;
  readonly #methods: ReadonlyMap<string, CompiledMethod>;
  readonly #abi: ContractAbi;

  constructor(version: number, layout: ContractLayout, methods: M, migration: ContractMigration) {
    requireNames(Object.keys(methods), 'method');
    invariant(!Object.hasOwn(methods, MIGRATE_METHOD), `the method ${MIGRATE_METHOD} belongs to the contract API`);
    this.name = layout.name;
    this.version = version;
    const compiled = Object.entries(methods).map(([name, method]): [string, CompiledMethod] => [
      name,
      compileMethod(layout, name, method as AnyMethod),
    ]);
    this.#methods = new Map([...compiled, ...migrateMethod(migration)]);
    const refs = compiled.map(([method, { kind, args, returns }]) => [
      method,
      { contract: layout.name, method, kind, args, returns },
    ]);
    this.methods = Object.fromEntries(refs) as typeof this.methods;
    const parts = { name: layout.name, version, methods: this.#methods, events: layout.events, errors: layout.errors };
    const state = Object.fromEntries(layout.maps.map((map) => [map.name, map.abi()]));
    this.#abi = describeContract(parts, { state, migrations: migration.steps.abi() });
    this.codec = createAbiCodec(parts);
  }

  abi(): ContractAbi {
    return this.#abi;
  }

  schemasOf(method: string): MethodSchemas | undefined {
    return this.#methods.get(method);
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
      if (method.auth !== undefined) {
        const accounts = method.auth.accounts.map((accountsOf) => accountsOf(decoded));
        authorise(method.auth.abi, accounts, host, call);
      }
      const context = new MethodContext(method.layout, host, call, isTx);
      const result = method.run(context, decoded);
      if (method.mustAsk && !context.hasAsked) throw notAskedInMethod(call);
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
