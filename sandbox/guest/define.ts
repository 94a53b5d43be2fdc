import type { ContractAbi, MapAbi, MethodAbi } from '../../contracts/api/abi.js';
import { type AccountsOf, type Auth, compileAuth, type MethodAuthAbi } from '../../contracts/api/auth.js';
import type { JsonSchema } from '../../contracts/api/schema.js';
import { invariant } from '../../primitives/errors.js';
import { type GuestContext, type GuestMethodRef, guestContext, type Numbered } from './context.js';
import { ask, countedTexts } from './host.js';
import { OPERATION, OPERATION_STEP, SEPARATOR } from './operations.js';
import { type GuestFields, type GuestSchema, type GuestStruct, struct, t } from './schemas.js';
import { describeMap, type GuestMap, type GuestMapDefinition, guestMap } from './state.js';

type MapDefinitions = Readonly<Record<string, GuestMapDefinition>>;

interface GuestMigration {
  readonly reads: MapDefinitions;
  run(ctx: GuestContext, old: Readonly<Record<string, GuestMap>>): void;
}

interface GuestContractOptions {
  readonly name: string;
  readonly version: number;
  readonly state: MapDefinitions;
  readonly events: Readonly<Record<string, GuestFields>>;
  readonly errors: Readonly<Record<string, GuestFields>>;
  readonly migrations?: Readonly<Record<string, GuestMigration>>;
}

interface GuestMethodOptions {
  readonly args: GuestFields;
  readonly returns?: GuestSchema;
  readonly auth?: Auth<unknown>;
}

type Run = (ctx: GuestContext, args: unknown) => unknown;

interface GuestMethodDefinition {
  readonly kind: 'tx' | 'view';
  readonly args: GuestStruct;
  readonly returns: GuestSchema | undefined;
  readonly auth: Auth<unknown> | undefined;
  readonly run: Run;
}

type Definitions = Readonly<Record<string, GuestMethodDefinition>>;

interface GuestContractBuilder {
  tx(options: GuestMethodOptions, run: Run): GuestMethodDefinition;
  view(options: GuestMethodOptions, run: Run): GuestMethodDefinition;
  build(methods: Definitions): GuestContract;
}

/** What `vostro/contract` exports as `defineContract`. What is declared is checked where the ABI is: by the host. */
export function defineContract(options: GuestContractOptions): GuestContractBuilder {
  const define =
    (kind: 'tx' | 'view') =>
    ({ args, returns, auth }: GuestMethodOptions, run: Run): GuestMethodDefinition => ({
      kind,
      args: struct(args),
      returns,
      auth: kind === 'tx' ? (auth ?? {}) : undefined,
      run,
    });
  return { tx: define('tx'), view: define('view'), build: (methods) => new GuestContract(options, methods) };
}

const MIGRATE_METHOD = 'migrate';

interface CompiledMethod extends GuestMethodDefinition {
  readonly name: string;
  readonly authAbi: MethodAuthAbi | null;
  readonly accounts: readonly AccountsOf<unknown>[];
}

/** A built contract: its methods for `ctx.call`, and the way in for the host. */
export class GuestContract {
  readonly name: string;
  readonly version: number;
  readonly methods: Readonly<Record<string, GuestMethodRef>>;
  readonly #options: GuestContractOptions;
  readonly #methods: readonly CompiledMethod[];
  readonly #context: GuestContext;

