import type { Hash } from '../../primitives/bytes.js';
import { invariant } from '../../primitives/errors.js';
import { RlpError } from '../../primitives/rlp.js';
import type { Address, TimestampMs } from '../../primitives/types.js';
import { requireActive, requireAnyAuthorised, requireAuthorised } from './authorise.js';
import type { Fields, StructOf, StructSchema } from './composites.js';
import { type API_ERRORS, apiErrorSchema, apiFailure, ContractFailure } from './failure.js';
import type { AccountView, ContractFailureData, ContractHost } from './host.js';
import type { MethodKind, MethodRef } from './method.js';
import { SchemaError } from './schema.js';
import {
  BoundMap,
  type KeySchemas,
  type MapDefinitions,
  type MapLayout,
  type ReadonlyStateOf,
  type StateOf,
} from './state.js';

export type FieldsByName = Readonly<Record<string, Fields>>;

/** Nothing where there are no fields, the fields' data otherwise. */
type DataOf<F extends Fields> = keyof F extends never ? [] : [data: StructOf<F>];

type AllErrors<R extends FieldsByName> = R & typeof API_ERRORS;

/** The codes that a contract declares, and those of the API. */
type CodeOf<R extends FieldsByName> = keyof AllErrors<R> & string;

/** What a view may reach. */
export interface ViewContext<S extends MapDefinitions, R extends FieldsByName> {
  readonly state: ReadonlyStateOf<S>;
  readonly chainId: string;
  /** What every signature of this network holds. */
  readonly genesisHash: Hash;
  readonly height: number;
  /** Consensus time: the block's. */
  readonly timestamp: TimestampMs;
  /** Ends the call with a code of the contract or of the API. Nothing that the call did remains. */
  fail<N extends CodeOf<R>>(code: N, ...data: DataOf<AllErrors<R>[N]>): never;
  /** Fails unless the condition holds. */
  require<N extends CodeOf<R>>(condition: unknown, code: N, ...data: DataOf<AllErrors<R>[N]>): void;
  /** Calls another contract's view. */
  view<A, T>(method: MethodRef<A, T, 'view'>, args: A): T;
  /** True when (scope, reference, day) of this contract had been used. Uses nothing up. */
  used(scope: string, reference: string, day: number): boolean;
  account(account: Address): AccountView | undefined;
  /** The account, when it may take part. @throws ContractFailure `ACCOUNT_UNKNOWN`, `SUSPENDED` */
  requireAccount(account: Address): AccountView;
}

/** What a method of a transaction may reach. */
export interface TxContext<S extends MapDefinitions, E extends FieldsByName, R extends FieldsByName>
  extends ViewContext<S, R> {
  readonly state: StateOf<S>;
  /** The account that the transaction is sent for. @throws ContractFailure `UNAUTHORISED` in the genesis state */
  readonly sender: Address;
  readonly signers: readonly Address[];
  /** The contract that called this one, undefined when the transaction did. */
  readonly callerContract: string | undefined;
  emit<N extends keyof E & string>(event: N, data: StructOf<E[N]>): void;
  /** Uses up (scope, reference, day) of this contract for ever. False when it had been used; then nothing changes. */
  once(scope: string, reference: string, day: number): boolean;
  /** Notes what became of one item of a batch: an empty code when it settled. */
  outcome(reference: string, code: '' | CodeOf<R>): void;
  /** Runs the body; when it fails, takes back all that it did and gives the failure. */
  attempt(body: () => void): ContractFailureData | undefined;
  /**
   * Calls another contract under this transaction's signers. Its failure is this call's, unless `attempt` holds it. With a
   * `fuelLimit`, using that up is a failure of the call, `OUT_OF_FUEL`, and not the end of the transaction.
   */
  call<A, T>(method: MethodRef<A, T, 'tx' | 'view'>, args: A, fuelLimit?: number): T;
  /** True when the signers satisfy the account's policy. */
  authorises(account: Address): boolean;
  /**
   * The account, when it authorises and is not suspended: for one that only the state names. A method that is declared
   * with `auth: { inMethod: true }` must ask here or in `requireAnyAuthorised`, or its call fails.
   *
   * @throws ContractFailure `UNAUTHORISED`, `ACCOUNT_UNKNOWN`, `SUSPENDED`
   */
  requireAuthorised(account: Address): AccountView;
  /** At least one of the accounts authorises and is not suspended. @throws ContractFailure `UNAUTHORISED` */
  requireAnyAuthorised(accounts: readonly Address[]): void;
  /** The state root of one of the newest 256 committed heights, undefined of any other. */
  stateRoot(height: number): Hash | undefined;
  /** Charges fuel (about a nanosecond a unit) for work that no operation above stands for. */
  useFuel(units: number): void;
}

