import { compatibility } from '../../contracts/api/compatibility.js';
import { type CalendarDay, calendarDayOf, callOf, type ExecutableContract } from '../../contracts/api/index.js';
import { type MethodKind, type MethodRef, MIGRATE_METHOD } from '../../contracts/api/method.js';
import { migrateArgs } from '../../contracts/api/migration.js';
import { MAX_MIGRATION_FUEL } from '../../contracts/deployment/records.js';
import { cash, membership, standardContracts } from '../../contracts/index.js';
import type { MemoryTransaction } from '../../contracts/testing/memoryLedger.js';
import { toHex } from '../../primitives/bytes.js';
import { isCodedError } from '../../primitives/errors.js';
import type { Address, Call, TimestampMs } from '../../primitives/types.js';
import { KitError } from '../errors.js';
import { differencesOf, type Executor, type Executors, FAULT, Lane, type LaneReceipt, migrationCall } from './lane.js';
import { CENTRAL_BANK, invalid, TestMembers } from './members.js';
import { Decoder, type Receipt, type Refused, requireRefused, requireSettled, type Settled } from './receipts.js';

export interface NetworkOptions {
  /** Names of banks, each with one account; a central bank is there by itself. */
  readonly members?: readonly string[];
  /** Cash by currency and member, in minor units. Each currency that is named has an open business day. */
  readonly balances?: Readonly<Record<string, Readonly<Record<string, bigint>>>>;
  /** Further contracts, which run natively. */
  readonly contracts?: readonly ExecutableContract[];
  /** Consensus time of the first block, milliseconds since 1970. */
  readonly timestamp?: TimestampMs;
  /** Fuel of one transaction. */
  readonly maxFuel?: number;
}

const DEFAULT_MEMBERS = ['alfa', 'beta', 'gamma', 'delta'] as const;
const DEFAULT_BALANCES = { EUR: { alfa: 1_000_000n, beta: 1_000_000n, gamma: 1_000_000n, delta: 1_000_000n } };
/** 2026-01-05T08:00Z. */
const DEFAULT_TIMESTAMP: TimestampMs = 1_767_600_000_000;
/** As a network's genesis has it when nobody says otherwise. */
const DEFAULT_MAX_FUEL = 200_000_000;
const MS_PER_DAY = 86_400_000;
const BLOCK_MS = 1_000;

/** Sends calls for a member; the others sign beside it. */
export class Actor {
  readonly #send: (calls: readonly Call[]) => LaneReceipt;
  readonly #decoder: Decoder;

  constructor(send: (calls: readonly Call[]) => LaneReceipt, decoder: Decoder) {
    this.#send = send;
    this.#decoder = decoder;
  }

  /** Calls a method in a transaction of its own. A refusal is an answer; only a fault of the test throws. */
  call<A, T>(method: MethodRef<A, T, MethodKind>, args: A): Receipt<T> {
    const receipt = this.#send([callOf(method, args)]);
    const { failure, results, events, outcomes, fuelUsed: fuel } = receipt;
    if (failure !== undefined) {
      const { code, failedCall, reason } = failure;
      const data = this.#decoder.errorData(failedCall, code, failure.data);
      return { settled: false, code, data, failedCall, reason, fuel };
    }
    const [bytes = new Uint8Array()] = results;
    const result = (method.returns === undefined ? undefined : method.returns.decode(bytes)) as T;
    const decoded = events.map(({ contract, name, data }) => this.#decoder.event(contract, name, data));
    return { settled: true, result, events: decoded, outcomes, fuel };
  }

  /** The same where it must settle. @throws KitError `EXPECTATION_FAILED` */
  settles<A, T>(method: MethodRef<A, T, MethodKind>, args: A): Settled<T> {
    return requireSettled(this.call(method, args), `${method.contract}.${method.method}`);
  }

  /** The same where it must be refused, with that code where one is given. @throws KitError `EXPECTATION_FAILED` */
  refused<A, T>(method: MethodRef<A, T, MethodKind>, args: A, code?: string): Refused {
    return requireRefused(this.call(method, args), `${method.contract}.${method.method}`, code);
  }

  /** Sends several calls, all or nothing. @returns the code of the failure, empty when all settled */
  transaction(...calls: readonly Call[]): string {
    return this.#send(calls).failure?.code ?? '';
  }
}

/**
 * A network in memory: members with accounts and cash, the standard contracts and the one under test. Every call runs on each
 * executor that was prepared, and must do the same on all of them.
 */
export class TestNetwork {
  readonly #members: TestMembers;
  readonly #lanes: readonly Lane[];
  readonly #maxFuel: number;
  readonly #decoder: Decoder;
  #contract: Executor['contract'];
  #height = 1;
  #timestamp: TimestampMs;
  #issued = 0;

