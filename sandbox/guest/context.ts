import {
  ask,
  ContractFailure,
  countedTexts,
  fromHex,
  invalid,
  jsonOf,
  parseText,
  plainNumber,
  plainText,
  unanswered,
} from './host.js';
import { FACT, OPERATION, OPERATION_STEP, SEPARATOR } from './operations.js';
import type { GuestSchema, GuestStruct } from './schemas.js';
import type { GuestMap } from './state.js';

/** A method of another contract, as its bindings declare it. */
export interface GuestMethodRef {
  readonly contract: string;
  readonly method: string;
  readonly kind: 'tx' | 'view';
  readonly args: GuestSchema;
  readonly returns: GuestSchema | undefined;
}

/** A declared event or code: its operation on the border, and its data. */
export interface Numbered {
  readonly operation: number;
  readonly data: GuestStruct;
}

/** What a method may reach, by what kind of data it needs. */
export interface GuestContext {
  readonly state: Readonly<Record<string, GuestMap>>;
  readonly chainId: string;
  readonly genesisHash: Uint8Array;
  readonly height: number;
  readonly timestamp: number;
  readonly sender: string;
  readonly signers: readonly string[];
  readonly callerContract: string | undefined;
  fail(code: string, data?: unknown): never;
  require(condition: unknown, code: string, data?: unknown): void;
  emit(event: string, data: unknown): void;
  once(scope: string, reference: string, day: number): boolean;
  used(scope: string, reference: string, day: number): boolean;
  outcome(reference: string, code: string): void;
  attempt(body: () => void): ContractFailure | undefined;
  view(ref: GuestMethodRef, args: unknown): unknown;
  call(ref: GuestMethodRef, args: unknown, fuelLimit?: number): unknown;
  account(account: string): unknown;
  requireAccount(account: string): unknown;
  authorises(account: string): boolean;
  requireAuthorised(account: string): unknown;
  requireAnyAuthorised(accounts: readonly string[]): void;
  stateRoot(height: number): Uint8Array | undefined;
  useFuel(units: number): void;
}

/**
 * The context of a transaction's methods and of views alike: the host knows which of them runs, and refuses what may not be
 * done. A guest's memory holds one call, so that there is one context, made while the program loads.
 */
export function guestContext(
  state: Readonly<Record<string, GuestMap>>,
  events: ReadonlyMap<string, Numbered>,
  errors: ReadonlyMap<string, Numbered>,
): GuestContext {
  const fail = failing(errors);
  return Object.freeze({
    state,
    get chainId() {
      return fact(FACT.chainId);
    },
    get genesisHash() {
      return fromHex(fact(FACT.genesisHash));
    },
    get height() {
      return Number(fact(FACT.height));
    },
    get timestamp() {
      return Number(fact(FACT.timestamp));
    },
    get sender() {
      const sender = fact(FACT.sender);
      return sender === '' ? fail('UNAUTHORISED', { rule: 'account', subject: 'sender' }) : sender;
    },
    get signers() {
      const [, ...signers] = fact(FACT.signers).split(SEPARATOR);
      return signers;
    },
    get callerContract() {
      const caller = fact(FACT.callerContract);
      return caller === '' ? undefined : caller;
    },
    fail,
    require(condition: unknown, code: string, data?: unknown) {
      if (!condition) fail(code, data);
    },
    emit(event: string, data: unknown) {
      const declared = events.get(event);
      if (declared === undefined) return invalid();
      ask(declared.operation, declared.data.write(data), '');
    },
    ...asking,
  });
}

function failing(errors: ReadonlyMap<string, Numbered>): GuestContext['fail'] {
  return (code, data = {}) => {
    const declared = errors.get(code);
    if (declared === undefined) ask(OPERATION.failApi, plainText(code), jsonOf(data));
    else ask(declared.operation, declared.data.write(data), '');
    throw unanswered();
  };
}

/** What of the context no declaration of the contract shapes. */
const asking = {
  once: (scope: string, reference: string, day: number) =>
    ask(OPERATION.once, onceText(scope, reference, day), '') !== '',
  used: (scope: string, reference: string, day: number) =>
    ask(OPERATION.used, onceText(scope, reference, day), '') !== '',
  outcome(reference: string, code: string) {
    ask(OPERATION.outcome, plainText(reference), plainText(code));
  },
  attempt(body: () => void) {
    ask(OPERATION.beginAttempt, '', '');
    try {
      body();
    } catch (error) {
      ask(OPERATION.takeBackAttempt, '', '');
      if (error instanceof ContractFailure) return error;
      throw error;
    }
    ask(OPERATION.keepAttempt, '', '');
    return undefined;
  },
  view: (ref: GuestMethodRef, args: unknown) => enter(OPERATION.view, ref, args, undefined),
  call: (ref: GuestMethodRef, args: unknown, fuelLimit?: number) => enter(OPERATION.call, ref, args, fuelLimit),
  account(account: string) {
    const text = ask(OPERATION.account, plainText(account), '');
    return text === '' ? undefined : parseText(text);
  },
  requireAccount: (account: string) => parseText(ask(OPERATION.requireAccount, plainText(account), '')),
  authorises: (account: string) => ask(OPERATION.authorises, plainText(account), '') !== '',
  requireAuthorised: (account: string) => parseText(ask(OPERATION.requireAuthorised, plainText(account), '')),
  requireAnyAuthorised(accounts: readonly string[]) {
    ask(OPERATION.requireAnyAuthorised, countedTexts(accounts), '');
  },
  stateRoot(height: number) {
    const text = ask(OPERATION.stateRoot, plainNumber(height), '');
    return text === '' ? undefined : fromHex(text);
  },
  useFuel(units: number) {
    ask(OPERATION.useFuel, plainNumber(units), '');
  },
} as const;

function fact(number: number): string {
  return ask(OPERATION.context + OPERATION_STEP * number, '', '');
}

function onceText(scope: string, reference: string, day: number): string {
  return plainText(scope) + SEPARATOR + plainText(reference) + SEPARATOR + plainNumber(day);
}

function targetText({ contract, method }: GuestMethodRef): string {
  return plainText(contract) + SEPARATOR + plainText(method);
}

function enter(operation: number, ref: GuestMethodRef, args: unknown, fuelLimit: number | undefined): unknown {
  const limit = fuelLimit === undefined ? '' : plainNumber(fuelLimit);
  const text = ask(operation, targetText(ref) + SEPARATOR + limit, ref.args.write(args));
  return ref.returns?.read(text);
}

/** What `vostro/contract` exports as `callOf`: the host writes the bytes, by the ABI of the contract that is called. */
export function callOf(ref: GuestMethodRef, values: unknown): { contract: string; method: string; args: Uint8Array } {
  const args = fromHex(ask(OPERATION.encodeArgs, targetText(ref), ref.args.write(values)));
  return { contract: ref.contract, method: ref.method, args };
}
