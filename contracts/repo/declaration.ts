import type { Address } from '../../primitives/types.js';
import type { TxContext, ViewContext } from '../api/context.js';
import { defineContract } from '../api/define.js';
import type { Infer } from '../api/schema.js';
import { map } from '../api/state.js';
import { t } from '../api/t.js';
import { ELIGIBILITY_RULES } from '../assets/declaration.js';
import { cash } from '../cash/cash.js';
import { MAX_RATE } from '../daycount/interest.js';
import { DAY_MS } from '../time/deadline.js';

/** Under which the contract stands, and holds its locks. */
export const REPO = 'repo';

/** Characters of a repo's id, so that the name of each of its locks fits an identifier. */
export const MAX_ID = 56;
/** Repos of one seller that are offered or open. */
export const OPEN_PER_SELLER = 1_000;
/** How long a seller may at most be given, to close or to meet a margin call. */
export const LONGEST_GRACE_MS = 7 * DAY_MS;
/** From its deadline on an unmet margin call, or a notice, lets the buyer end the repo for so long; after that it takes another. */
export const LAPSE_MS = 7 * DAY_MS;
/** What a seller has of a business day, and of a notice, at least, before it has failed on it. */
export const LEAST_OPEN_MS = 3_600_000;
/** Basis points of the whole. */
export const ALL_BPS = 10_000;

export const CLOSED_STATUSES = ['closed', 'failed', 'cancelled', 'expired', 'returned'] as const;
export const STATUSES = ['offered', 'open', 'tendered', ...CLOSED_STATUSES] as const;
export const PARTIES = ['seller', 'buyer'] as const;
export const REVALUATIONS = ['called', 'cured', 'returned'] as const;
/** Why a buyer may end a repo: it was not closed in time, a margin call was not met, the seller is suspended. */
export const GROUNDS = ['closing', 'margin', 'suspension'] as const;

export const hash = t.fixedBytes(32);

const detailFields = {
  seller: t.address,
  buyer: t.address,
  instrument: t.id,
  units: t.amount,
  /** That of the instrument. */
  currency: t.currency,
  /** What the buyer pays for the units. */
  cash: t.amount,
  /** In billionths a year, ACT/360: what the seller pays beside the cash when it closes. */
  rate: t.uint(MAX_RATE),
  /** Consensus time from which it cannot be accepted any more. */
  opensBefore: t.uint(),
  /** Consensus time from which the seller closes it. */
  closesAt: t.uint(),
  /** How long after that, on an open business day, the seller has failed. */
  graceMs: t.uint(LONGEST_GRACE_MS),
  /** What is taken off the price of the units before they cover what is owed, in basis points. */
  haircutBps: t.uint(ALL_BPS - 1),
  /** How long the seller has to meet a margin call. */
  marginMs: t.uint(LONGEST_GRACE_MS),
  /** No margin is called or returned of no more than this. */
  threshold: t.amount,
};

/** What both agree to: the hash of exactly this is what is offered and accepted. */
export const termsFields = { id: t.id, ...detailFields };
export const terms = t.struct(termsFields);

export const tenderFields = {
  /** What the seller has to pay beside its margin; it has been set aside. */
  price: t.amount,
  tenderedAt: t.uint(),
};
export const callFields = { amount: t.amount, deadline: t.uint() };
/** What the buyer holds against the seller, and until when the seller may still perform. */
export const noticeFields = { ground: t.enum(GROUNDS), noticedAt: t.uint(), until: t.uint() };
const units = { instrument: t.id, units: t.amount };

const openFields = {
  ...detailFields,
  terms: hash,
  openedAt: t.uint(),
  /** Money of the seller's that the contract holds for the buyer, beside the units. */
  margin: t.amount,
  /** The buyer lets the seller close before the time. */
  isEarly: t.bool,
  call: t.optional(t.struct(callFields)),
  notice: t.optional(t.struct(noticeFields)),
  tender: t.optional(t.struct(tenderFields)),
  /** Units that the seller offers in the place of those that the buyer has. */
  substitute: t.optional(t.struct(units)),
};

