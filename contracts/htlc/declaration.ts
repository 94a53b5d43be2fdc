import type { TxContext, ViewContext } from '../api/context.js';
import { defineContract } from '../api/define.js';
import type { Infer } from '../api/schema.js';
import { map } from '../api/state.js';
import { t } from '../api/t.js';
import { ELIGIBILITY_RULES } from '../assets/declaration.js';
import { assetFields } from '../locks/asset.js';

/** Under which the contract stands, and holds its locks. */
export const HTLC = 'htlc';

/** Characters of a lock's id. */
export const MAX_ID = 60;
/** Locks of one account that are open. */
export const OPEN_PER_ACCOUNT = 1_000;

/** `returned`: the members had given back what the lock held. Append, never move. */
export const CLOSED_STATUSES = ['paid', 'reclaimed', 'refunded', 'returned'] as const;
export const STATUSES = ['locked', 'claimed', ...CLOSED_STATUSES] as const;

export const id = t.id;
/** SHA-256 of a key. */
export const hash = t.fixedBytes(32);
/** What opens a lock: exactly 32 bytes, so that no other ledger can take a key that this one refuses. */
export const key = t.fixedBytes(32);

export const termsFields = {
  ...assetFields,
  sender: t.address,
  recipient: t.address,
  amount: t.amount,
  /** Whoever shows the key of this hash in time has the recipient paid. */
  hash,
  /** Whoever shows the key of this one in time has the sender paid back (ERC-7573); none: time alone does. */
  failureHash: t.optional(hash),
  /** Consensus time from which no key counts and the sender may have it back: nothing is locked for ever. */
  deadline: t.uint(),
};

export const openFields = {
  ...termsFields,
  /** Set once the key was shown in time: the recipient is to be paid, and nobody else ever. */
  claimKey: t.optional(key),
};

export const closedFields = {
  ...termsFields,
  status: t.enum(CLOSED_STATUSES),
  /** The key that was shown: of `hash` when it is paid, of `failureHash` when it is refunded. */
  key: t.optional(key),
  height: t.uint(),
  timestamp: t.uint(),
};

/** How the state is laid out, for those who read it. */
export const htlcState = {
  open: map([id], t.struct(openFields)),
  /** What became of those that are over: an id is used once, and the other ledger may ask for the key. */
  closed: map([id], t.struct(closedFields)),
  /** Account, lock: each open one that it sends or is to receive. */
  ofAccount: map([t.address, id], t.bool),
  /** Account → how many that it sends are open; no entry for none. */
  count: map([t.address], t.uint(), 0),
};

const events = {
  Locked: { id, ...termsFields },
  /** The key was shown in time; the payment follows at once, or as soon as nothing stands in its way. */
  Claimed: { id, key },
  Paid: { id, recipient: t.address },
  Refunded: { id, key },
  Reclaimed: { id },
  Returned: { id },
};

const errors = {
  /** An id begins with the BIC of the sending account's member and a dash. */
  ID_INVALID: { prefix: t.text(MAX_ID), limit: t.uint() },
  LOCK_EXISTS: { id },
  LOCK_UNKNOWN: { id },
  LOCK_CLOSED: { id, status: t.enum(CLOSED_STATUSES) },
  LOCKS_TOO_MANY: { limit: t.uint() },
  /** Neither or both of a currency and an instrument. */
  ASSET_INVALID: {},
  AMOUNT_ZERO: {},
  SAME_ACCOUNT: { account: t.address },
  /** The instrument's rule keeps units from the recipient, who would show its key for nothing. */
  NOT_ELIGIBLE: { account: t.address, rule: t.enum(ELIGIBILITY_RULES) },
  /** Both keys would be one. */
  HASHES_EQUAL: {},
  DEADLINE_INVALID: { earliest: t.uint(), latest: t.uint() },
  /** Too late for a key. */
  DEADLINE_PASSED: { deadline: t.uint() },
  /** Too early to have it back without a key. */
  DEADLINE_AHEAD: { deadline: t.uint() },
  KEY_MISMATCH: { expected: hash, actual: hash },
  /** The lock has no key of failure. */
  NOT_REFUNDABLE: {},
  /** The key was shown already. */
  CLAIMED_ALREADY: { id },
  /** The key was not shown yet. */
  NOT_CLAIMED: { id },
};

export const contract = defineContract({ name: HTLC, version: 1, state: htlcState, events, errors });

export type HtlcView = ViewContext<typeof htlcState, typeof errors>;
export type HtlcContext = TxContext<typeof htlcState, typeof events, typeof errors>;
export type Terms = Infer<typeof termsSchema>;
export type OpenLock = Infer<(typeof htlcState.open)['value']>;
export type ClosedStatus = (typeof CLOSED_STATUSES)[number];

const termsSchema = t.struct(termsFields);

/** A lock that is open. @throws ContractFailure `LOCK_CLOSED`, `LOCK_UNKNOWN` */
export function requireOpen(ctx: HtlcView, of: string): OpenLock {
  const found = ctx.state.open.find(of);
  if (found !== undefined) return found;
  const closed = ctx.state.closed.find(of);
  return closed === undefined
    ? ctx.fail('LOCK_UNKNOWN', { id: of })
    : ctx.fail('LOCK_CLOSED', { id: of, status: closed.status });
}
