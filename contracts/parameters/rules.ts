import { LIMITS } from '../../primitives/limits.js';

/**
 * Parameters of the chain: what every node must hold to alike. All but `urgentBlockPercent` decide validity. The genesis names the first, the state the ones in force.
 */
export interface NetworkParameters {
  /** W: how far ahead a transaction may expire, and how long its reference is remembered. */
  readonly referenceWindowMs: number;
  /** Least time between two blocks. */
  readonly minBlockIntervalMs: number;
  /** An empty block is due when nothing was decided for so long. */
  readonly heartbeatMs: number;
  /** How far a proposal's timestamp may run ahead of a validator's clock. */
  readonly maxClockDriftMs: number;
  /** Timeout of round 0; a round's timeout is min(base · 3^r / 2^r, cap). */
  readonly roundTimeoutBaseMs: number;
  readonly roundTimeoutCapMs: number;
  readonly maxBlockBytes: number;
  readonly maxBlockTransactions: number;
  readonly maxBlockFuel: number;
  readonly maxTransactionFuel: number;
  /** How much of a block urgent transactions may fill before normal ones get a place, in percent: an order, no bound. */
  readonly urgentBlockPercent: number;
  /** Included transactions that one member's accounts may send in one quota window. */
  readonly quotaTransactions: number;
  /** How many of these may be urgent. */
  readonly urgentQuotaTransactions: number;
  readonly quotaWindowMs: number;
  /** Depth of the state tree: 2^depth pages at first. */
  readonly stateTreeDepth: number;
  /** Entries that a page may hold before it splits. */
  readonly statePageEntries: number;
}

/**
 * References that may be in use at once, over all members: each takes eight bytes of every node's memory, so this is
 * half a gibibyte.
 */
export const REFERENCES_IN_USE = 67_108_864;

export interface ParameterRange {
  readonly min: number;
  readonly max: number;
}

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;

/** What each parameter may be; `parameterFault` adds how they bind each other. */
export const PARAMETER_RANGES: Readonly<Record<keyof NetworkParameters, ParameterRange>> = {
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
  // Below 100, so that normal ones never starve.
  urgentBlockPercent: { min: 1, max: 90 },
  quotaTransactions: { min: 1, max: 100_000_000 },
  urgentQuotaTransactions: { min: 0, max: 100_000_000 },
  quotaWindowMs: { min: 1_000, max: HOUR_MS },
  stateTreeDepth: { min: 1, max: 20 },
  statePageEntries: { min: 2, max: 1_024 },
};

/** Quota windows that may count at once in one reference window. */
export function windowsInUse({ referenceWindowMs, quotaWindowMs }: NetworkParameters): number {
  return Math.ceil(referenceWindowMs / quotaWindowMs) + 1;
}

/** In the order of their bytes. */
export const PARAMETER_NAMES = Object.keys(PARAMETER_RANGES) as readonly (keyof NetworkParameters)[];

/** A parameter that may not be as it is. */
export interface ParameterFault {
  readonly parameter: keyof NetworkParameters;
  readonly expected: string;
  readonly actual: number;
}

/** The first rule that the parameters of a network of so many members break (PROTOCOL §Genesis). */
export function parameterFault(parameters: NetworkParameters, memberCount: number): ParameterFault | undefined {
  const fault = (parameter: keyof NetworkParameters, expected: string): ParameterFault => ({
    parameter,
    expected,
    actual: parameters[parameter],
  });
  for (const name of PARAMETER_NAMES) {
    const { min, max } = PARAMETER_RANGES[name];
    if (parameters[name] < min || parameters[name] > max) return fault(name, `${min} to ${max}`);
  }
  const { heartbeatMs, minBlockIntervalMs, roundTimeoutBaseMs, roundTimeoutCapMs } = parameters;
  if (heartbeatMs <= minBlockIntervalMs) {
    return fault('heartbeatMs', `more than minBlockIntervalMs (${minBlockIntervalMs})`);
  }
  if (roundTimeoutCapMs <= roundTimeoutBaseMs) {
    return fault('roundTimeoutCapMs', `more than roundTimeoutBaseMs (${roundTimeoutBaseMs})`);
  }
  if (parameters.maxTransactionFuel > parameters.maxBlockFuel) {
    return fault('maxTransactionFuel', `at most maxBlockFuel (${parameters.maxBlockFuel})`);
  }
  if (parameters.urgentQuotaTransactions > parameters.quotaTransactions) {
    return fault('urgentQuotaTransactions', `at most quotaTransactions (${parameters.quotaTransactions})`);
  }
  const most = Math.floor(REFERENCES_IN_USE / (memberCount * windowsInUse(parameters)));
  if (parameters.quotaTransactions > most) {
    const reason = `${memberCount} members may not have more than ${REFERENCES_IN_USE} references in use`;
    return fault('quotaTransactions', `at most ${most}, as ${reason}`);
  }
  return undefined;
}