/** How a repo ended that was not closed: who owes the other the difference, by the newest price. */
export const failureFields = {
  /** What the seller should have paid. */
  repurchase: t.amount,
  /** What of it the buyer had. */
  margin: t.amount,
  /** What the units were worth; none where they had no price. */
  value: t.optional(t.amount),
  pricedAt: t.optional(t.uint()),
  difference: t.optional(t.struct({ owedBy: t.enum(PARTIES), amount: t.amount })),
};

export const closedFields = {
  ...{ seller: t.address, buyer: t.address, currency: t.currency, ...units },
  terms: hash,
  status: t.enum(CLOSED_STATUSES),
  /** What the seller has paid, its margin among it. */
  paid: t.amount,
  /** The buyer was suspended: what it is paid waits in a lock of its own. */
  isUncollected: t.bool,
  failure: t.optional(t.struct(failureFields)),
  height: t.uint(),
  timestamp: t.uint(),
};

/** How the state is laid out, for those who read it. */
export const repoState = {
  offers: map([t.id], t.struct({ ...detailFields, terms: hash })),
  open: map([t.id], t.struct(openFields)),
  /** What is left of those that are over: an id is used once. */
  closed: map([t.id], t.struct(closedFields)),
  /** Account, repo: each that it has offered, is offered or is a party of, and that is not over. */
  ofAccount: map([t.address, t.id], t.bool),
  /** Seller → how many are not over; no entry for none. */
  count: map([t.address], t.uint(), 0),
};

const id = t.id;

const events = {
  Offered: { ...termsFields, terms: hash },
  /** Units and cash have changed hands. */
  Opened: { id, terms: hash },
  /** Both have changed hands again. */
  Closed: { id, paid: t.amount, isUncollected: t.bool },
  /** The price is set aside, and something keeps the units from the seller. */
  Tendered: { id, ...tenderFields, obstacle: t.text(64) },
  TakenBack: { id },
  EarlyClosing: { id, isEarly: t.bool },
  MarginCalled: { id, ...callFields },
  MarginPaid: { id, amount: t.amount, margin: t.amount },
  MarginCured: { id },
  /** The seller has back what fresh prices do not need: of its margin, and of its units. */
  MarginReturned: { id, amount: t.amount, units: t.amount },
  SubstituteOffered: { id, ...units },
  SubstituteDropped: { id },
  Substituted: { id, before: t.struct(units), after: t.struct(units) },
  /** The buyer has given notice: once it has run, it may end the repo. */
  Noticed: { id, ground: t.enum(GROUNDS), until: t.uint() },
  Failed: { id, ...failureFields },
  /** Nothing was opened, or the members have given the units back. */
  Ended: { id, status: t.enum(CLOSED_STATUSES) },
  /** What a suspended buyer was paid has left its lock. */
  Collected: { id, amount: t.amount },
};

const errors = {
  /** An id begins with the BIC of the seller's member and a dash. */
  ID_INVALID: { prefix: t.text(MAX_ID), limit: t.uint() },
  REPO_EXISTS: { id },
  REPO_UNKNOWN: { id },
  /** It is over. */
  REPO_CLOSED: { id, status: t.enum(CLOSED_STATUSES) },
  /** It is an offer, or open, and should be the other. */
  REPO_NOT_OPEN: { id },
  REPOS_TOO_MANY: { limit: t.uint() },
  AMOUNT_ZERO: {},
  /** A bank lends nothing to itself. */
  SAME_MEMBER: { member: t.bic },
  /** The seller’s member has issued the units itself: they are worth nothing where it fails. */
  CLOSE_LINK: { member: t.bic },
  NOT_A_PARTY: { account: t.address },
  /** The account is suspended, and the sender does not issue the currency. */
  NOT_ENTITLED: { account: t.address },
  INSTRUMENT_UNKNOWN: { instrument: t.id },
  /** The instrument is over before the repo is. */
  MATURES_BEFORE: { maturity: t.day },
  CURRENCY_MISMATCH: { expected: t.currency, actual: t.currency },
  NOT_ELIGIBLE: { account: t.address, rule: t.enum(ELIGIBILITY_RULES) },
  DEADLINE_INVALID: { earliest: t.uint(), latest: t.uint() },
  DEADLINE_PASSED: { deadline: t.uint() },
  /** The offer says something else than what was accepted. */
  TERMS_MISMATCH: { expected: hash, actual: hash },
  /** Before its time it closes only where the buyer lets it. */
  TOO_EARLY: { closesAt: t.uint() },
  UNCHANGED: {},
  /** The seller has set the price aside. */
  TENDERED: { price: t.amount },
  /** The margin would be more than what is owed. */
  MARGIN_EXCESSIVE: { limit: t.amount },
  NOT_TENDERED: {},
  /** Nothing is valued by a price that is stale, or that is not there. */
  PRICE_STALE: { instrument: t.id },
  /** What is owed is covered, and by no more than the threshold too well. */
  MARGIN_UNCHANGED: { covered: t.amount, owed: t.amount },
  COVERAGE_INSUFFICIENT: { covered: t.amount, required: t.amount },
  SUBSTITUTE_EXISTS: units,
  NO_SUBSTITUTE: {},
  SUBSTITUTE_MISMATCH: units,
  BUSINESS_DAY_CLOSED: { currency: t.currency },
  /** The seller has still time, on an open business day, or by a notice. */
  NOT_FAILED: { earliest: t.uint() },
  NOTHING_TO_COLLECT: { id },
};

