/**
 * Hard bounds of the formats. They stand before any allocation: a decoder checks them against the length that it was
 * given, never against what it has already built. Limits that a network may choose stand in its genesis instead.
 */
export const LIMITS = {
  /** Bytes of one signed transaction: a batch of 5,000 payments takes about 400 KB. */
  transactionBytes: 1_048_576,
  /** Calls in one transaction. */
  callsPerTransaction: 16,
  /** Signatures on one transaction. */
  signersPerTransaction: 16,
  /** Bytes of a transaction's idempotency reference; at least one. */
  referenceBytes: 32,
  /** Payments in one batch call. */
  paymentsPerBatch: 5_000,
  /** Bytes of all transactions of a block together. */
  blockBytes: 8_388_608,
  /** Transactions in one block. */
  transactionsPerBlock: 10_000,
  /** Validators of one set. */
  validators: 128,
  /** Bytes of a chain id, of a contract's, method's, event's or error's name. */
  nameBytes: 64,
  /** Events of one transaction. */
  eventsPerTransaction: 20_000,
  /** Bytes of one receipt: events, results and error data together. */
  receiptBytes: 2_097_152,
  /** Payments with an outcome in one transaction. */
  outcomesPerTransaction: 20_000,
  /** Bytes of a payment's business reference: 35 characters of up to four bytes, as ISO 20022 has them. */
  businessReferenceBytes: 140,
  /** Handovers that a finality proof may carry. */
  handoversPerProof: 1_024,
  /** Handovers that one update of a light client may carry. */
  handoversPerUpdate: 64,
  /** Largest round that a message may name: far above what timeouts can reach in a year. */
  round: 1_000_000,
  /** Bytes of two votes that prove a validator's fault. */
  evidenceBytes: 320,
  /** Keys that one proof of the state may prove together. */
  keysPerStateProof: 16,
  /** Bytes of a finality proof, and of a proof of the state. */
  proofBytes: 4_194_304,
  /** Bytes of a proof of several receipts of one block: 4 MiB of receipts, or one of the largest, and what seals them. */
  receiptsProofBytes: 8_388_608,
} as const;

/** The largest amount of minor units: 128 bits. */
export const MAX_AMOUNT = (1n << 128n) - 1n;
