import type { TxContext, ViewContext } from '../api/context.js';
import { defineContract } from '../api/define.js';
import { map } from '../api/state.js';
import { t } from '../api/t.js';
import { MANDATE_FAULTS } from './authority.js';
import { mandate, mandateFields } from './methods.js';
import { WINDOW_PARTS } from './velocity.js';

/** Accounts of a counterparty whose payments lessen what an account is exposed to. */
export const MAX_OFFSETTING = 8;
const DAY_MS = 86_400_000;
/** The longest window of a rule. */
export const LONGEST_WINDOW_MS = 31 * DAY_MS;

export const owner = { currency: t.currency, account: t.address };

export const velocityFields = {
  windowMs: t.uint(LONGEST_WINDOW_MS),
  maxCount: t.optional(t.uint()),
  maxSum: t.optional(t.amount),
};
const part = t.struct({ part: t.uint(), count: t.uint(), sum: t.amount });

export const exposureFields = {
  counterparty: t.bic,
  limit: t.amount,
  offsetting: t.list(t.address, MAX_OFFSETTING),
};

/** How the state is laid out, for those who read it. */
export const supervisionState = {
  /** Supervisor → what the members let it do; no entry: what its role says. */
  mandates: map([t.bic], mandate),
  /** Currency, account → how often and how much it may authorise in a window, who says so, and what it has. */
  velocities: map(
    [t.currency, t.address],
    t.struct({ by: t.bic, ...velocityFields, parts: t.list(part, WINDOW_PARTS + 1) }),
  ),
  /** Currency, account, counterparty → how far it may be exposed to it on a business day. */
  exposures: map(
    [t.currency, t.address, t.bic],
    t.struct({
      by: t.bic,
      limit: t.amount,
      offsetting: t.list(t.address, MAX_OFFSETTING),
      day: t.optional(t.day),
      sent: t.amount,
      received: t.amount,
    }),
  ),
  /** Currency, account of a counterparty, account that is bound: what the one pays the other lessens its exposure. */
  offsets: map([t.currency, t.address, t.address], t.bool),
  /** Currency, account → rules that look at what it pays; no entry for none. */
  uses: map([t.currency, t.address], t.uint(), 0),
};

const exceeded = { limit: t.amount, used: t.amount, required: t.amount };

const events = {
  MandateSet: { member: t.bic, ...mandateFields },
  /** What the role of the supervisor says holds again. */
  MandateCleared: { member: t.bic },
  VelocitySet: { ...owner, ...velocityFields, by: t.bic },
  VelocityEnded: { ...owner, by: t.bic },
  ExposureSet: { ...owner, ...exposureFields, by: t.bic },
  ExposureEnded: { ...owner, counterparty: t.bic, by: t.bic },
};

const errors = {
  /** Neither a supervisor nor the central bank of the currency; or the rule of another authority. */
  NOT_ENTITLED: { member: t.bic },
  /** The members' mandate does not let the supervisor do so. */
  MANDATE_EXCEEDED: { member: t.bic, fault: t.enum(MANDATE_FAULTS) },
  MANDATE_UNKNOWN: { member: t.bic },
  MEMBER_UNKNOWN: { member: t.bic },
  /** A mandate is for a member with the role of a supervisor. */
  NOT_SUPERVISOR: { member: t.bic },
  CURRENCY_UNKNOWN: { currency: t.currency },
  /** A rule that bounds nothing, or a window of no length. */
  RULE_EMPTY: {},
  RULE_UNKNOWN: { account: t.address },
  RULES_TOO_MANY: { limit: t.uint() },
  /** An account that is to lessen an exposure is another member's than the counterparty's, or stands there twice. */
  OFFSETTING_INVALID: { account: t.address },
  /** An account is not exposed to its own member. */
  SAME_MEMBER: { member: t.bic },
  /** More payments in the window than a rule of an authority lets the account authorise. */
  RULE_COUNT: exceeded,
  RULE_SUM: exceeded,
  /** More towards a counterparty on the business day. */
  RULE_EXPOSURE: exceeded,
};

export const contract = defineContract({ name: 'supervision', version: 1, state: supervisionState, events, errors });

export type SupervisionView = ViewContext<typeof supervisionState, typeof errors>;
export type SupervisionContext = TxContext<typeof supervisionState, typeof events, typeof errors>;
