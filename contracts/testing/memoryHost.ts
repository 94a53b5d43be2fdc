import type { Hash } from '../../primitives/bytes.js';
import type { Address, ContractEvent, Outcome, TimestampMs } from '../../primitives/types.js';
import { apiFailure, ContractFailure } from '../api/failure.js';
import type {
  AccountView,
  CallContext,
  ContractFailureData,
  ContractHost,
  ExecutableContract,
  StateEntry,
  StateKey,
} from '../api/host.js';

/** Who may sign for what: a contract's own registry, or a list that a test gives. */
export interface MemoryDirectory {
  account(account: Address): AccountView | undefined;
  authorises(account: Address, signers: readonly Address[]): boolean;
  /** Until when the members have paused a contract, undefined when they have not. */
  pausedUntil(contract: string, timestamp: TimestampMs): TimestampMs | undefined;
}

/** What transactions of one ledger share. */
export interface MemoryStore {
  readonly contracts: ReadonlyMap<string, ExecutableContract>;
  readonly directory: MemoryDirectory;
  /** By contract. */
  readonly state: Map<string, Map<StateKey, Uint8Array>>;
  readonly used: Set<string>;
  readonly stateRoot: (height: number) => Hash | undefined;
}

/** Deepest call inside calls; the transaction's own is the first. */
const MAX_CALL_DEPTH = 4;

interface Savepoint {
  readonly undo: number;
  readonly events: number;
  readonly outcomes: number;
}

/** One running transaction: what it has done so far, and how to take it back. */
export class MemoryTransactionRun {
  readonly events: ContractEvent[] = [];
  readonly outcomes: Outcome[] = [];
  readonly store: MemoryStore;
  readonly #context: CallContext;
  readonly #undo: (() => void)[] = [];
  readonly #running: string[] = [];

  constructor(store: MemoryStore, context: CallContext) {
    this.store = store;
    this.#context = context;
  }

  /** Runs a method in a frame of its own. */
  enter(contract: string, method: string, args: Uint8Array): Uint8Array {
    const call = `${contract}.${method}`;
    const executable = this.store.contracts.get(contract);
    if (executable === undefined) throw apiFailure(call, 'CONTRACT_UNKNOWN', {});
    if (this.#running.includes(contract)) throw apiFailure(call, 'REENTRANCY_REFUSED', {});
    this.#requireRunning(contract, call);
    if (this.#running.length === MAX_CALL_DEPTH) throw apiFailure(call, 'CALL_DEPTH_EXCEEDED', {});
    const context = { ...this.#context, callerContract: this.#running.at(-1) };
    this.#running.push(contract);
    try {
      return executable.dispatch(new MemoryHost(this, contract, context), method, args);
    } finally {
      this.#running.pop();
    }
  }

  #requireRunning(contract: string, call: string): void {
    if (this.#context.readOnly) return;
    const untilMs = this.store.directory.pausedUntil(contract, this.#context.timestamp);
    if (untilMs !== undefined) throw apiFailure(call, 'PAUSED', { contract, untilMs });
  }

  /** Does something that can be taken back. */
  change(undo: () => void): void {
    this.#undo.push(undo);
  }

  savepoint(): Savepoint {
    return { undo: this.#undo.length, events: this.events.length, outcomes: this.outcomes.length };
  }

  /** Takes back everything since the savepoint, or everything. */
  rollBack(to: Savepoint = { undo: 0, events: 0, outcomes: 0 }): void {
    while (this.#undo.length > to.undo) this.#undo.pop()?.();
    this.events.length = to.events;
    this.outcomes.length = to.outcomes;
  }
}

/** A contract's reach into a MemoryLedger: the same operations, and refusals, as a node's. */
class MemoryHost implements ContractHost {
  readonly context: CallContext;
  readonly #run: MemoryTransactionRun;
  readonly #contract: string;
  readonly #entries: Map<StateKey, Uint8Array>;

  constructor(run: MemoryTransactionRun, contract: string, context: CallContext) {
    this.context = context;
    this.#run = run;
    this.#contract = contract;
    const entries = run.store.state.get(contract) ?? new Map<StateKey, Uint8Array>();
    run.store.state.set(contract, entries);
    this.#entries = entries;
  }

  get(key: StateKey): Uint8Array | undefined {
    return this.#entries.get(key);
  }
  put(key: StateKey, value: Uint8Array): void {
    this.#requireWritable();
    this.#remember(key);
    this.#entries.set(key, value);
  }
  delete(key: StateKey): void {
    this.#requireWritable();
    this.#remember(key);
    this.#entries.delete(key);
  }
  range(prefix: StateKey, limit: number, after?: StateKey): readonly StateEntry[] {
    const keys = [...this.#entries.keys()].filter(
      (key) => key.startsWith(prefix) && (after === undefined || key > after),
    );
    return keys
      .sort()
      .slice(0, limit)
      .map((key) => ({ key, value: this.#entries.get(key) as Uint8Array }));
  }
  once(scope: string, reference: string, day: number): boolean {
    this.#requireWritable();
    const entry = onceEntry(scope, reference, day);
    if (this.#run.store.used.has(entry)) return false;
    this.#run.store.used.add(entry);
    this.#run.change(() => this.#run.store.used.delete(entry));
    return true;
  }
  used(scope: string, reference: string, day: number): boolean {
    return this.#run.store.used.has(onceEntry(scope, reference, day));
  }
  emit(event: string, data: Uint8Array): void {
    this.#requireWritable();
    this.#run.events.push({ contract: this.#contract, name: event, data });
  }
  outcome(reference: string, code: string): void {
    this.#requireWritable();
    this.#run.outcomes.push({ reference, code });
  }
  call(contract: string, method: string, args: Uint8Array): Uint8Array {
    return this.#run.enter(contract, method, args);
  }
  attempt(body: () => void): ContractFailureData | undefined {
    const savepoint = this.#run.savepoint();
    try {
      body();
      return undefined;
    } catch (error) {
      this.#run.rollBack(savepoint);
      if (error instanceof ContractFailure) return error;
      throw error;
    }
  }
  stateRoot(height: number): Hash | undefined {
    return this.#run.store.stateRoot(height);
  }
  useFuel(): void {
    // Fuel is a node's to count.
  }
  account(account: Address): AccountView | undefined {
    return this.#run.store.directory.account(account);
  }
  authorises(account: Address): boolean {
    return this.#run.store.directory.authorises(account, this.context.signers);
  }

  #remember(key: StateKey): void {
    const before = this.#entries.get(key);
    this.#run.change(() => {
      if (before === undefined) this.#entries.delete(key);
      else this.#entries.set(key, before);
    });
  }
  #requireWritable(): void {
    if (this.context.readOnly) throw apiFailure(this.#contract, 'READ_ONLY', {});
  }
}

function onceEntry(scope: string, reference: string, day: number): string {
  return JSON.stringify([scope, reference, day]);
}
