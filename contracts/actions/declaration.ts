import type { TxContext, ViewContext } from '../api/context.js';
import { defineContract } from '../api/define.js';
import type { Infer } from '../api/schema.js';
import { map } from '../api/state.js';
import { t } from '../api/t.js';
import { AccountPage } from '../assets/accountPage.js';
import { version } from '../assets/declaration.js';
import { recordNumber } from '../assets/recordBook.js';
import { DAY_COUNTS } from '../daycount/dayCount.js';
import { MAX_RATE } from '../daycount/interest.js';
import { DAY_MS, LONGEST_WAIT_MS } from '../time/deadline.js';

/** Under which the contract stands, and holds what its actions pay. */
export const ACTIONS = 'actions';

/** Characters of an action's id. */
export const MAX_ID = 60;
/** Actions of one issuer that are open. */
export const OPEN_PER_ISSUER = 1_000;
/** Steps of one call. */
export const MAX_PAGES = 16;
/** Entitlements that one row holds, one step computes and one step pays. */
export const ROW = 256;
/** How long after its deadline what was worked out for holders is paid still. */
export const PRESCRIPTION_MS = 3 * LONGEST_WAIT_MS;
/** A redemption pays this long after its announcement at the latest, so that units are not held for nothing. */
export const REDEMPTION_NOTICE_MS = 10 * DAY_MS;
/** Largest part and whole of a redemption. */
export const MAX_SHARE = 1_000_000;

export const KINDS = ['coupon', 'floatingCoupon', 'distribution', 'redemption'] as const;
export type Kind = (typeof KINDS)[number];

/** What has to be done next. Append, never move. */
export const STAGES = ['computing', 'paying', 'claiming'] as const;
/** `returned`: the members had given back what it pays out of. Append, never move. */
export const CLOSED_STATUSES = ['paid', 'cancelled', 'lapsed', 'returned'] as const;
export const STATUSES = ['announced', ...STAGES, 'ending', ...CLOSED_STATUSES] as const;

export const id = t.id;
export const rate = t.uint(MAX_RATE);

const periodFields = {
  dayCount: t.enum(DAY_COUNTS),
  /** The first day that earns interest. */
  from: t.day,
  /** The first day that earns none. */
  to: t.day,
};

/** One of them. */
export const termsFields = {
  /** Interest on the nominal value, at so many billionths a year. */
  coupon: t.optional(t.struct({ rate, ...periodFields })),
  /** The same at a rate that is published later, and a spread. */
  floating: t.optional(
    t.struct({
      /** Which rate of whom, for people. */
      source: t.text(140),
      /** For which day; it is published on that day at the earliest. */
      fixingDay: t.day,
      /** The account that publishes it. */
      publisher: t.address,
      spread: rate,
      ...periodFields,
    }),
  ),
  /** So many billionths of a minor unit for each unit. */
  distribution: t.optional(t.struct({ perUnit: t.amount })),
  /** This part of each holding, in whole units, at a price for one. */
  redemption: t.optional(t.struct({ price: t.amount, part: t.uint(MAX_SHARE), whole: t.uint(MAX_SHARE) })),
};

export const declarationFields = {
  instrument: t.id,
  issuer: t.address,
  /** Of the terms that the issuer has seen. */
  version,
  currency: t.currency,
  /** Who holds units at the end of this block is entitled; none: the block that takes the declaration. */
  recordHeight: t.optional(t.uint()),
  /** The first business day of the currency that pays. */
  paymentDay: t.day,
  /** Consensus time from which nothing is worked out or redeemed: what is left goes back to the issuer. What was worked out is paid for three years more. */
  deadline: t.uint(),
  /** What the issuer sets aside. */
  declared: t.amount,
  ...termsFields,
};

const fixing = t.struct({ rate, height: t.uint(), timestamp: t.uint() });

export const progressFields = {
  /** Accounts that were looked at. */
  holders: t.uint(),
  /** What they are entitled to, so far. */
  entitled: t.amount,
  paid: t.amount,
  /** What could not be paid to its holder: claimed singly. */
  unclaimed: t.amount,
  /** What went back to the issuer: the rest of a division, and what was set aside beyond need. */
  residual: t.amount,
};

export const openFields = {
  ...declarationFields,
  recordHeight: t.uint(),
  stage: t.enum(STAGES),
  /** The record of holdings in `assets`, while it is open there. */
  record: t.optional(recordNumber),
  /** In minor units, of one unit, when the action was declared. */
  nominal: t.amount,
  maturity: t.optional(t.day),
  fixing: t.optional(fixing),
  /** The last holder whose units were redeemed. */
  after: t.optional(t.address),
  /** It ends without paying anything more. */
  isCancelled: t.bool,
  ...progressFields,
};

export const closedFields = {
  instrument: t.id,
  issuer: t.address,
  currency: t.currency,
  kind: t.enum(KINDS),
  recordHeight: t.uint(),
  declared: t.amount,
  ...progressFields,
  status: t.enum(CLOSED_STATUSES),
  height: t.uint(),
  timestamp: t.uint(),
};

/** What one account is to have; for units, where they are redeemed. */
export const entitlement = t.struct({ account: t.address, amount: t.amount });
export const entitlements = t.list(entitlement, ROW);
/** The same as `AccountPage` has them in its bytes. */
const row = t.bytes(AccountPage.maxBytes(ROW));

