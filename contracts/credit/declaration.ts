import type { Address } from '../../primitives/types.js';
import type { TxContext, ViewContext } from '../api/context.js';
import { defineContract } from '../api/define.js';
import type { Infer } from '../api/schema.js';
import { map } from '../api/state.js';
import { t } from '../api/t.js';
import { ELIGIBILITY_RULES } from '../assets/declaration.js';
import { MAX_RATE } from '../daycount/interest.js';
import { DAY_MS } from '../time/deadline.js';

/** Under which the contract stands, and holds its locks. */
export const CREDIT = 'credit';
/** What holds the money of a facility. */
export const FACILITY = 'facility';

/** Instruments of one pool. */
export const MAX_POSITIONS = 16;
/** Basis points of the whole. */
export const ALL_BPS = 10_000;
/** How long a margin call may give a bank. */
export const LONGEST_MARGIN_MS = 7 * DAY_MS;
/** What a bank has of a business day, at least, before it has not met a call on it. */
export const LEAST_OPEN_MS = 3_600_000;
/** From its deadline on a margin call lets the central bank sell for so long, a long weekend; after that it takes another call. */
export const LIQUIDATION_MS = 4 * DAY_MS;

const currency = t.currency;

export const facilityFields = {
  /** The central bank's account whose money is lent, and which is paid back. */
  funder: t.address,
  /** Of loans overnight, in billionths a year, ACT/360. */
  rate: t.uint(MAX_RATE),
  /** How long a margin call gives a bank. */
  marginMs: t.uint(LONGEST_MARGIN_MS),
};

export const eligibleFields = {
  /** What is taken off the price, in basis points. */
  haircutBps: t.uint(ALL_BPS),
  /** The most that units of it count for in one pool: no pool hangs on one instrument. */
  cap: t.optional(t.amount),
};

export const loan = t.struct({
  principal: t.amount,
  /** Due beside the principal, as far as it is worked out. */
  interest: t.amount,
  rate: t.uint(MAX_RATE),
  /** The business day on which it was drawn last. */
  day: t.day,
  /** The business day has ended with it open: from then on it costs interest. */
  isOvernight: t.bool,
  /** Up to this day interest is worked out. */
  accruedTo: t.day,
});

export const callFields = { shortfall: t.amount, calledAt: t.uint(), deadline: t.uint() };

/** How the state is laid out, for those who read it. */
export const creditState = {
  facilities: map([currency], t.struct(facilityFields)),
  /** Currency → principal of all its loans. */
  lent: map([currency], t.amount, 0n),
  /** Currency, instrument: what is taken as collateral. */
  eligible: map([currency, t.id], t.struct(eligibleFields)),
  /** Currency, account → how much it may owe. */
  lines: map([currency, t.address], t.struct({ limit: t.amount, member: t.bic })),
  /** Currency, member → the one account of it that has a line: no member has two pools. */
  lineOf: map([currency, t.bic], t.address),
  /** Currency, account, instrument: what its pool holds; how many units its lock says. */
  positions: map([currency, t.address, t.id], t.bool),
  loans: map([currency, t.address], loan),
  calls: map([currency, t.address], t.struct(callFields)),
};

export const owner = { currency, account: t.address };
export const units = { instrument: t.id, units: t.amount };
const owed = { owed: t.amount };

const events = {
  FacilitySet: { currency, ...facilityFields },
  Funded: { currency, amount: t.amount },
  Defunded: { currency, amount: t.amount },
  EligibleSet: { currency, instrument: t.id, ...eligibleFields },
  Excluded: { currency, instrument: t.id },
  LineSet: { ...owner, member: t.bic, limit: t.amount },
  LineClosed: { ...owner, member: t.bic },
  Deposited: { ...owner, ...units },
  Withdrawn: { ...owner, ...units },
  Drawn: { ...owner, amount: t.amount, day: t.day, ...owed },
  /** `interest` of the amount, the rest principal. */
  Repaid: { ...owner, payer: t.address, amount: t.amount, interest: t.amount, ...owed },
  /** The business day has ended with so much open. */
  Converted: { ...owner, principal: t.amount, day: t.day, rate: t.uint(MAX_RATE) },
  MarginCalled: { ...owner, ...callFields },
  /** The newest prices cover the loan again. */
  MarginCured: owner,
  /** Units sold to the buyer; what was paid beyond what is owed went to the account, or waits for it while it is suspended. */
  Liquidated: { ...owner, ...units, buyer: t.address, price: t.amount, paid: t.amount, surplus: t.amount, ...owed },
  /** What waited for the account has gone to it. */
  Collected: { ...owner, amount: t.amount },
};