/** What of a contract all its calls share. */
export interface ContractLayout {
  readonly name: string;
  readonly events: ReadonlyMap<string, StructSchema<Fields>>;
  readonly errors: ReadonlyMap<string, StructSchema<Fields>>;
  readonly maps: readonly MapLayout<KeySchemas, unknown>[];
  /** Binds the state's maps to one call. */
  readonly State: BoundStateClass;
}

export type BoundStateClass = new (host: ContractHost, call: string, writable: boolean) => object;

/** A class with one getter for each map: a call makes only the maps that it touches. */
export function boundStateClass(maps: readonly MapLayout<KeySchemas, unknown>[]): BoundStateClass {
  class BoundState {
    readonly #host: ContractHost;
    readonly #call: string;
    readonly #writable: boolean;
    readonly #bound: (BoundMap<KeySchemas, unknown> | undefined)[] = [];

    constructor(host: ContractHost, call: string, writable: boolean) {
      this.#host = host;
      this.#call = call;
      this.#writable = writable;
    }

    static define(layout: MapLayout<KeySchemas, unknown>, index: number): void {
      Object.defineProperty(BoundState.prototype, layout.name, {
        get(this: BoundState) {
          this.#bound[index] ??= new BoundMap(layout, this.#host, this.#call, this.#writable);
          return this.#bound[index];
        },
      });
    }
  }
  maps.forEach((layout, index) => {
    BoundState.define(layout, index);
  });
  return BoundState;
}

/** What happens to a name that the types do not allow: the failure is the contract's own, on every node alike. */
function undeclared(call: string, kind: string, name: string): ContractFailure {
  return apiFailure(call, 'VALUE_INVALID', {}, `expected a declared ${kind}, found ${name}`);
}

/** The one implementation of both contexts; what a view may not do is refused here too, whatever its types say. */
export class MethodContext {
  readonly state: object;
  readonly #layout: ContractLayout;
  readonly #host: ContractHost;
  readonly #call: string;
  readonly #writable: boolean;
  #hasAsked = false;
  #newestScope: string | undefined;
  #newestOwnScope = '';

  constructor(layout: ContractLayout, host: ContractHost, call: string, writable: boolean) {
    this.state = new layout.State(host, call, writable);
    this.#layout = layout;
    this.#host = host;
    this.#call = call;
    this.#writable = writable;
  }

  /** Units that a call has left: no member of the context, as what a bank's contract does depends on no limit of a transaction. */
  static fuelLeft(ctx: object): number {
    invariant(ctx instanceof MethodContext, 'a standard contract runs on this context');
    return ctx.#host.fuelLeft;
  }