/** How the state is laid out, for those who read it. */
export const actionsState = {
  open: map([id], t.struct(openFields)),
  /** What became of those that are over: an id is used once. */
  closed: map([id], t.struct(closedFields)),
  /** Action, last account of the row → what those up to it are entitled to and have not been paid. */
  entitlements: map([id, t.address], row),
  /** Action, account → what could not be paid to it, and the units that it gives for it. */
  claims: map([id, t.address], t.struct({ amount: t.amount, units: t.amount })),
  /** Instrument, action: those that are open. */
  ofInstrument: map([t.id, id], t.bool),
  /** Issuer → how many are open; no entry for none. */
  count: map([t.address], t.uint(), 0),
};

const events = {
  Declared: { id, ...declarationFields, recordHeight: t.uint() },
  /** What the issuer sets aside from now on. */
  Funded: { id, declared: t.amount },
  Fixed: { id, source: t.text(140), day: t.day, rate },
  /** What so many holders of a page are entitled to together. */
  Computed: { id, last: t.optional(t.address), holders: t.uint(), amount: t.amount },
  Paid: { id, amount: t.amount, payments: entitlements },
  /** These could not be paid now: they are claimed singly. */
  Refused: { id, claims: entitlements },
  Claimed: { id, account: t.address, amount: t.amount },
  Cancelled: { id, returned: t.amount },
  Closed: { id, status: t.enum(CLOSED_STATUSES), declared: t.amount, ...progressFields },
};

const errors = {
  /** An id begins with the BIC of the issuer's member and a dash. */
  ID_INVALID: { prefix: t.text(MAX_ID), limit: t.uint() },
  ACTION_EXISTS: { id },
  ACTION_UNKNOWN: { id },
  ACTION_CLOSED: { id, status: t.enum(CLOSED_STATUSES) },
  ACTIONS_TOO_MANY: { limit: t.uint() },
  INSTRUMENT_UNKNOWN: { instrument: t.id },
  /** The account is not the instrument's issuer. */
  NOT_ISSUER: { instrument: t.id, issuer: t.address },
  VERSION_MISMATCH: { expected: version, actual: version },
  /** None or several of the kinds, or numbers that make none. */
  TERMS_INVALID: { term: t.text(64) },
  /** Interest and what is redeemed are paid in the instrument's currency. */
  CURRENCY_MISMATCH: { expected: t.currency, actual: t.currency },
  CURRENCY_UNKNOWN: { currency: t.currency },
  /** The record lies in the past. */
  RECORD_INVALID: { earliest: t.uint(), actual: t.uint() },
  /** It pays for a day at least before the deadline, and a redemption soon. */
  PAYMENT_DAY_INVALID: { latest: t.day, actual: t.day },
  /** Nobody's units are redeemed before their maturity, but by the terms. */
  NOT_CALLABLE: { earliest: t.day, actual: t.day },
  DEADLINE_INVALID: { earliest: t.uint(), latest: t.uint() },
  DEADLINE_PASSED: { deadline: t.uint() },
  AMOUNT_ZERO: {},
  /** What is set aside does not suffice for what holders are entitled to. */
  UNDERFUNDED: { declared: t.amount, required: t.amount },
  /** Payments have begun. */
  PAYING_ALREADY: { id },
  /** The record is told from the next block on. */
  RECORD_AHEAD: { recordHeight: t.uint() },
  /** Holders have their entitlements: the issuer does not take them back. */
  RECORD_PASSED: { recordHeight: t.uint() },
  NOT_FLOATING: { id },
  FIXED_ALREADY: { rate },
  FIXING_AHEAD: { fixingDay: t.day },
  FIXING_MISSING: { fixingDay: t.day, publisher: t.address },
  /** No business day of the currency is open that may pay. */
  PAYMENT_DAY_AHEAD: { paymentDay: t.day, day: t.optional(t.day) },
  /** There is nothing to do but for those that claim, or to wait for the deadline. */
  NOTHING_TO_DO: { deadline: t.uint() },
  /** It goes on by one page or more. */
  PAGES_ZERO: {},
  CLAIM_UNKNOWN: { id, account: t.address },
};

export const contract = defineContract({ name: ACTIONS, version: 1, state: actionsState, events, errors });

export type ActionsView = ViewContext<typeof actionsState, typeof errors>;
export type ActionsContext = TxContext<typeof actionsState, typeof events, typeof errors>;
export type Declaration = Infer<typeof declarationSchema>;
export type OpenAction = Infer<(typeof actionsState.open)['value']>;
export type Entitlement = Infer<typeof entitlement>;
export type ClosedStatus = (typeof CLOSED_STATUSES)[number];
export type Status = (typeof STATUSES)[number];

const declarationSchema = t.struct(declarationFields);

/** An action that is open. @throws ContractFailure `ACTION_CLOSED`, `ACTION_UNKNOWN` */
export function requireOpen(ctx: ActionsView, of: string): OpenAction {
  const found = ctx.state.open.find(of);
  if (found !== undefined) return found;
  const closed = ctx.state.closed.find(of);
  return closed === undefined
    ? ctx.fail('ACTION_UNKNOWN', { id: of })
    : ctx.fail('ACTION_CLOSED', { id: of, status: closed.status });
}
