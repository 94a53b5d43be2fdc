import type { ExecutableContract } from '../../contracts/api/host.js';
import type { Hash } from '../../primitives/bytes.js';
import { LIMITS } from '../../primitives/limits.js';
import type { Address, ContractEvent, TimestampMs } from '../../primitives/types.js';
import type { BlockUsedOnce, WritableState } from '../state/types.js';
import { FuelMeter } from './fuelMeter.js';
import type { BlockGovernance } from './governanceCache.js';
import type { BlockRegistry } from './registryCache.js';

/** What all transactions of one block share. */
export interface BlockEnvironment {
  readonly chainId: string;
  readonly genesisHash: Hash;
  readonly height: number;
  readonly timestamp: TimestampMs;
  readonly contracts: ReadonlyMap<string, ExecutableContract>;
  readonly state: WritableState;
  readonly usedOnce: BlockUsedOnce;
  readonly registry: BlockRegistry;
  readonly governance: BlockGovernance;
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

/** Where a run can be taken back to. */
export interface RunMark {
  readonly state: number;
  readonly usedOnce: number;
  readonly events: number;
  readonly outcomes: number;
  readonly receiptBytes: number;
}

/** Room for everything of a receipt but its events, results and error data. */
const RECEIPT_OVERHEAD_BYTES = 1_024;
export const MAX_RECEIPT_CONTENT_BYTES = LIMITS.receiptBytes - RECEIPT_OVERHEAD_BYTES;

/** What all frames of one transaction share: its fuel, what it has written, and what its receipt will say. */
export class TransactionRun {
  readonly environment: BlockEnvironment;
  readonly principal: RunPrincipal;
  readonly fuel: FuelMeter;
  readonly events: ContractEvent[] = [];
  /** Encoded, in the payments' order. */
  readonly outcomes: Uint8Array[] = [];
  /** Contracts that are running, the outermost first. */
  readonly frames: string[] = [];
  receiptBytes = 0;
  /** Attempts inside each other, over all frames. */
  openAttempts = 0;
  /** The first thing that broke the executor itself rather than the transaction, whoever caught it since. */
  hostException: unknown;

  constructor(environment: BlockEnvironment, principal: RunPrincipal, fuelLimit: number) {
    this.environment = environment;
    this.principal = principal;
    this.fuel = new FuelMeter(fuelLimit);
  }

  mark(): RunMark {
    const { state, usedOnce } = this.environment;
    return {
      state: state.savepoint(),
      usedOnce: usedOnce.savepoint(),
      events: this.events.length,
      outcomes: this.outcomes.length,
      receiptBytes: this.receiptBytes,
    };
  }

  keep(mark: RunMark): void {
    this.environment.state.release(mark.state);
    this.environment.usedOnce.release(mark.usedOnce);
  }

  takeBack(mark: RunMark): void {
    this.environment.state.rollback(mark.state);
    this.environment.usedOnce.rollback(mark.usedOnce);
    this.environment.registry.onRollback();
    this.environment.governance.onRollback();
    this.events.length = mark.events;
    this.outcomes.length = mark.outcomes;
    this.receiptBytes = mark.receiptBytes;
  }
}
