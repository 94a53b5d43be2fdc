import { LIMITS } from '../../primitives/limits.js';
import { type EngineLimits, REQUEST_LIMITS } from './limits.js';
import type { SyncPlanOptions } from './syncPlan.js';

export interface SyncOptions extends SyncPlanOptions {
  readonly requestTimeoutMs: number;
  /** Blocks, and about as many bytes of blocks, that are committed in one write. */
  readonly commitBlocks: number;
  readonly commitBytes: number;
  /** How often the log says how far a node is that is behind. */
  readonly reportMs: number;
}

/** What of the limits concerns sync. */
export function syncOptions(limits: EngineLimits): SyncOptions {
  const { requestTimeoutMs, attempts, retryMs, retryCapMs } = limits;
  return {
    ...{ requestTimeoutMs, attempts, retryMs, retryCapMs },
    rangeBlocks: REQUEST_LIMITS.blocks,
    answerBytes: REQUEST_LIMITS.answerBytes + LIMITS.blockBytes,
    maxQuestions: limits.syncQuestions,
    requestsPerPeer: limits.syncQuestionsPerPeer,
    maxRanges: limits.syncRanges,
    maxBytes: limits.syncBytes,
    hedgeMs: limits.syncHedgeMs,
    liarMs: limits.syncLiarMs,
    liarCapMs: limits.syncLiarCapMs,
    commitBlocks: limits.syncCommitBlocks,
    commitBytes: limits.syncCommitBytes,
    reportMs: limits.syncReportMs,
  };
}
