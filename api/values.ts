import type { ErrorDetails } from '../primitives/errors.js';
import { LIMITS } from '../primitives/limits.js';
import { catchUp } from './catchUp.js';
import type { WireError } from './errors.js';
import { API_LIMITS } from './limits.js';
import { type Infer, mismatch, type Shape, s } from './shape.js';

/** The values that several methods give. Byte strings are those of PROTOCOL §Formats, in hexadecimal. */

const name = s.text(LIMITS.nameBytes);
const height = s.integer(0);

/** What was expected and found, and further fields as the code needs them. */
const details: Shape<ErrorDetails> = {
  schema: { type: 'object', properties: { expected: { type: 'string' }, actual: { type: 'string' } } },
  parse(value, path) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw mismatch(path, 'an object', value);
    return value as ErrorDetails;
  },
};

export const wireError: Shape<WireError> = s.record({ code: s.text(128), message: s.text(4_096), details });

export const admission = s.record({ id: s.hash, status: s.oneOf(['accepted', 'known']) });

/** One transaction of many: admitted, or refused by itself. */
export const submission = s.record(
  { id: s.nullable(s.hash) },
  {
    status: s.oneOf(['accepted', 'known']),
    error: wireError,
  },
);

/** Where a transaction stands for ever, and whether it did what it should. */
export const finalStatus = s.record({
  id: s.hash,
  height,
  index: s.integer(0),
  success: s.boolean,
  /** Empty on success. */
  code: name,
});

export const handover = s.record({
  header: s.hex(512),
  certificate: s.hex(16_384),
  validators: s.hex(16_384),
});

/** What proves receipts of one block final: the shared part once. */
export const blockProofs = s.record({
  height,
  header: s.hex(512),
  certificate: s.hex(16_384),
  handovers: s.list(handover, LIMITS.handoversPerProof),
  count: s.integer(1, LIMITS.transactionsPerBlock),
  receipts: s.list(
    s.record({ index: s.integer(0), receipt: s.hex(LIMITS.receiptBytes), path: s.list(s.hash, 30) }),
    API_LIMITS.transactionsPerRequest,
  ),
});

/** What leads a light client on from what it trusts: header, certificate and, between, each change of validators. */
export const finalityUpdate = s.record(
  {
    /** The node's newest height: ask again from the update's end where that is lower. */
    headHeight: height,
  },
  {
    update: s.record({
      header: s.hex(512),
      certificate: s.hex(16_384),
      handovers: s.list(handover, LIMITS.handoversPerUpdate),
    }),
  },
);

/** What the newest state holds under some keys, with all that proves it. */
export const stateProof = s.record({
  height,
  /** In the order of the keys; null where the state holds nothing under one. */
  values: s.list(s.nullable(s.hex(1_048_576)), LIMITS.keysPerStateProof),
  /** The proof of the state: verify these bytes, believe nothing beside them. */
  proof: s.hex(LIMITS.proofBytes),
});

export const waited = s.record({
  final: s.list(finalStatus, API_LIMITS.transactionsPerRequest),
  /** Of all in `final`, by block; empty when no proofs were asked for. */
  proofs: s.list(blockProofs, API_LIMITS.transactionsPerRequest),
  /**
   * Not final when the wait ended, or more than one answer holds. What becomes of them is not known: wait again, or submit
   * the same bytes again.
   */
  unknown: s.list(s.hash, API_LIMITS.transactionsPerRequest),
});

/** By the ABI of each contract. */
export const events = s.list(s.record({ contract: name, name, data: s.json }), LIMITS.eventsPerTransaction);
/** Each call's return value by the ABI. */
export const callResults = s.list(
  s.record({ contract: name, method: name, value: s.json }),
  LIMITS.callsPerTransaction,
);

/** What running a transaction came to, on the chain or tried. */
export const runFields = {
  success: s.boolean,
  /** Empty on success. */
  code: name,
  failedCall: s.text(2 * LIMITS.nameBytes + 1),
  /** The error's data by the ABI; null on success. */
  error: s.json,
  fuelUsed: s.integer(0),
  events,
  results: callResults,
  outcomeCount: s.integer(0, LIMITS.outcomesPerTransaction),
};

export const receipt = s.record({
  id: s.hash,
  height,
  index: s.integer(0),
  ...runFields,
  outcomesRoot: s.hash,
  /** The receipt itself, as its block's root commits to it. */
  bytes: s.hex(LIMITS.receiptBytes),
});

