import type { Hash } from '../../primitives/bytes.js';
import { domainTag } from '../../primitives/hash.js';
import { decodeOutcome } from '../../primitives/receipt.js';
import type { Address, Call, ContractEvent, Outcome, TimestampMs } from '../../primitives/types.js';
import type { ContractFailure } from '../api/failure.js';
import type { ExecutableContract, StateKey } from '../api/host.js';
import { enterContract } from '../runtime/contractHost.js';
import {
  type ContractDirectory,
  fixedContracts,
  type RunEnvironment,
  type RunGovernance,
  type RunRegistry,
} from '../runtime/environment.js';
import { namespaceOf } from '../runtime/namespaces.js';
import { runCalls } from '../runtime/runCalls.js';
import { TransactionRun } from '../runtime/transactionRun.js';
import { MemoryState, MemoryUsedOnce } from './memoryState.js';

/** Reads any contract's committed state. */
export type StateRead = (contract: string, key: StateKey) => Uint8Array | undefined;

/** Who may sign for what, and what is paused: a contract's own registry, or what a test says. */
export type MemoryDirectory = RunRegistry & RunGovernance;

export interface MemoryLedgerOptions {
  /** A list, or a directory over the ledger's state. */
  readonly contracts: readonly ExecutableContract[] | ((read: StateRead) => ContractDirectory);
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
  /** Signed bytes that are paid for; none when left out. */
  readonly sizeBytes?: number;
  /** Units of fuel; no limit when left out. */
  readonly maxFuel?: number;
}

export interface MemoryReceipt {
  /** Undefined when every call succeeded. */
  readonly failure: ContractFailure | undefined;
  readonly fuelUsed: number;
  readonly events: readonly ContractEvent[];
  readonly outcomes: readonly Outcome[];
  readonly results: readonly Uint8Array[];
}

const DEFAULT_TIMESTAMP: TimestampMs = 1_767_225_600_000;
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/**
 * A ledger in memory that runs contracts as a node does, on the same runtime: the same refusals, limits and fuel. It has no
 * blocks and no roots.
 */
export class MemoryLedger {
  readonly #environment: Omit<RunEnvironment, 'height' | 'timestamp'>;
  readonly #state = new MemoryState();
  readonly #usedOnce = new MemoryUsedOnce();

  constructor(options: MemoryLedgerOptions) {
    const { contracts, chainId = 'memory', genesisHash = domainTag('memory') } = options;
    const read: StateRead = (contract, key) => this.read(contract, key);
    const directory = options.directory(read);
    this.#environment = {
      chainId,
      genesisHash,
      contracts: typeof contracts === 'function' ? contracts(read) : fixedContracts(contracts),
      state: this.#state,
      usedOnce: this.#usedOnce,
      registry: directory,
      governance: directory,
      stateRoot: options.stateRoot ?? (() => undefined),
    };
  }

  read(contract: string, key: StateKey): Uint8Array | undefined {
    return this.#state.get(namespaceOf(contract) + key);
  }

  /** Runs the calls all or nothing. Used-up fuel and a ContractFailure become a receipt; anything else is thrown on. */
  run(transaction: MemoryTransaction): MemoryReceipt {
    const { calls, sender, sizeBytes = 0, maxFuel = NO_LIMIT } = transaction;
    const signers = transaction.signers ?? (sender === undefined ? [] : [sender]);
    const run = new TransactionRun(this.#at(transaction), { sender, signers, readOnly: false }, maxFuel);
    const outcome = runCalls(run, calls, sizeBytes);
    const fuelUsed = run.fuel.used;
    if ('failure' in outcome) return { failure: outcome.failure, fuelUsed, events: [], outcomes: [], results: [] };
    const outcomes = run.outcomes.map((bytes) => decodeOutcome(bytes));
    return { failure: undefined, fuelUsed, events: run.events, outcomes, results: outcome.results };
  }

  /** Runs a view. @throws ContractFailure */
  view(call: Call, at: { readonly height?: number; readonly timestamp?: TimestampMs } = {}): Uint8Array {
    const run = new TransactionRun(this.#at(at), { sender: undefined, signers: [], readOnly: true }, NO_LIMIT);
    return enterContract(run, undefined, call.contract, call.method, call.args);
  }

  /** Every entry of the state and every used reference as text: two ledgers are equal when these are. */
  snapshot(): readonly string[] {
    return [...this.#state.rows(), ...this.#usedOnce.rows()].sort();
  }

  #at({ height = 1, timestamp = DEFAULT_TIMESTAMP }: { readonly height?: number; readonly timestamp?: TimestampMs }) {
    return { ...this.#environment, height, timestamp };
  }
}