const errors = {
  /** The sender's member does not issue the currency. */
  NOT_ISSUER: { currency },
  CURRENCY_UNKNOWN: { currency },
  INSTRUMENT_UNKNOWN: { instrument: t.id },
  /** Collateral is worth money of its own currency. */
  CURRENCY_MISMATCH: { expected: currency, actual: currency },
  FACILITY_UNKNOWN: { currency },
  /** Its money is another account's: it is taken back first. */
  FACILITY_FUNDED: { funder: t.address },
  FACILITY_INSUFFICIENT: { available: t.amount, required: t.amount },
  AMOUNT_ZERO: {},
  LINE_UNKNOWN: owner,
  /** Another account of the member has one. */
  LINE_ELSEWHERE: { account: t.address },
  LINE_EXCEEDED: { limit: t.amount, required: t.amount },
  NOT_ELIGIBLE: { instrument: t.id },
  /** The central bank may not hold units, so that none could be delivered to it. */
  NOT_HOLDABLE: { account: t.address, rule: t.enum(ELIGIBILITY_RULES) },
  /** The member has issued it itself. */
  CLOSE_LINK: { member: t.bic },
  POSITIONS_TOO_MANY: { limit: t.uint() },
  UNITS_INSUFFICIENT: { available: t.amount, required: t.amount },
  /** Nothing is drawn, taken out or sold by a price that is stale, or that is not there. */
  PRICE_STALE: { instrument: t.id },
  /** The bank's own oracle alone says what its collateral is worth. */
  PRICE_OWN: { instrument: t.id },
  COVERAGE_INSUFFICIENT: { value: t.amount, required: t.amount },
  BUSINESS_DAY_CLOSED: { currency },
  /** A loan of an earlier business day is open. */
  LOAN_OVERNIGHT: owed,
  NOTHING_OWED: {},
  OWED_EXCEEDED: { owed: t.amount, required: t.amount },
  OWED: owed,
  NOTHING_TO_CONVERT: {},
  NOT_SUSPENDED: { account: t.address },
  NOTHING_TO_RETURN: {},
  NOTHING_TO_COLLECT: {},
  NOT_SHORT: { value: t.amount, owed: t.amount },
  CALLED_ALREADY: { deadline: t.uint() },
  NOT_CALLED: {},
  /** No loan is overdue, no margin call unmet, and the account is not suspended. */
  NOT_DUE: { deadline: t.optional(t.uint()) },
  /** The largest position that the buyer may have is sold first. */
  NOT_LARGEST: { instrument: t.id },
  /** From the price less the haircut to the price. */
  SALE_PRICE_INVALID: { lowest: t.amount, highest: t.amount },
  NOTHING_TO_SELL: {},
  SAME_ACCOUNT: { account: t.address },
};

export const contract = defineContract({ name: CREDIT, version: 1, state: creditState, events, errors });

export type CreditView = ViewContext<typeof creditState, typeof errors>;
export type CreditContext = TxContext<typeof creditState, typeof events, typeof errors>;
export type Facility = Infer<typeof creditState.facilities.value>;
export type Loan = Infer<typeof loan>;
export type Line = Infer<typeof creditState.lines.value>;

/** Whose loan and pool, in which currency. */
export interface Owner {
  readonly currency: string;
  readonly account: Address;
}

export function requireFacility(ctx: CreditView, currency: string): Facility {
  return ctx.state.facilities.find(currency) ?? ctx.fail('FACILITY_UNKNOWN', { currency });
}

export function requireLine(ctx: CreditView, { currency, account }: Owner): Line {
  return ctx.state.lines.find(currency, account) ?? ctx.fail('LINE_UNKNOWN', { currency, account });
}

/**
 * What the units of an account in its pool are locked under, and money that waits for it: an instrument is collateral in its own
 * currency alone.
 */
export function poolLock({ account }: Owner): string {
  return account;
}
