/**
 * The price of every host operation, a consensus parameter: changing a number forks the network. One unit stands for
 * about a nanosecond of the reference machine, so that `maxBlockFuel` bounds the time that a block takes (PROTOCOL §Fuel).
 */
export const FUEL = {
  /** Decoding, admission rules, receipt and index rows of one transaction. */
  transaction: 4_000,
  transactionByte: 2,
  /** One signature check. */
  signer: 40_000,
  /** Entering a contract, from the transaction or from another contract. */
  call: 500,
  callByte: 1,
  read: 800,
  readByte: 1,
  /** A changed entry: its overlay slot, its path in the state tree, its row. */
  write: 4_000,
  writeByte: 4,
  range: 4_000,
  rangeEntry: 1_500,
  used: 2_000,
  once: 4_000,
  event: 300,
  eventByte: 2,
  outcome: 1_000,
  outcomeByte: 2,
  attempt: 200,
  stateRoot: 2_000,
  account: 500,
  authorises: 800,
} as const;

/** Bounds of one host operation, checked before its fuel is charged; breaking one is a failure that a contract may catch. */
export const HOST_LIMITS = {
  /** The transaction's own call is the first level. */
  callDepth: 4,
  /** Attempts inside each other, over all contracts of a transaction. */
  openAttempts: 16,
  /** Calls inside sandboxed programs, over all that run inside each other in a transaction. */
  guestDepth: 1_500,
  keyBytes: 512,
  valueBytes: 65_536,
  rangeEntries: 1_000,
  eventBytes: 65_536,
  scopeBytes: 128,
  /** Heights below the one that is executed whose state roots a contract may ask for. */
  stateRoots: 256,
  /** Of a used-once entry: four bytes on disk. */
  day: 0xffff_ffff,
} as const;
