import { t } from '../api/t.js';
import { assets } from '../assets/assets.js';
import { cash } from '../cash/cash.js';
import { contract, type Feed, feedFields, type PricesContext, type PricesView, requireFeed } from './declaration.js';

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
      // What stood for another number of units stands for nothing now.
      if (before !== undefined && before.per !== feed.per) ctx.state.prices.delete(instrument);
      if (before !== undefined) ctx.state.proposed.delete(instrument);
      ctx.emit('FeedSet', { instrument, ...feed });
    },
  ),

  /** Drops a proposal that nobody should confirm. */
  reject: contract.tx({ args: { instrument: t.id }, auth: byIssuer }, (ctx, { instrument }) => {
    requireIssuer(ctx, issuerOf(ctx, instrument));
    const found = ctx.state.proposed.find(instrument) ?? ctx.fail('NOTHING_PROPOSED', { instrument });
    const { price, pricedAt, oracle } = found;
    ctx.state.proposed.delete(instrument);
    ctx.emit('Rejected', { instrument, price, pricedAt, oracle });
  }),

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