  /** @throws KitError `HARNESS_INVALID` */
  constructor(executors: Executors, options: NetworkOptions) {
    const { contracts = [], timestamp = DEFAULT_TIMESTAMP, maxFuel = DEFAULT_MAX_FUEL } = options;
    const { sandbox, native } = executors;
    const contract = sandbox?.contract ?? native?.contract;
    if (contract === undefined) throw invalid('an executor', 'none');
    this.#contract = contract;
    this.#timestamp = timestamp;
    this.#maxFuel = maxFuel;
    this.#lanes = [
      ...(sandbox === undefined ? [] : [new Lane('sandbox', sandbox, contracts)]),
      ...(native === undefined ? [] : [new Lane('natively', native, contracts)]),
    ];
    const members = options.members ?? DEFAULT_MEMBERS;
    const balances = options.balances ?? (options.members === undefined ? DEFAULT_BALANCES : { EUR: {} });
    this.#members = new TestMembers(members);
    const known = [...standardContracts(), contract].map((one) => [one.name, one.codec] as const);
    this.#decoder = new Decoder(new Map(known));
    this.#genesis(balances);
  }

  /** Sends for the first member; all of them sign. @throws KitError `HARNESS_INVALID` */
  as(sender: string, ...cosigners: readonly string[]): Actor {
    const [account, ...others] = [sender, ...cosigners].map((name) => this.account(name)) as [Address, ...Address[]];
    const signers = [...new Set([account, ...others])].sort();
    return new Actor((calls) => this.#send({ calls, sender: account, signers }), this.#decoder);
  }

  /** A member's account. @throws KitError `HARNESS_INVALID` */
  account(name: string): Address {
    return this.#members.get(name).account;
  }

  /** Asks a view. @throws ContractFailure */
  view<A, T>(method: MethodRef<A, T, 'view'>, args: A): T {
    const at = { height: this.#height, timestamp: this.#timestamp };
    const answers = this.#lanes.map((lane) => answerOf(() => lane.view(callOf(method, args), at)));
    const [first, second] = answers;
    if (first === undefined) throw invalid('an executor', 'none');
    if (second !== undefined && first.shown !== second.shown) {
      throw differ(`${method.contract}.${method.method}`, [
        `answer: ${first.shown} in the sandbox, ${second.shown} natively`,
      ]);
    }
    return method.returns === undefined ? (undefined as T) : method.returns.decode(first.bytes());
  }

  /** What a member may spend. */
  balance(name: string, currency = 'EUR'): bigint {
    return this.view(cash.methods.balance, { currency, account: this.account(name) });
  }

  /** What contracts hold for a member. */
  locked(name: string, currency = 'EUR'): bigint {
    return this.view(cash.methods.locked, { currency, account: this.account(name) });
  }

  get height(): number {
    return this.#height;
  }
  get timestamp(): TimestampMs {
    return this.#timestamp;
  }
  /** The day of the consensus time, YYYYMMDD. */
  get today(): CalendarDay {
    return calendarDayOf(this.#timestamp);
  }

  /** Lets blocks and time go by; a block takes a second unless told otherwise. */
  advance({ days = 0, ms, blocks = days === 0 && ms === undefined ? 1 : 0 }: Advance): void {
    const step = days * MS_PER_DAY + (ms ?? blocks * BLOCK_MS);
    if (step < 0 || blocks < 0) throw invalid('time that goes on', `${step} ms, ${blocks} blocks`);
    this.#timestamp += step;
    this.#height += Math.max(1, blocks);
  }

  /** The central bank gives a member cash. */
  issue(name: string, amount: bigint, currency = 'EUR'): void {
    this.#issued += 1;
    const args = { currency, account: this.account(name), amount, reserveReference: `TEST-${this.#issued}` };
    this.as(CENTRAL_BANK).settles(cash.methods.issue, args);
  }

  openBusinessDay(currency = 'EUR', day: CalendarDay = this.today): void {
    this.as(CENTRAL_BANK).settles(cash.methods.openBusinessDay, { currency, day });
  }

  closeBusinessDay(currency = 'EUR'): void {
    this.as(CENTRAL_BANK).settles(cash.methods.closeBusinessDay, { currency });
  }

  suspend(name: string): void {
    this.as(CENTRAL_BANK).settles(membership.methods.suspendMember, { member: this.#members.get(name).bic });
  }

  reinstate(name: string): void {
    this.as(CENTRAL_BANK).settles(membership.methods.reinstateMember, { member: this.#members.get(name).bic });
  }

  /**
   * Puts a new version into force, as an activation does: with its migration where it has one from the version in force.
   *
   * @throws KitError `HARNESS_INVALID` where the chain would not take it, `EXPECTATION_FAILED` where the migration fails
   */
  upgrade(next: Executors): void {
    const executors = { sandbox: next.sandbox, natively: next.native };
    const version = (next.sandbox ?? next.native)?.contract;
    if (version === undefined) throw invalid('an executor', 'none');
    const before = this.#contract.abi();
    const after = version.abi();
    if (after.name !== before.name || after.version <= before.version) {
      throw invalid(`a later version of ${before.name} ${before.version}`, `${after.name} ${after.version}`);
    }
    const migrates = Object.hasOwn(after.migrations, String(before.version));
    const changes = migrates ? [] : compatibility(before, after).map(({ map, change }) => `${map} ${change}`);
    if (changes.length > 0) throw invalid(`a migration from version ${before.version}`, changes.join(', '));
    for (const lane of this.#lanes) {
      const executor = executors[lane.title];
      if (executor === undefined)
        throw invalid(`the new version ${lane.title === 'sandbox' ? 'in the sandbox' : 'natively'}`, 'none');
      lane.replace(executor);
    }
    this.#contract = version;
    this.#decoder.use(version.name, version.codec);
    this.advance({ blocks: 1 });
    if (!migrates) return;
    const { failure } = this.#send({
      calls: [migrationCall(MIGRATE_METHOD, migrateArgs.encode({ from: before.version }))],
      maxFuel: MAX_MIGRATION_FUEL,
    });
    if (failure === undefined) return;
    const message = `the migration from version ${before.version} failed with ${failure.code}\n  ${failure.reason}`;
    throw new KitError('EXPECTATION_FAILED', message, { expected: 'a migration', actual: failure.code });
  }

  #genesis(balances: NonNullable<NetworkOptions['balances']>): void {
    const currencies = Object.keys(balances);
    const { failure } = this.#send({ calls: this.#members.genesisCalls(currencies), height: 0 });
    if (failure !== undefined)
      throw invalid('members and currencies of a network', `${failure.code}: ${failure.reason}`);
    for (const [currency, holders] of Object.entries(balances)) {
      this.openBusinessDay(currency);
      for (const [name, amount] of Object.entries(holders)) if (amount > 0n) this.issue(name, amount, currency);
    }
  }

  /** @throws KitError `EXECUTORS_DIFFER` */
  #send(transaction: MemoryTransaction): LaneReceipt {
    const whole = { height: this.#height, timestamp: this.#timestamp, maxFuel: this.#maxFuel, ...transaction };
    const [first, second] = this.#lanes;
    if (first === undefined) throw invalid('an executor', 'none');
    const receipt = first.run(whole);
    // Natively there is no such limit to run into.
    if (second === undefined || endedBySandbox(receipt)) return receipt;
    const other = second.run({ ...whole, maxFuel: Number.MAX_SAFE_INTEGER });
    const lines = differencesOf(receipt, other, [first.snapshot(), second.snapshot()]);
    const [call] = transaction.calls;
    if (lines.length > 0)
      throw differ(call === undefined ? 'a transaction' : `${call.contract}.${call.method}`, lines, other);
    return receipt;
  }
}

/** How far time goes on. */
export interface Advance {
  readonly days?: number;
  readonly ms?: number;
  readonly blocks?: number;
}

function endedBySandbox({ failure }: LaneReceipt): boolean {
  if (failure?.code === 'OUT_OF_FUEL') return true;
  return failure?.code === FAULT && failure.reason.includes('the sandbox ended the call');
}

function differ(call: string, lines: readonly string[], other?: LaneReceipt): KitError {
  const reason = other?.failure === undefined ? '' : `\n  natively: ${other.failure.reason}`;
  const message = `${call} is not the same on both executors:\n${lines.map((line) => `  ${line}`).join('\n')}${reason}`;
  return new KitError('EXECUTORS_DIFFER', message, {
    expected: 'the same outcome, result, events and state',
    actual: lines.join('; '),
    hint: 'it uses something that the engines do differently, or keeps something outside of the state',
  });
}

/** A view's answer, or what it threw. */
function answerOf(ask: () => Uint8Array): { readonly shown: string; bytes(): Uint8Array } {
  try {
    const bytes = ask();
    return { shown: toHex(bytes), bytes: () => bytes };
  } catch (error) {
    const code = isCodedError(error) ? error.code : FAULT;
    return {
      shown: code,
      bytes: () => {
        throw error;
      },
    };
  }
}