  /** Other maps of the contract, bound to this call. */
  stateOf(State: BoundStateClass): object {
    return new State(this.#host, this.#call, this.#writable);
  }
  /** True once an account that the method asked for has authorised. */
  get hasAsked(): boolean {
    return this.#hasAsked;
  }
  get chainId(): string {
    return this.#host.context.chainId;
  }
  get genesisHash(): Hash {
    return this.#host.context.genesisHash;
  }
  get height(): number {
    return this.#host.context.height;
  }
  get timestamp(): TimestampMs {
    return this.#host.context.timestamp;
  }
  get signers(): readonly Address[] {
    return this.#host.context.signers;
  }
  get callerContract(): string | undefined {
    return this.#host.context.callerContract;
  }
  get sender(): Address {
    const sender = this.#host.context.sender;
    if (sender === undefined) throw apiFailure(this.#call, 'UNAUTHORISED', { rule: 'account', subject: 'sender' });
    return sender;
  }

  fail(code: string, data: StructOf<Fields> = {}): never {
    const schema = this.#errorSchema(code);
    if (schema === undefined) throw undeclared(this.#call, 'error', code);
    throw new ContractFailure(code, schema.encode(data), this.#call);
  }
  require(condition: unknown, code: string, data?: StructOf<Fields>): void {
    if (!condition) this.fail(code, data);
  }
  emit(event: string, data: StructOf<Fields>): void {
    this.#requireWritable();
    const schema = this.#layout.events.get(event);
    if (schema === undefined) throw undeclared(this.#call, 'event', event);
    this.#host.emit(event, schema.encode(data));
  }
  once(scope: string, reference: string, day: number): boolean {
    this.#requireWritable();
    return this.#host.once(this.#scope(scope), reference, day);
  }
  used(scope: string, reference: string, day: number): boolean {
    return this.#host.used(this.#scope(scope), reference, day);
  }
  outcome(reference: string, code: string): void {
    this.#requireWritable();
    if (code !== '' && this.#errorSchema(code) === undefined) throw undeclared(this.#call, 'error', code);
    this.#host.outcome(reference, code);
  }
  attempt(body: () => void): ContractFailureData | undefined {
    return this.#host.attempt(() => {
      try {
        body();
      } catch (error) {
        throw asFailure(error, this.#call);
      }
    });
  }
  view<A, T>(method: MethodRef<A, T, 'view'>, args: A): T {
    if (method.kind !== 'view') throw apiFailure(this.#call, 'READ_ONLY', {});
    return this.#enter(method, args);
  }
  call<A, T>(method: MethodRef<A, T, MethodKind>, args: A, fuelLimit?: number): T {
    if (method.kind !== 'view') this.#requireWritable();
    return this.#enter(method, args, fuelLimit);
  }
  account(account: Address): AccountView | undefined {
    return this.#host.account(account);
  }
  requireAccount(account: Address): AccountView {
    return requireActive(account, this.#host, this.#call);
  }
  authorises(account: Address): boolean {
    return this.#host.authorises(account);
  }
  requireAuthorised(account: Address): AccountView {
    const view = requireAuthorised(account, this.#host, this.#call);
    this.#hasAsked = true;
    return view;
  }
  requireAnyAuthorised(accounts: readonly Address[]): void {
    requireAnyAuthorised(accounts, this.#host, this.#call);
    this.#hasAsked = true;
  }
  stateRoot(height: number): Hash | undefined {
    return this.#host.stateRoot(height);
  }
  useFuel(units: number): void {
    this.#host.useFuel(units);
  }

  #enter<A, T>(method: MethodRef<A, T, MethodKind>, args: A, fuelLimit?: number): T {
    const result = this.#host.call(method.contract, method.method, method.args.encode(args), fuelLimit);
    return (method.returns === undefined ? undefined : method.returns.decode(result)) as T;
  }
  /** Two contracts never share a scope, whatever they call theirs. */
  #scope(scope: string): string {
    if (scope !== this.#newestScope) {
      this.#newestScope = scope;
      this.#newestOwnScope = `${this.#layout.name}/${scope}`;
    }
    return this.#newestOwnScope;
  }
  #errorSchema(code: string): StructSchema<Fields> | undefined {
    return this.#layout.errors.get(code) ?? apiErrorSchema(code);
  }
  #requireWritable(): void {
    if (!this.#writable) throw apiFailure(this.#call, 'READ_ONLY', {});
  }
}

/**
 * Turns what a method may throw into a failure of the call. Anything else passes: an exhausted stack or memory, fuel, or
 * a broken invariant is not a result of the transaction.
 */
export function asFailure(error: unknown, call: string): unknown {
  if (error instanceof SchemaError) return apiFailure(call, error.code, {}, error.message);
  if (error instanceof RlpError) return apiFailure(call, 'VALUE_INVALID', {}, error.message);
  return error;
}
