import type { TxContext, ViewContext } from '../api/context.js';
import { defineContract } from '../api/define.js';
import type { Infer } from '../api/schema.js';
import { map } from '../api/state.js';
import { t } from '../api/t.js';
import { ELIGIBILITY_RULES, version } from '../assets/declaration.js';

/** Under which the contract stands, and holds what is subscribed. */
export const SUBSCRIPTIONS = 'subscriptions';

/** Characters of a subscription's id. */
export const MAX_ID = 60;
/** Open subscriptions of one account to one instrument. */
export const OPEN_PER_SUBSCRIBER = 100;

export const subscriptionFields = {
  instrument: t.id,
  /** Of the terms that the investor subscribes to: under others it is not allotted. */
  version,
  account: t.address,
  units: t.amount,
  /** Of one unit, in minor units of the instrument's currency. */
  price: t.amount,
  /** Consensus time from which it is allotted no more. */
  deadline: t.uint(),
};
const subscription = t.struct(subscriptionFields);

/** How the state is laid out, for those who read it. */
export const subscriptionsState = {
  /** Those that are open. */
  open: map([t.id], subscription),
  /** Account, instrument, subscription: those of a subscriber. */
  ofAccount: map([t.address, t.id, t.id], t.bool),
  /** Instrument, subscription. */
  toInstrument: map([t.id, t.id], t.bool),
};

const onSubscription = { id: t.id, instrument: t.id, account: t.address };

export const ENDINGS = ['declined', 'cancelled', 'expired'] as const;

const events = {
  Subscribed: { id: t.id, ...subscriptionFields },
  /** What was paid for the units, and what of the subscription's money went back. */
  Allotted: { ...onSubscription, units: t.amount, paid: t.amount, returned: t.amount },
  /** It is over, and nothing was allotted. */
  Ended: { ...onSubscription, status: t.enum(ENDINGS), returned: t.amount },
};

const errors = {
  /** A subscription's id begins with the BIC of the account's member and a dash. */
  ID_INVALID: { prefix: t.text(MAX_ID), limit: t.uint() },
  /** An id is used once. */
  SUBSCRIPTION_EXISTS: { id: t.id },
  /** There is none, or it is over. */
  SUBSCRIPTION_UNKNOWN: { id: t.id },
  SUBSCRIPTIONS_TOO_MANY: { limit: t.uint() },
  INSTRUMENT_UNKNOWN: { instrument: t.id },
  /** The terms in force are those of another version. */
  VERSION_MISMATCH: { expected: version, actual: version },
  /** Its units are redeemed, or will be: none are issued. */
  REDEMPTION_UNDER_WAY: { instrument: t.id },
  CAP_EXCEEDED: { cap: t.amount, outstanding: t.amount },
  SPLIT_UNDER_WAY: { instrument: t.id },
  /** The instrument's rule keeps units from the account. */
  NOT_ELIGIBLE: { account: t.address, rule: t.enum(ELIGIBILITY_RULES) },
  AMOUNT_ZERO: {},
  SAME_ACCOUNT: { account: t.address },
  /** More was to be allotted than was subscribed. */
  ALLOTMENT_EXCEEDED: { subscribed: t.amount, required: t.amount },
  DEADLINE_INVALID: { earliest: t.uint(), latest: t.uint() },
  DEADLINE_PASSED: { deadline: t.uint() },
  /** It can expire only once its deadline has come. */
  DEADLINE_AHEAD: { deadline: t.uint() },
};

export const contract = defineContract({ name: SUBSCRIPTIONS, version: 1, state: subscriptionsState, events, errors });

export type SubscriptionsView = ViewContext<typeof subscriptionsState, typeof errors>;
export type SubscriptionsContext = TxContext<typeof subscriptionsState, typeof events, typeof errors>;
export type Subscription = Infer<typeof subscription>;
export type Ending = (typeof ENDINGS)[number];

/** One that is open. @throws ContractFailure `SUBSCRIPTION_UNKNOWN` */
export function requireOpen(ctx: SubscriptionsView, id: string): Subscription {
  return ctx.state.open.find(id) ?? ctx.fail('SUBSCRIPTION_UNKNOWN', { id });
}
