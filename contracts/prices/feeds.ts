import { t } from '../api/t.js';
import { assets } from '../assets/assets.js';
import { cash } from '../cash/cash.js';
import {
  contract,
  type Feed,
  feedFields,
  MAX_ORACLES,
  type PricesContext,
  type PricesView,
  type Proposed,
  requireFeed,
} from './declaration.js';

interface Issuer {
  readonly currency: string;
  /** The member that issues the currency. */
  readonly issuer: string;
}

/** The currency in which an instrument is priced, and whose it is. */
export function issuerOf(ctx: PricesView, instrument: string): Issuer {
  const terms = ctx.view(assets.methods.instrument, { instrument });
  if (terms === undefined) ctx.fail('INSTRUMENT_UNKNOWN', { instrument });
  const { currency } = terms;
  return { currency, issuer: ctx.view(cash.methods.currency, { currency })?.issuer ?? '' };
}

/** The central bank of the instrument's currency alone. */
export function requireIssuer(ctx: PricesContext, { currency, issuer }: Issuer): void {
  ctx.require(ctx.requireAccount(ctx.sender).member === issuer, 'NOT_ISSUER', { currency });
}

/** Lets only a feed pass whose proposals somebody can confirm. */
function requireSound(ctx: PricesView, { oracles, per, maxAgeMs }: Feed, { issuer }: Issuer): void {
  const isSound = per > 0n && maxAgeMs > 0 && new Set(oracles).size === oracles.length;
  ctx.require(isSound, 'FEED_INVALID');
  const members = oracles.map((oracle) => ctx.requireAccount(oracle).member);
  const isConfirmable = members.some((member) => member !== issuer);
  ctx.require(isConfirmable, 'FEED_UNCONFIRMABLE');
}

/** What waits, in the order of the oracles: one of each at most. */
export function proposalsOf(ctx: PricesView, instrument: string): readonly Proposed[] {
  return ctx.state.proposed.entriesUnder([instrument], MAX_ORACLES).map(({ value }) => value);
}

const byIssuer = { roles: ['centralBank'] } as const;

export const feedMethods = {
  /** Names who publishes prices of an instrument, and how far they are trusted: by its currency's central bank, or by the members. */
  setFeed: contract.tx(
    { args: { instrument: t.id, ...feedFields }, auth: { any: [{ contracts: ['governance'] }, byIssuer] } },
    (ctx, { instrument, ...feed }) => {
      const issuer = issuerOf(ctx, instrument);
      if (ctx.callerContract !== 'governance') requireIssuer(ctx, issuer);
      requireSound(ctx, feed, issuer);
      const before = ctx.state.feeds.find(instrument);
      ctx.state.feeds.set(instrument, feed);
      const current = ctx.state.prices.find(instrument);
      // What stood for another number of units, or comes from who is trusted no more, stands for nothing now.
      const isVoid = before?.per !== feed.per || (current !== undefined && !feed.oracles.includes(current.oracle));
      if (current !== undefined && isVoid) ctx.state.prices.delete(instrument);
      for (const { oracle } of proposalsOf(ctx, instrument)) ctx.state.proposed.delete(instrument, oracle);
      ctx.emit('FeedSet', { instrument, ...feed });
    },
  ),

  /** Drops what nobody should confirm: the proposal of one oracle, or of all. */
  reject: contract.tx(
    { args: { instrument: t.id, oracle: t.optional(t.address) }, auth: byIssuer },
    (ctx, { instrument, oracle: only }) => {
      requireIssuer(ctx, issuerOf(ctx, instrument));
      const found = proposalsOf(ctx, instrument).filter(({ oracle }) => only === undefined || oracle === only);
      ctx.require(found.length > 0, 'NOTHING_PROPOSED', { instrument });
      for (const { price, pricedAt, oracle } of found) {
        ctx.state.proposed.delete(instrument, oracle);
        ctx.emit('Rejected', { instrument, price, pricedAt, oracle });
      }
    },
  ),

  /** Takes a wrong price out of force: until there is another one, nothing is drawn, called or sold by it. */
  strike: contract.tx({ args: { instrument: t.id }, auth: byIssuer }, (ctx, { instrument }) => {
    requireFeed(ctx, instrument);
    requireIssuer(ctx, issuerOf(ctx, instrument));
    const found = ctx.state.prices.find(instrument) ?? ctx.fail('PRICE_UNKNOWN', { instrument });
    const { price, pricedAt, oracle } = found;
    ctx.state.prices.delete(instrument);
    ctx.emit('Struck', { instrument, price, pricedAt, oracle });
  }),
};
