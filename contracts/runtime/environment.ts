import type { Hash } from '../../primitives/bytes.js';
import type { Address, TimestampMs } from '../../primitives/types.js';
import type { AccountView, ExecutableContract, StateEntry, StateKey } from '../api/host.js';

/** What a run stands on. A node implements it over the overlay of a block, a test over Maps. */

/** A place to go back to; marks nest, inner ones end first. */
export interface RunSavepoints {
  savepoint(): number;
  /** Takes back everything since the mark, and ends it. */
  rollback(mark: number): void;
  /** Keeps everything since the mark, and ends it. */
  release(mark: number): void;
}

/** Reads of the state. Values are shared: never change one in place. */
export interface RunStateReader {
  get(key: StateKey): Uint8Array | undefined;
  /** Entries whose key starts with `prefix`, in the order of their bytes, after `after` if given; at most `limit`. */
  range(prefix: StateKey, limit: number, after?: StateKey): readonly StateEntry[];
}

/** The state of all contracts, each under its namespace. */
export interface RunState extends RunStateReader, RunSavepoints {
  put(key: StateKey, value: Uint8Array): void;
  delete(key: StateKey): void;
}

/** (scope, reference, day) entries used up for ever. */
export interface RunUsedOnce extends RunSavepoints {
  /** False, and nothing changes, when it was used before. */
  use(scope: string, reference: string, day: number): boolean;
  /** True when it was used. Uses nothing up. */
  isUsed(scope: string, reference: string, day: number): boolean;
}

/** Something that answers from the state of some contract, and may remember its answers. */
export interface StateWatcher {
  /** The contract of that name wrote an entry, or deleted one. */
  onWrite?(contract: string): void;
  /** Some of what was written has been taken back. */
  onRollback?(): void;
}

/** Who may sign for what. */
export interface RunRegistry extends StateWatcher {
  account(account: Address): AccountView | undefined;
  authorises(account: Address, signers: readonly Address[]): boolean;
}

/** What the members decided about running contracts. */
export interface RunGovernance extends StateWatcher {
  /** Consensus time until which a contract is paused; 0 when it is not. */
  pausedUntil(contract: string): TimestampMs;
}

/** The contracts that can be called at this position. */
export interface ContractDirectory extends StateWatcher {
  get(name: string): ExecutableContract | undefined;
}

/** What all transactions of one block share. */
export interface RunEnvironment {
  readonly chainId: string;
  readonly genesisHash: Hash;
  readonly height: number;
  readonly timestamp: TimestampMs;
  readonly contracts: ContractDirectory;
  readonly state: RunState;
  readonly usedOnce: RunUsedOnce;
  readonly registry: RunRegistry;
  readonly governance: RunGovernance;
  /** The state root of one of the newest committed heights, as the contract API bounds them. */
  readonly stateRoot: (height: number) => Hash | undefined;
}

/** On whose behalf something runs. */
export interface RunPrincipal {
  /** Undefined in the genesis state, in a view and in a system call. */
  readonly sender: Address | undefined;
  readonly signers: readonly Address[];
  readonly readOnly: boolean;
}

/** A directory of contracts that never change. */
export function fixedContracts(contracts: readonly ExecutableContract[]): ContractDirectory {
  const byName = new Map(contracts.map((contract) => [contract.name, contract]));
  return { get: (name) => byName.get(name) };
}
