import { LIMITS } from '../primitives/limits.js';
import type { GenesisParameters } from './types.js';

/** Bounds of a genesis file itself. */
export const GENESIS_LIMITS = {
  members: 1_024,
  keysPerMember: 10_000,
  accountsPerMember: 10_000,
  nodesPerMember: 64,
  currencies: 100,
  /**
   * References that may be in use at once, over all members: each takes eight bytes of every node's memory, so this is
   * half a gibibyte.
   */
  referencesInUse: 67_108_864,
} as const;

export interface ParameterRange {
  readonly min: number;
  readonly max: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** What each parameter may be; `checkParameters` adds how they bind each other. */
export const PARAMETER_RANGES: Readonly<Record<keyof GenesisParameters, ParameterRange>> = {
  referenceWindowMs: { min: 1_000, max: HOUR_MS },
  minBlockIntervalMs: { min: 0, max: MINUTE_MS },
  heartbeatMs: { min: 10, max: HOUR_MS },
  maxClockDriftMs: { min: 10, max: 10 * MINUTE_MS },
  roundTimeoutBaseMs: { min: 10, max: 10 * MINUTE_MS },
  roundTimeoutCapMs: { min: 11, max: HOUR_MS },
  // At least the largest transaction and what stands around it, or it could never be included.
  maxBlockBytes: { min: LIMITS.transactionBytes + 4_096, max: LIMITS.blockBytes },
  maxBlockTransactions: { min: 1, max: LIMITS.transactionsPerBlock },
  maxBlockFuel: { min: 1_000_000, max: 1_000_000_000_000 },
  maxTransactionFuel: { min: 1_000_000, max: 1_000_000_000_000 },
  quotaTransactions: { min: 1, max: 100_000_000 },
  quotaWindowMs: { min: 1_000, max: HOUR_MS },
  stateTreeDepth: { min: 1, max: 20 },
  statePageEntries: { min: 2, max: 1_024 },
};