  constructor(options: GuestContractOptions, methods: Definitions) {
    const { name, version } = options;
    this.name = name;
    this.version = version;
    this.#options = options;
    invariant(!Object.hasOwn(methods, MIGRATE_METHOD), `the method ${MIGRATE_METHOD} belongs to the contract API`);
    this.#methods = compileMethods(name, { ...methods, ...this.#migrate() });
    const refs = this.#methods.map(({ name: method, kind, args, returns }) => [
      method,
      { contract: name, method, kind, args, returns },
    ]);
    this.methods = Object.fromEntries(refs);
    this.#context = guestContext(
      mapsFrom(options.state, 0),
      numbered(options.events, OPERATION.emit),
      numbered(options.errors, OPERATION.fail),
    );
  }

  abi(): ContractAbi {
    const { name, version, state, events, errors, migrations = {} } = this.#options;
    const methods = this.#methods.map((method): [string, MethodAbi] => [method.name, describeMethod(method)]);
    const reads = byVersion(migrations).map(([from, step]) => [from, { reads: describeMaps(step.reads) }]);
    return {
      name,
      version,
      methods: Object.fromEntries(methods),
      events: describeFields(events),
      errors: describeFields(errors),
      state: describeMaps(state),
      migrations: Object.fromEntries(reads),
    };
  }

  /** Runs the method of that number. @returns what crosses of its result, nothing where it returns nothing */
  run(number: number, text: string): string {
    const { args, accounts, returns, run } = this.#methods[number] as CompiledMethod;
    const values = args.read(text);
    if (accounts.length > 0) ask(OPERATION.authorise, accountLists(accounts, values), '');
    const result = run(this.#context, values);
    return returns === undefined ? '' : returns.write(result);
  }

  /** The reserved method, where there is something to migrate. Old maps are numbered after the contract's own. */
  #migrate(): Definitions {
    const { migrations = {}, state } = this.#options;
    const steps = new Map<number, (ctx: GuestContext) => void>();
    let number = Object.keys(state).length;
    for (const [from, step] of byVersion(migrations)) {
      const old = mapsFrom(step.reads, number);
      number += Object.keys(step.reads).length;
      steps.set(Number(from), (ctx) => step.run(ctx, old));
    }
    if (steps.size === 0) return {};
    const run: Run = (ctx, args) => {
      const step = steps.get((args as { readonly from: number }).from);
      if (step === undefined) return ctx.fail('ARGUMENTS_INVALID');
      return step(ctx);
    };
    const auth = { contracts: ['contracts'] };
    return { [MIGRATE_METHOD]: { kind: 'tx', args: struct({ from: t.uint() }), returns: undefined, auth, run } };
  }
}

function compileMethods(contract: string, methods: Definitions): readonly CompiledMethod[] {
  return sortedEntries(methods).map(([name, method]) => {
    const auth = method.auth === undefined ? undefined : compileAuth(method.auth, `${contract}.${name}`);
    return { ...method, name, authAbi: auth?.abi ?? null, accounts: auth?.accounts ?? [] };
  });
}

/** For each function the count of the accounts that it named, and those. */
function accountLists(accounts: readonly AccountsOf<unknown>[], values: unknown): string {
  let text = '';
  for (let i = 0; i < accounts.length; i++) {
    if (i > 0) text += SEPARATOR;
    text += countedTexts((accounts[i] as AccountsOf<unknown>)(values));
  }
  return text;
}

function describeMethod({ kind, authAbi, args, returns }: CompiledMethod): MethodAbi {
  return { kind, auth: authAbi, args: args.json, returns: returns?.json ?? null };
}

function describeMaps(maps: MapDefinitions): Readonly<Record<string, MapAbi>> {
  return Object.fromEntries(sortedEntries(maps).map(([name, definition]) => [name, describeMap(definition)]));
}

function describeFields(declared: Readonly<Record<string, GuestFields>>): Readonly<Record<string, JsonSchema>> {
  return Object.fromEntries(sortedEntries(declared).map(([name, fields]) => [name, struct(fields).json]));
}

function mapsFrom(definitions: MapDefinitions, first: number): Readonly<Record<string, GuestMap>> {
  const maps = sortedEntries(definitions).map(([name, definition], index) => [
    name,
    guestMap(definition, first + index),
  ]);
  return Object.freeze(Object.fromEntries(maps));
}

/** By name, each with its operation. */
function numbered(declared: Readonly<Record<string, GuestFields>>, operation: number): ReadonlyMap<string, Numbered> {
  return new Map(
    sortedEntries(declared).map(([name, fields], index) => [
      name,
      { operation: operation + OPERATION_STEP * index, data: struct(fields) },
    ]),
  );
}

/** In the order in which the border numbers them: that of the canonical ABI. */
function sortedEntries<T>(declared: Readonly<Record<string, T>>): readonly [name: string, declared: T][] {
  return Object.entries(declared).sort(([one], [other]) => (one < other ? -1 : 1));
}

function byVersion(migrations: Readonly<Record<string, GuestMigration>>): readonly [from: string, GuestMigration][] {
  return Object.entries(migrations).sort(([one], [other]) => Number(one) - Number(other));
}
