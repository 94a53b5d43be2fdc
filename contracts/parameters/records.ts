import { map } from '../api/state.js';
import { t } from '../api/t.js';

/** In the order of their bytes. */
export const parameterFields = {
  referenceWindowMs: t.uint(),
  minBlockIntervalMs: t.uint(),
  heartbeatMs: t.uint(),
  maxClockDriftMs: t.uint(),
  roundTimeoutBaseMs: t.uint(),
  roundTimeoutCapMs: t.uint(),
  maxBlockBytes: t.uint(),
  maxBlockTransactions: t.uint(),
  maxBlockFuel: t.uint(),
  maxTransactionFuel: t.uint(),
  urgentBlockPercent: t.uint(),
  quotaTransactions: t.uint(),
  urgentQuotaTransactions: t.uint(),
  quotaWindowMs: t.uint(),
  stateTreeDepth: t.uint(),
  statePageEntries: t.uint(),
};

export const parametersState = {
  /** Those in force for the next block. */
  current: map([], t.struct(parameterFields)),
};
