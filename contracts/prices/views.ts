import { t } from '../api/t.js';
import { assets } from '../assets/assets.js';
import { contract, feedFields, MAX_ORACLES, type PricesView, priceFields } from './declaration.js';
import { proposalsOf } from './feeds.js';

/** Feeds that one view gives. */
const PAGE = 100;

const quoteFields = {
  price: t.amount,
  /** The lowest one of the price in force and of what waits: what nobody is lent more by. */
  cautious: t.amount,
  /** Units that both are for. */
  per: t.amount,
  pricedAt: t.uint(),
  oracle: t.address,
  /** A second member has confirmed it. */
  isConfirmed: t.bool,
  /** Neither too old nor of other units. */
  isFresh: t.bool,
};

/** True for what was observed lately, of the units that there are now. */
function isFresh(
  ctx: PricesView,
  { pricedAt, splits }: { readonly pricedAt: number; readonly splits: number },
  maxAgeMs: number,
  splitsNow: number,
): boolean {
  return splits === splitsNow && ctx.timestamp - pricedAt <= maxAgeMs;
}

function quoteOf(ctx: PricesView, instrument: string) {
  const [feed, current] = [ctx.state.feeds.find(instrument), ctx.state.prices.find(instrument)];
  if (feed === undefined || current === undefined) return undefined;
  const { splits } = ctx.view(assets.methods.supply, { instrument });
  const { price, pricedAt, oracle, confirmedAt } = current;
  let cautious = price;
  for (const proposed of proposalsOf(ctx, instrument)) {
    if (proposed.price < cautious && isFresh(ctx, proposed, feed.maxAgeMs, splits)) cautious = proposed.price;
  }
  const isConfirmed = confirmedAt === pricedAt;
  const status = { isConfirmed, isFresh: isFresh(ctx, current, feed.maxAgeMs, splits) };
  return { price, cautious, per: feed.per, pricedAt, oracle, ...status };
}

const shown = t.struct({
  instrument: t.id,
  ...feedFields,
  quote: t.optional(t.struct(quoteFields)),
  /** Wait for a second member, in the order of the oracles. */
  proposed: t.list(t.struct(priceFields), MAX_ORACLES),
});

function describe(ctx: PricesView, instrument: string) {
  const feed = ctx.state.feeds.get(instrument);
  const proposed = proposalsOf(ctx, instrument).map(({ price, pricedAt, oracle }) => ({ price, pricedAt, oracle }));
  return { instrument, ...feed, quote: quoteOf(ctx, instrument), proposed };
}

export const views = {
  /** The price of an instrument, fresh or not; none where there is none. */
  quote: contract.view(
    { args: { instrument: t.id }, returns: t.optional(t.struct(quoteFields)) },
    (ctx, { instrument }) => quoteOf(ctx, instrument),
  ),

  /** Who publishes prices of an instrument, its price, and what waits. */
  feed: contract.view({ args: { instrument: t.id }, returns: t.optional(shown) }, (ctx, { instrument }) =>
    ctx.state.feeds.has(instrument) ? describe(ctx, instrument) : undefined,
  ),

  /** Every feed, in the order of the instruments. */
  feeds: contract.view(
    { args: { limit: t.uint(PAGE), after: t.optional(t.id) }, returns: t.list(shown, PAGE) },
    (ctx, { limit, after }) =>
      ctx.state.feeds
        .entries(limit, after === undefined ? undefined : [after])
        .map(({ key: [instrument] }) => describe(ctx, instrument)),
  ),
};
