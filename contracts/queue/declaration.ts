import type { Address } from '../../primitives/types.js';
import type { TxContext, ViewContext } from '../api/context.js';
import { defineContract } from '../api/define.js';
import type { Infer } from '../api/schema.js';
import { t } from '../api/t.js';
import { allowanceErrors } from '../cash/allowance.js';
import type { Rank } from '../gridlock/input.js';
import {
  id,
  itemFields,
  itemKey,
  priority,
  QUEUE,
  QUEUE_LIMITS,
  queueState,
  reference,
  runFields,
  status,
} from './records.js';

/** What a bank says of a payment. */
export const paymentFields = {
  creditor: t.address,
  amount: t.amount,
  /** Used once for each debtor and business day, whatever becomes of the payment. */
  reference,
  endToEndId: itemFields.endToEndId,
  /** `normal` when left out. */
  priority: t.optional(priority),
  /** Consensus time in milliseconds; none: it waits until the business day closes. */
  expiresAt: t.optional(t.uint()),
};
export const payment = t.struct(paymentFields);

export const submissionHeader = {
  debtor: t.address,
  currency: t.currency,
  /** Refuses to enter on any other business day than this one. */
  businessDay: t.optional(t.day),
};

/** `all`: every payment settles or enters the queue, or none does. `each`: each on its own. */
export const mode = t.enum(['all', 'each']);

export const batchCounts = { settled: t.uint(), queued: t.uint(), refused: t.uint() };

const entered = { ...submissionHeader, businessDay: t.day, ...paymentFields, priority };

const events = {
  /** It was funded and behind no other: settled as it was submitted. */
  Settled: entered,
  Queued: { id, ...entered },
  BatchSubmitted: { ...submissionHeader, businessDay: t.day, mode, ...batchCounts },
  Held: itemKey,
  Released: itemKey,
  Reprioritised: { ...itemKey, before: priority, priority },
  Cancelled: { ...itemKey, by: t.bic },
  /** It left the queue unsettled: its time was over, or its business day had closed. */
  Dropped: { ...itemKey, status },
  LimitSet: { currency: t.currency, debtor: t.address, creditor: t.address, amount: t.optional(t.amount) },
  Reserved: { currency: t.currency, account: t.address, amount: t.amount },
  /** The receipt of a run: what it looked at, by its hash, and what came out. */
  Resolved: {
    ...runFields,
    stageValues: t.struct({
      fifo: t.amount,
      singles: t.amount,
      pairs: t.amount,
      cycles: t.amount,
      search: t.amount,
    }),
    settled: t.list(id, QUEUE_LIMITS.window),
    /** Every account that the run looked at, in the order of their names; `net` is received less sent. */
    positions: t.list(
      t.struct({ account: t.address, available: t.amount, isDebit: t.bool, net: t.amount }),
      QUEUE_LIMITS.accounts,
    ),
  },
};

const errors = {
  BUSINESS_DAY_CLOSED: { currency: t.currency },
  BUSINESS_DAY_MISMATCH: { expected: t.day, open: t.day },
  /** The currency takes no new payments on this business day any more. */
  CUT_OFF_PASSED: { cutOffAt: t.uint() },
  BUSINESS_REFERENCE_USED: { reference },
  AMOUNT_ZERO: { reference },
  AMOUNT_TOO_LARGE: { reference, limit: t.amount },
  SAME_ACCOUNT: { account: t.address },
  ...allowanceErrors,
  /** Its time is over before it enters. */
  EXPIRED: { reference, expiresAt: t.uint() },
  /** The debtor's member has no role that may claim this priority. */
  PRIORITY_RESERVED: { priority },
  QUEUE_FULL: { limit: t.uint() },
  /** The accounts of the debtor's member have as many waiting as one member may have. */
  QUEUE_SHARE_FULL: { account: t.address, limit: t.uint() },
  /** Of a batch's payment, in its outcome: it entered the queue. */
  QUEUED: {},
  ITEM_UNKNOWN: itemKey,
  /** It has left the queue: it settled, or it never will. */
  ITEM_FINISHED: { ...itemKey, status },
  /** It is so already. */
  UNCHANGED: {},
  /** Neither the debtor nor the central bank that issues the currency. */
  NOT_ENTITLED: itemKey,
  /** Another central bank issues the currency. */
  NOT_ISSUER: { currency: t.currency },
  /** Another account's is given back only while it is suspended: it can do so itself. */
  NOT_SUSPENDED: { account: t.address },
  INSUFFICIENT_FUNDS: { available: t.amount, required: t.amount },
  LIMITS_TOO_MANY: { limit: t.uint() },
};

export const contract = defineContract({ name: QUEUE, version: 1, state: queueState, events, errors });

export type QueueView = ViewContext<typeof queueState, typeof errors>;
export type QueueContext = TxContext<typeof queueState, typeof events, typeof errors>;

export type Payment = Infer<typeof payment>;
export type Item = Infer<(typeof queueState.items)['value']>;
export type Placed = Infer<(typeof queueState.order)['value']>;
export type AccountRow = Infer<(typeof queueState.accounts)['value']>;
export type MemberRow = Infer<(typeof queueState.members)['value']>;
export type QueueRow = Infer<(typeof queueState.queues)['value']>;
export type Limit = Infer<(typeof queueState.limits)['value']>;
export type Status = Item['status'];

/** A payment that waits, with where it stands. */
export interface Waiting extends Placed {
  readonly id: number;
  readonly priority: Rank;
}

/** What the debtor's own bank holds back for urgent payments: the lock of this name, made by this contract. */
export function reservationLock(account: Address): string {
  return `reserved.${account}`;
}