export const transaction = s.record({
  id: s.hash,
  height,
  index: s.integer(0),
  sender: s.address,
  signers: s.list(s.address, LIMITS.signersPerTransaction),
  reference: s.hex(LIMITS.referenceBytes),
  expiresAt: s.integer(0),
  priority: s.oneOf(['normal', 'urgent']),
  calls: s.list(s.record({ contract: name, method: name, args: s.json }), LIMITS.callsPerTransaction),
  bytes: s.hex(LIMITS.transactionBytes),
});

export const proof = s.record({
  id: s.hash,
  height,
  blockHash: s.hash,
  timestamp: s.integer(0),
  success: s.boolean,
  code: name,
  /** The finality proof: verify these bytes, believe nothing beside them. */
  proof: s.hex(LIMITS.proofBytes),
});

export const outcome = s.record({ reference: s.text(LIMITS.businessReferenceBytes), code: name });

/** A page and where the next one begins; no cursor at the end. */
export const outcomePage = s.record(
  { outcomes: s.list(outcome, API_LIMITS.outcomesPerPage) },
  {
    nextCursor: s.text(API_LIMITS.cursorBytes),
  },
);

export const block = s.record({
  height,
  blockHash: s.hash,
  parentHash: s.hash,
  proposer: s.address,
  timestamp: s.integer(0),
  txRoot: s.hash,
  stateRoot: s.hash,
  receiptsRoot: s.hash,
  validatorsHash: s.hash,
  nextValidatorsHash: s.hash,
  /** Round in which it was decided. */
  round: s.integer(0, LIMITS.round),
  signers: s.list(s.integer(0, LIMITS.validators), LIMITS.validators),
  transactionCount: s.integer(0, LIMITS.transactionsPerBlock),
  header: s.hex(512),
  certificate: s.hex(16_384),
});

/** Ids in the block's order. */
export const idPage = s.record(
  { ids: s.list(s.hash, API_LIMITS.pageItems) },
  {
    nextCursor: s.text(API_LIMITS.cursorBytes),
  },
);

const policy = {
  label: name,
  threshold: s.integer(0, 16),
  keys: s.list(s.address, 16),
  /** Those of the keys that check what the others make. */
  checkers: s.list(s.address, 16),
  suspended: s.boolean,
};

export const account = s.record({
  account: s.address,
  member: s.text(11),
  ...policy,
  balances: s.list(s.record({ currency: s.text(3), balance: s.text(39) }), 1_000),
});

export const member = s.record({
  member: s.text(11),
  lei: s.text(20),
  name: s.text(560),
  roles: s.list(s.text(32), 16),
  suspended: s.boolean,
});

export const memberPage = s.record(
  { members: s.list(member, API_LIMITS.pageItems) },
  {
    nextCursor: s.text(API_LIMITS.cursorBytes),
  },
);

export const accountPage = s.record(
  { accounts: s.list(s.record({ account: s.address, member: s.text(11), ...policy }), API_LIMITS.pageItems) },
  { nextCursor: s.text(API_LIMITS.cursorBytes) },
);

export const validatorSet = s.record({
  height,
  validatorsHash: s.hash,
  quorum: s.integer(1, LIMITS.validators),
  validators: s.list(
    s.record({ address: s.address, suite: s.integer(1, 255), publicKey: s.hex(33) }),
    LIMITS.validators,
  ),
});

export const status = s.record(
  {
    chainId: name,
    genesisHash: s.hash,
    node: s.text(256),
    version: s.text(64),
    role: s.oneOf(['validator', 'observer']),
    height,
    blockHash: s.hash,
    stateRoot: s.hash,
    timestamp: s.integer(0),
    peers: s.integer(0),
    syncing: s.boolean,
    waitingTransactions: s.integer(0),
    waitingBytes: s.integer(0),
  },
  {
    validator: s.address,
    /** While peers have blocks that this node is fetching. */
    catchUp,
  },
);

export type WaitedJson = Infer<typeof waited>;
export type BlockProofsJson = Infer<typeof blockProofs>;
export type HandoverJson = Infer<typeof handover>;
export type FinalityUpdateJson = Infer<typeof finalityUpdate>;
export type FinalStatusJson = Infer<typeof finalStatus>;
export type ReceiptJson = Infer<typeof receipt>;
export type TransactionJson = Infer<typeof transaction>;
export type BlockJson = Infer<typeof block>;
export type StatusJson = Infer<typeof status>;
export type AccountJson = Infer<typeof account>;
export type MemberJson = Infer<typeof member>;
export type SubmissionJson = Infer<typeof submission>;
