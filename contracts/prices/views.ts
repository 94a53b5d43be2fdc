import { t } from '../api/t.js';
import { assets } from '../assets/assets.js';
import { contract, feedFields, type PricesView, priceFields } from './declaration.js';

/** Feeds that one view gives. */
const PAGE = 100;

const quoteFields = {
  price: t.amount,
  /** The lower one of the price in force and a proposal: what nobody is lent more by. */
  cautious: t.amount,
  /** Units that both are for. */
  per: t.amount,
  pricedAt: t.uint(),
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
  const proposed = ctx.state.proposed.find(instrument);
  const { price, pricedAt } = current;
  const isLower = proposed !== undefined && proposed.price < price && isFresh(ctx, proposed, feed.maxAgeMs, splits);
  const cautious = isLower ? proposed.price : price;
  return { price, cautious, per: feed.per, pricedAt, isFresh: isFresh(ctx, current, feed.maxAgeMs, splits) };
}

const shown = t.struct({
  instrument: t.id,
  ...feedFields,
  quote: t.optional(t.struct({ ...quoteFields, oracle: t.address })),
  /** Waits for a second member. */
  proposed: t.optional(t.struct(priceFields)),
});

function describe(ctx: PricesView, instrument: string) {
  const feed = ctx.state.feeds.get(instrument);
  const quote = quoteOf(ctx, instrument);
  const oracle = ctx.state.prices.find(instrument)?.oracle;
  const proposed = ctx.state.proposed.find(instrument);
  return {
    ...{ instrument, ...feed },
    quote: quote === undefined || oracle === undefined ? undefined : { ...quote, oracle },
    proposed:
      proposed === undefined
        ? undefined
        : { price: proposed.price, pricedAt: proposed.pricedAt, oracle: proposed.oracle },
  };
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
