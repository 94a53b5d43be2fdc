import type { Hash } from '../../primitives/bytes.js';
import { domainTag } from '../../primitives/hash.js';
import type { Address, Call, ContractEvent, Outcome, TimestampMs } from '../../primitives/types.js';
import { ContractFailure } from '../api/failure.js';
import type { CallContext, ExecutableContract, StateKey } from '../api/host.js';
import { type MemoryDirectory, type MemoryStore, MemoryTransactionRun } from './memoryHost.js';

/** Reads any contract's committed state. */
export type StateRead = (contract: string, key: StateKey) => Uint8Array | undefined;

export interface MemoryLedgerOptions {
  readonly contracts: readonly ExecutableContract[];
  readonly directory: (read: StateRead) => MemoryDirectory;
  readonly chainId?: string;
  readonly genesisHash?: Hash;
  /** State roots of earlier heights; none unless told. */
  readonly stateRoot?: (height: number) => Hash | undefined;
}

export interface MemoryTransaction {
  readonly calls: readonly Call[];
  /** Undefined in the genesis state and in a system call. */
  readonly sender?: Address;
  /** The sender alone when left out. */
  readonly signers?: readonly Address[];
  readonly height?: number;
  readonly timestamp?: TimestampMs;
}

export interface MemoryReceipt {
  /** Undefined when every call succeeded. */
  readonly failure: ContractFailure | undefined;
  readonly events: readonly ContractEvent[];
  readonly outcomes: readonly Outcome[];
  readonly results: readonly Uint8Array[];
}

const DEFAULT_TIMESTAMP: TimestampMs = 1_767_225_600_000;

/**
 * A ledger in memory that runs contracts as a node does: a namespace for each contract, all or nothing, savepoints,
 * used-once entries, calls between contracts. It has no blocks, fuel or roots.
 */
export class MemoryLedger {
  readonly #network: Pick<CallContext, 'chainId' | 'genesisHash'>;
  readonly #store: MemoryStore;

  constructor(options: MemoryLedgerOptions) {
    const { chainId = 'memory', genesisHash = domainTag('memory') } = options;
    this.#network = { chainId, genesisHash };
    this.#store = {
      contracts: new Map(options.contracts.map((contract) => [contract.name, contract])),
      directory: options.directory((contract, key) => this.read(contract, key)),
      state: new Map(),
      used: new Set(),
      stateRoot: options.stateRoot ?? (() => undefined),
    };
  }

  read(contract: string, key: StateKey): Uint8Array | undefined {
    return this.#store.state.get(contract)?.get(key);
  }

  /** Runs the calls all or nothing. Only a ContractFailure becomes a receipt; anything else is thrown on. */
  run(transaction: MemoryTransaction): MemoryReceipt {
    const run = new MemoryTransactionRun(this.#store, this.#context(transaction, false));
    try {
      const results = transaction.calls.map(({ contract, method, args }) => run.enter(contract, method, args));
      return { failure: undefined, events: run.events, outcomes: run.outcomes, results };
    } catch (error) {
      run.rollBack();
      if (!(error instanceof ContractFailure)) throw error;
      return { failure: error, events: [], outcomes: [], results: [] };
    }
  }

  /** Runs a view. @throws ContractFailure */
  view(call: Call, at: { readonly height?: number; readonly timestamp?: TimestampMs } = {}): Uint8Array {
    const run = new MemoryTransactionRun(this.#store, this.#context({ calls: [], ...at }, true));
    return run.enter(call.contract, call.method, call.args);
  }

  /** Every entry of the state and every used reference as text: two ledgers are equal when these are. */
  snapshot(): readonly string[] {
    const rows = [...this.#store.used];
    for (const [contract, entries] of this.#store.state) {
      for (const [key, value] of entries) rows.push(`${contract} ${key} ${value.join(',')}`);
    }
    return rows.sort();
  }

  #context(transaction: MemoryTransaction, readOnly: boolean): CallContext {
    const { sender, height = 1, timestamp = DEFAULT_TIMESTAMP } = transaction;
    const signers = transaction.signers ?? (sender === undefined ? [] : [sender]);
    return { ...this.#network, height, timestamp, sender, signers, callerContract: undefined, readOnly };
  }
}
