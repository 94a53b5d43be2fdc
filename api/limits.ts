import { LIMITS } from '../primitives/limits.js';

/** Bounds of one request: the node refuses more, and the client never asks for more. */
export const API_LIMITS = {
  /** Bytes of a request's body: the largest transaction in hexadecimal, and a batch of smaller ones. */
  bodyBytes: 4_718_592,
  /** Transactions of one `submitMany`, and ids of one `waitMany`. */
  transactionsPerRequest: 1_000,
  /** Bytes of all transactions of one `submitMany` together. */
  submittedBytes: 2 * LIMITS.transactionBytes,
  /** Longest wait of one request; a client asks again. */
  waitMs: 30_000,
  /** What a wait takes when nothing is said. */
  defaultWaitMs: 10_000,
  /** Items of one page, and what a page has when nothing is said. */
  pageItems: 250,
  outcomesPerPage: 1_000,
  /** Entries of the state that the answer to one simulation tells of. */
  simulatedChanges: 10_000,
  /** Requests in one JSON-RPC batch. */
  batchRequests: 50,
  cursorBytes: 256,
} as const;
