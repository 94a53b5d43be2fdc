import { windowsInUse } from '../contracts/parameters/rules.js';
import { GENESIS_LIMITS } from './limits.js';
import type { GenesisParameters } from './types.js';

/** Parameters of a network that names none: low latency on good links between few banks. */
export const DEFAULT_PARAMETERS: GenesisParameters = {
  referenceWindowMs: 600_000,
  minBlockIntervalMs: 2,
  heartbeatMs: 5_000,
  maxClockDriftMs: 10_000,
  roundTimeoutBaseMs: 1_500,
  roundTimeoutCapMs: 20_000,
  maxBlockBytes: 4_194_304,
  maxBlockTransactions: 10_000,
  // One unit is about a nanosecond: a full block takes two seconds at most, a transaction a fifth of one.
  maxBlockFuel: 2_000_000_000,
  maxTransactionFuel: 200_000_000,
  urgentBlockPercent: 50,
  quotaTransactions: 600_000,
  // A hundred a second of each member.
  urgentQuotaTransactions: 6_000,
  quotaWindowMs: 60_000,
  stateTreeDepth: 12,
  statePageEntries: 64,
};

/** The defaults with what the network's description says otherwise; quotas that it leaves out fit its members. */
export function completeParameters(given: Partial<GenesisParameters>, memberCount: number): GenesisParameters {
  const merged = { ...DEFAULT_PARAMETERS, ...given };
  const share = Math.floor(GENESIS_LIMITS.referencesInUse / (Math.max(1, memberCount) * windowsInUse(merged)));
  const quotaTransactions = given.quotaTransactions ?? Math.max(1, Math.min(merged.quotaTransactions, share));
  const urgentQuotaTransactions =
    given.urgentQuotaTransactions ?? Math.min(merged.urgentQuotaTransactions, quotaTransactions);
  return { ...merged, quotaTransactions, urgentQuotaTransactions };
}
