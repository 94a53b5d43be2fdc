import { map } from '../api/state.js';
import { t } from '../api/t.js';
import { RANKS } from '../gridlock/input.js';

/** Under which the contract stands; `cash` and `payments` know it by this name. */
export const QUEUE = 'queue';

export const QUEUE_LIMITS = {
  /** Payments that wait in one currency: as many as the mechanism takes. */
  waiting: 50_000,
  /** Of them those of one member, so that nobody fills the queue for all. */
  waitingPerMember: 10_000,
  /** Payments of one batch. */
  batch: 1_000,
  /** Bilateral limits of one currency, and of them those of one member and of one debtor. */
  limits: 4_096,
  limitsPerMember: 256,
  limitsPerDebtor: 64,
  /** Payments that one run looks at: all of them may settle within a transaction's fuel. */
  window: 8_000,
  /** The same where nothing else is said. */
  defaultWindow: 5_000,
  /** Steps of a run beyond what stage one and the reasons need. */
  searchSteps: 500_000,
  defaultSearchSteps: 100_000,
  /** Accounts that one run looks at. */
  accounts: 256,
  /** Of them those that the payments of one member bring in before every other member has had its turn. */
  accountsOfMember: 32,
  /** The same of the payments of a run: this part of them, and no fewer than these. */
  windowShare: { part: 8, least: 64 },
  /** Newest runs that the state keeps. */
  runs: 100,
  /** Rows that one sweep or one page of a listing looks at. */
  rows: 1_000,
} as const;

/**
 * No payment is larger, in minor units: what waits for or from one account fits an amount then, however much that is, and
 * nobody closes an account to others with an amount that no bank has.
 */
export const MAX_QUEUED_AMOUNT = (1n << 100n) - 1n;

/** Business references and end-to-end ids, ISO 20022 Max35Text. */
export const MAX_REFERENCE = 35;

export const priority = t.enum(RANKS);
export const status = t.enum(['queued', 'settled', 'cancelled', 'expired', 'dayClosed']);
export const stages = t.enum(['fifo', 'all']);
export const runOutcome = t.enum(['settled', 'noneEligible', 'deadlocked', 'unsettled']);

/** Counted from 1 for each currency, in the order in which payments entered its queue. */
export const id = t.uint();
export const itemKey = { currency: t.currency, id };
export const reference = t.text(MAX_REFERENCE);

/** What a run looks at. */
export const placedFields = {
  debtor: t.address,
  creditor: t.address,
  amount: t.amount,
  /** Settles on this business day or never. */
  businessDay: t.day,
  /** Never settles in a block of this time or later. */
  expiresAt: t.optional(t.uint()),
  isHeld: t.bool,
};

export const itemFields = {
  ...placedFields,
  priority,
  reference,
  endToEndId: t.optional(t.text(MAX_REFERENCE)),
  /** Consensus time in milliseconds. */
  submittedAt: t.uint(),
  status,
  /** Consensus time at which it left the queue. */
  finishedAt: t.optional(t.uint()),
  /** The run that settled it. */
  run: t.optional(t.uint()),
};

const counts = { centralBank: t.uint(), clearing: t.uint(), urgent: t.uint(), normal: t.uint() };

/** What a run leaves: with the state before it, enough to compute it again. */
export const runFields = {
  run: t.uint(),
  currency: t.currency,
  height: t.uint(),
  timestamp: t.uint(),
  businessDay: t.day,
  /** A payment that was submitted began it, or a transaction for itself. */
  trigger: t.enum(['submission', 'demand']),
  stages,
  maxPayments: t.uint(),
  /** Payments of rank normal up to this one were left out: earlier runs found that none of them could settle. */
  after: t.optional(id),
  /** False where more waited than the run looked at. */
  isComplete: t.bool,
  inputHash: t.fixedBytes(32),
  maxSteps: t.uint(),
  steps: t.uint(),
  outcome: runOutcome,
  isBest: t.bool,
  considered: t.uint(),
  settledCount: t.uint(),
  value: t.amount,
};

export const queueFields = {
  nextId: id,
  /** What waits, held payments too. */
  waiting: t.struct(counts),
  /** Of them those that are not held. */
  active: t.uint(),
  limits: t.uint(),
  nextRun: t.uint(),
  /** Where the next run begins among the normal payments. */
  after: t.optional(id),
};

export const accountFields = {
  /** Payments that it sends and does not hold, by rank: those of the newest business day on which it has sent any. */
  active: t.struct(counts),
  activeDay: t.optional(t.day),
  /** Payments that it sends, held ones too, and their sum. */
  outgoing: t.uint(),
  outgoingAmount: t.amount,
  /** The sum of what it waits to receive. */
  incomingAmount: t.amount,
  /** Bilateral limits that it has set. */
  limits: t.uint(),
};

/** Of all accounts of one member. */
export const memberFields = {
  /** Payments that they send and that wait, held ones too. */
  outgoing: t.uint(),
  /** Bilateral limits that they have set. */
  limits: t.uint(),
};

/** What the one may pay the other, net of what it receives from it, and what was paid on the business day. */
export const limitFields = { amount: t.amount, businessDay: t.optional(t.day), paid: t.amount, received: t.amount };

const none = { centralBank: 0, clearing: 0, urgent: 0, normal: 0 };

export const queueState = {
  /** Every payment that entered, also when it has left, until its business day is over and it is swept. */
  items: map([t.currency, id], t.struct(itemFields)),
  /** What waits, by rank and then in the order of entry. */
  order: map([t.currency, priority, id], t.struct(placedFields)),
  queues: map([t.currency], t.struct(queueFields), {
    nextId: 1,
    waiting: none,
    active: 0,
    limits: 0,
    nextRun: 1,
    after: undefined,
  }),
  /** What waits of each account; no entry for nothing. */
  accounts: map([t.currency, t.address], t.struct(accountFields), {
    active: none,
    activeDay: undefined,
    outgoing: 0,
    outgoingAmount: 0n,
    incomingAmount: 0n,
    limits: 0,
  }),
  /** What waits of each member; no entry for nothing. */
  members: map([t.currency, t.bic], t.struct(memberFields), { outgoing: 0, limits: 0 }),
  /** Debtor, creditor. */
  limits: map([t.currency, t.address, t.address], t.struct(limitFields)),
  /** The newest runs, each in the place of the one a hundred before it. */
  runs: map([t.currency, t.uint()], t.struct(runFields)),
};
