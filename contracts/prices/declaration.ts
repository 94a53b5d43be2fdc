import type { TxContext, ViewContext } from '../api/context.js';
import { defineContract } from '../api/define.js';
import type { Infer } from '../api/schema.js';
import { map } from '../api/state.js';
import { t } from '../api/t.js';
import { DAY_MS } from '../time/deadline.js';

/** Under which the contract stands. */
export const PRICES = 'prices';

/** Accounts that may publish prices of one instrument. */
export const MAX_ORACLES = 8;
/** How old a price may at most become before it is stale. */
export const LONGEST_AGE_MS = 31 * DAY_MS;
/** In so long one oracle alone moves a price by no more than the band. */
export const WINDOW_MS = DAY_MS;
/** Basis points of the whole. */
export const ALL_BPS = 10_000;

export const feedFields = {
  oracles: t.list(t.address, MAX_ORACLES, 1),
  /** Units that a price is for: a price of 100 units has two digits more than one of a single unit. */
  per: t.amount,
  /** A price that was observed longer ago is stale. */
  maxAgeMs: t.uint(LONGEST_AGE_MS),
  /** How far, in basis points, one oracle alone may move the price within a day. */
  bandBps: t.uint(ALL_BPS),
};

export const priceFields = {
  /** In minor units of the instrument's currency, for as many units as the feed says. */
  price: t.amount,
  /** When it was observed, in consensus time. */
  pricedAt: t.uint(),
  oracle: t.address,
};

const observed = {
  ...priceFields,
  /** How often the instrument had been split then: a price of other units is none. */
  splits: t.uint(),
};

export const pricesState = {
  feeds: map([t.id], t.struct(feedFields)),
  /**
   * In force, with the price that the band is measured from, and since when; and when the newest one was observed that a second member
   * has confirmed.
   */
  prices: map(
    [t.id],
    t.struct({ ...observed, anchor: t.amount, anchoredAt: t.uint(), confirmedAt: t.optional(t.uint()) }),
  ),
  /** Instrument, oracle → too far from the price in force: a second member must confirm. No oracle drops another one's. */
  proposed: map([t.id, t.address], t.struct(observed)),
};

const onInstrument = { instrument: t.id };

const events = {
  FeedSet: { ...onInstrument, ...feedFields },
  Published: { ...onInstrument, ...priceFields },
  /** It waits for a second member. */
  Proposed: { ...onInstrument, ...priceFields },
  Confirmed: { ...onInstrument, ...priceFields, by: t.address },
  Rejected: { ...onInstrument, ...priceFields },
  /** There is no price any more. */
  Struck: { ...onInstrument, ...priceFields },
};

const errors = {
  INSTRUMENT_UNKNOWN: onInstrument,
  /** The sender's member does not issue the instrument's currency. */
  NOT_ISSUER: { currency: t.currency },
  FEED_UNKNOWN: onInstrument,
  /** No age, no units, or an oracle that stands twice. */
  FEED_INVALID: {},
  /** All oracles are the central bank's own: nobody else could confirm what they propose. */
  FEED_UNCONFIRMABLE: {},
  /** The feed does not name the account. */
  NOT_ORACLE: { account: t.address },
  /** Observed in the future, or so long ago that the price is stale. */
  TIME_INVALID: { earliest: t.uint(), latest: t.uint() },
  /** A price of zero is none: what is worth nothing is excluded, or its price struck. */
  PRICE_ZERO: {},
  /** The oracle has published a newer one, or a newer one is in force, or was confirmed. */
  PRICE_OLDER: { newest: t.uint() },
  /** Holdings change by the split: no price holds for all units. */
  SPLIT_UNDER_WAY: onInstrument,
  NOTHING_PROPOSED: onInstrument,
  /** Something else is proposed. */
  PROPOSAL_MISMATCH: { price: t.amount, pricedAt: t.uint() },
  /** Who proposed it is of the same member. */
  SAME_MEMBER: { member: t.bic },
  PRICE_UNKNOWN: onInstrument,
};

export const contract = defineContract({ name: PRICES, version: 1, state: pricesState, events, errors });

export type PricesView = ViewContext<typeof pricesState, typeof errors>;
export type PricesContext = TxContext<typeof pricesState, typeof events, typeof errors>;
export type Feed = Infer<typeof pricesState.feeds.value>;
export type Price = Infer<typeof pricesState.prices.value>;
export type Proposed = Infer<typeof pricesState.proposed.value>;

export function requireFeed(ctx: PricesView, instrument: string): Feed {
  return ctx.state.feeds.find(instrument) ?? ctx.fail('FEED_UNKNOWN', { instrument });
}