export const contract = defineContract({ name: REPO, version: 1, state: repoState, events, errors });

export type RepoView = ViewContext<typeof repoState, typeof errors>;
export type RepoContext = TxContext<typeof repoState, typeof events, typeof errors>;
export type Terms = Infer<typeof terms>;
export type Offer = Infer<typeof repoState.offers.value>;
export type Open = Infer<typeof repoState.open.value>;
export type Failure = Infer<typeof failureSchema>;
export type ClosedStatus = (typeof CLOSED_STATUSES)[number];

const failureSchema = t.struct(failureFields);

/** What the contract holds for a repo, by the names of its locks. */
export const LOCKS = {
  /** Units of the seller's, until the offer is accepted. */
  offer: (id: string) => `${id}.offer`,
  /** Units of the buyer's, until it is closed. */
  units: (id: string) => `${id}.units`,
  /** Units of the seller's that are offered in their place. */
  substitute: (id: string) => `${id}.new`,
  /** The seller's price, while something keeps the units from it. */
  price: (id: string) => `${id}.price`,
  /** Money of the buyer's: margin that the seller has paid. */
  margin: (id: string) => `${id}.margin`,
} as const;

/** @throws ContractFailure `REPO_CLOSED`, `REPO_UNKNOWN`, `REPO_NOT_OPEN` */
export function requireOpen(ctx: RepoView, of: string): Open {
  return withMargin(ctx, of, ctx.state.open.find(of) ?? refuse(ctx, of));
}

/** With the margin that is there: what the members have given back (`returnLock`) counts for nothing. */
export function withMargin(ctx: RepoView, id: string, open: Open): Open {
  if (open.margin === 0n) return open;
  const { currency } = open;
  const held = ctx.view(cash.methods.lockOf, { currency, contract: REPO, lock: LOCKS.margin(id) });
  return { ...open, margin: held?.amount ?? 0n };
}

/** @throws ContractFailure `REPO_CLOSED`, `REPO_UNKNOWN`, `REPO_NOT_OPEN` */
export function requireOffer(ctx: RepoView, of: string): Offer {
  return ctx.state.offers.find(of) ?? refuse(ctx, of);
}

function refuse(ctx: RepoView, of: string): never {
  const closed = ctx.state.closed.find(of);
  if (closed !== undefined) ctx.fail('REPO_CLOSED', { id: of, status: closed.status });
  const isThere = ctx.state.open.has(of) || ctx.state.offers.has(of);
  return isThere ? ctx.fail('REPO_NOT_OPEN', { id: of }) : ctx.fail('REPO_UNKNOWN', { id: of });
}

/** The party itself; for one that is suspended, and so cannot, the central bank of the currency. */
export function requireParty(ctx: RepoContext, account: Address, currency: string): void {
  if (ctx.account(account)?.active !== false) {
    ctx.requireAuthorised(account);
    return;
  }
  ctx.require(isIssuer(ctx, currency), 'NOT_ENTITLED', { account });
}

/** Whether the sender is the central bank that issues the currency. */
export function isIssuer(ctx: RepoContext, currency: string): boolean {
  const { roles, member } = ctx.requireAuthorised(ctx.sender);
  return roles.includes('centralBank') && ctx.view(cash.methods.currency, { currency })?.issuer === member;
}
