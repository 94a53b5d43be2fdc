import { LIMITS } from '../../primitives/limits.js';

const MIB = 1_048_576;

/** Bounds of the engine's requests, the same on every node: docs/PROTOCOL.md §Network, Requests. */
export const REQUEST_LIMITS = {
  /** Blocks in one answer. */
  blocks: 256,
  /** Bytes of the blocks and transactions in one answer; one block more than fits may stand in it. */
  answerBytes: 12 * MIB - LIMITS.blockBytes,
  /** Transactions that one request may name. */
  transactions: LIMITS.transactionsPerBlock,
} as const;

/** Limits that a node may set for itself. Times are milliseconds. */
export interface EngineLimits {
  /** Inputs that may wait; over it, messages of peers are dropped and counted. */
  readonly queuedInputs: number;
  /** Messages of one peer that may wait for their checks. */
  readonly queuedMessagesPerPeer: number;
  /** Signatures of votes that were found valid and need not be checked again. */
  readonly verifiedSignatures: number;
  /** Undecided bodies of one height that are kept. */
  readonly undecidedBodies: number;
  readonly requestTimeoutMs: number;
  /** Peers that are asked for one thing before the engine waits for the next reason to ask. */
  readonly attempts: number;
  /** Between two rounds of questions to peers that had no answer. */
  readonly retryMs: number;
  /** Messages of this round are sent again after so long without progress. */
  readonly healMs: number;
  /** Peers may be answered with old blocks so often per `answerWindowMs`. */
  readonly answersPerPeer: number;
  readonly answerWindowMs: number;
  readonly evidenceBytes: number;
  readonly commitListeners: number;
}

export const DEFAULT_ENGINE_LIMITS: EngineLimits = {
  queuedInputs: 8_192,
  queuedMessagesPerPeer: 1_024,
  verifiedSignatures: 16_384,
  undecidedBodies: 64,
  requestTimeoutMs: 10_000,
  attempts: 4,
  retryMs: 500,
  healMs: 1_000,
  answersPerPeer: 64,
  answerWindowMs: 1_000,
  evidenceBytes: 4 * MIB,
  commitListeners: 64,
};
