import { LIMITS } from '../../primitives/limits.js';

const MIB = 1_048_576;

/** Bounds of the engine's requests, the same on every node: docs/PROTOCOL.md §What is asked. */
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
  /** Signatures in messages of one peer that are checked each second, those that are known not counted. */
  readonly signatureChecksPerPeer: number;
  /** Signatures of votes that were found valid and need not be checked again. */
  readonly verifiedSignatures: number;
  /** Undecided bodies of one height that are kept. */
  readonly undecidedBodies: number;
  /** Bytes of transactions from which on a leader says what it builds before it does, so that all execute at once, however fast that is. */
  readonly outlineBytes: number;
  readonly requestTimeoutMs: number;
  /** How long one peer may keep the next from being asked for a body, too. */
  readonly bodyPatienceMs: number;
  /** Peers that are asked for one body; failures in a row after which fetching blocks pauses. */
  readonly attempts: number;
  /** Before peers that had no answer are asked again. */
  readonly retryMs: number;
  /** Between two times that messages of this round are sent again. */
  readonly healMs: number;
  /** How long a leader to which no connection stands is waited for in round 0; twice as long in each round after it. */
  readonly leaderGraceMs: number;
  /** For so long after this node takes part, every leader is waited for as long as any: connections are being made. */
  readonly leaderSettleMs: number;
  /** Requests of one peer that are answered in each `answerWindowMs`. */
  readonly answersPerPeer: number;
  readonly answerWindowMs: number;
  /** Ranges of blocks that are asked for at once, of all peers and of one. */
  readonly syncQuestions: number;
  readonly syncQuestionsPerPeer: number;
  /** Ranges fetched ahead, and bytes of them. */
  readonly syncRanges: number;
  readonly syncBytes: number;
  /** After so long, the range that everything waits for is asked of a second peer. */
  readonly syncHedgeMs: number;
  /** The longest that a peer is left alone which does not answer. */
  readonly retryCapMs: number;
  /** How long a peer is left alone that gave unproven blocks: doubled each time, up to the cap. */
  readonly syncLiarMs: number;
  readonly syncLiarCapMs: number;
  /** Fetched blocks, and about as many bytes, that one write commits. */
  readonly syncCommitBlocks: number;
  readonly syncCommitBytes: number;
  /** How often the log says how far a node is that is behind. */
  readonly syncReportMs: number;
  readonly evidenceBytes: number;
  /** Pairs of conflicting signatures of one validator that are kept, over all heights and of one height. */
  readonly evidencePerValidator: number;
  readonly evidencePerValidatorAndHeight: number;
  /** New pairs of one peer that are checked in each `answerWindowMs`; pairs that a peer is shown when it connects. */
  readonly evidencePerPeer: number;
  readonly commitListeners: number;
  /** A validator that says nothing for so long is shown as silent. */
  readonly silentMs: number;
  /** A validator that lets so many turns in a row go by is shown as silent. */
  readonly missedTurns: number;
  /** Newest certificates of which signatures are counted. */
  readonly countedCertificates: number;
}

export const DEFAULT_ENGINE_LIMITS: EngineLimits = {
  queuedInputs: 8_192,
  queuedMessagesPerPeer: 1_024,
  signatureChecksPerPeer: 4_096,
  verifiedSignatures: 16_384,
  undecidedBodies: 64,
  outlineBytes: 65_536,
  requestTimeoutMs: 10_000,
  bodyPatienceMs: 1_000,
  attempts: 4,
  retryMs: 500,
  healMs: 1_000,
  leaderGraceMs: 100,
  leaderSettleMs: 5_000,
  answersPerPeer: 200,
  answerWindowMs: 1_000,
  syncQuestions: 4,
  syncQuestionsPerPeer: 2,
  syncRanges: 8,
  syncBytes: 64 * MIB,
  syncHedgeMs: 1_500,
  retryCapMs: 8_000,
  syncLiarMs: 60_000,
  syncLiarCapMs: 3_600_000,
  syncCommitBlocks: 64,
  syncCommitBytes: 2 * MIB,
  syncReportMs: 5_000,
  evidenceBytes: 4 * MIB,
  evidencePerValidator: 64,
  evidencePerValidatorAndHeight: 5,
  evidencePerPeer: 16,
  commitListeners: 64,
  silentMs: 5_000,
  missedTurns: 3,
  countedCertificates: 100,
};
