import { t } from '../api/t.js';
import { assets } from '../assets/assets.js';
import {
  ALL_BPS,
  contract,
  type Feed,
  type Price,
  type PricesContext,
  type PricesView,
  type Proposed,
  requireFeed,
  WINDOW_MS,
} from './declaration.js';
import { issuerOf } from './feeds.js';

/** How often the instrument was split; no price is taken in the middle of a split. */
function splitsOf(ctx: PricesView, instrument: string): number {
  const isSplit = ctx.view(assets.methods.split, { instrument }) !== undefined;
  ctx.require(!isSplit, 'SPLIT_UNDER_WAY', { instrument });
  return ctx.view(assets.methods.supply, { instrument }).splits;
}

/** Observed by now, not long ago, and after the price in force: none is replaced by an older one, or published twice. */
function requireNewer(ctx: PricesView, { maxAgeMs }: Feed, pricedAt: number, current: Price | undefined): void {
  const [earliest, latest] = [Math.max(0, ctx.timestamp - maxAgeMs), ctx.timestamp];
  const isInTime = pricedAt >= earliest && pricedAt <= latest;
  ctx.require(isInTime, 'TIME_INVALID', { earliest, latest });
  if (current !== undefined && pricedAt <= current.pricedAt) ctx.fail('PRICE_OLDER', { newest: current.pricedAt });
}

/** What the band is measured from: the price that was in force when the window began, so that many small steps are no way out of it. */
function anchorOf(ctx: PricesView, { price, anchor, anchoredAt }: Price): { anchor: bigint; anchoredAt: number } {
  const isOver = ctx.timestamp - anchoredAt >= WINDOW_MS;
  return isOver ? { anchor: price, anchoredAt: ctx.timestamp } : { anchor, anchoredAt };
}

function isNear(price: bigint, anchor: bigint, bandBps: number): boolean {
  const distance = price > anchor ? price - anchor : anchor - price;
  return distance * BigInt(ALL_BPS) <= anchor * BigInt(bandBps);
}

/** The price in force, unless it is one of other units. */
function priceOf(ctx: PricesView, instrument: string, splits: number): Price | undefined {
  const found = ctx.state.prices.find(instrument);
  return found?.splits === splits ? found : undefined;
}

interface Publication {
  readonly instrument: string;
  readonly oracle: Proposed['oracle'];
  readonly price: bigint;
  readonly pricedAt: number;
}

function publish(ctx: PricesContext, { instrument, ...observed }: Publication): { isInForce: boolean } {
  const feed = requireFeed(ctx, instrument);
  const { oracle, price, pricedAt } = observed;
  ctx.require(feed.oracles.includes(oracle), 'NOT_ORACLE', { account: oracle });
  const splits = splitsOf(ctx, instrument);
  const current = priceOf(ctx, instrument, splits);
  requireNewer(ctx, feed, pricedAt, current);
  const from = current === undefined ? undefined : anchorOf(ctx, current);
  if (from === undefined || !isNear(price, from.anchor, feed.bandBps)) {
    ctx.state.proposed.set(instrument, { ...observed, splits });
    ctx.emit('Proposed', { instrument, ...observed });
    return { isInForce: false };
  }
  ctx.state.prices.set(instrument, { ...observed, splits, ...from });
  ctx.state.proposed.delete(instrument);
  ctx.emit('Published', { instrument, ...observed });
  return { isInForce: true };
}

/** Another member than the one that proposed: an oracle, or the central bank of the currency. */
function requireSecond(ctx: PricesView, instrument: string, feed: Feed, proposed: Proposed, by: Proposed['oracle']) {
  const { member, roles } = ctx.requireAccount(by);
  const isCentralBank = roles.includes('centralBank') && issuerOf(ctx, instrument).issuer === member;
  ctx.require(isCentralBank || feed.oracles.includes(by), 'NOT_ORACLE', { account: by });
  ctx.require(ctx.account(proposed.oracle)?.member !== member, 'SAME_MEMBER', { member });
}

interface Confirmation {
  readonly instrument: string;
  readonly account: Proposed['oracle'];
  readonly price: bigint;
  readonly pricedAt: number;
}

function confirm(ctx: PricesContext, { instrument, account, price, pricedAt }: Confirmation): void {
  const feed = requireFeed(ctx, instrument);
  const splits = splitsOf(ctx, instrument);
  const proposed = ctx.state.proposed.find(instrument);
  if (proposed === undefined || proposed.splits !== splits) ctx.fail('NOTHING_PROPOSED', { instrument });
  const isSame = proposed.price === price && proposed.pricedAt === pricedAt;
  ctx.require(isSame, 'PROPOSAL_MISMATCH', { price: proposed.price, pricedAt: proposed.pricedAt });
  requireSecond(ctx, instrument, feed, proposed, account);
  requireNewer(ctx, feed, pricedAt, priceOf(ctx, instrument, splits));
  ctx.state.prices.set(instrument, { ...proposed, anchor: price, anchoredAt: ctx.timestamp });
  ctx.state.proposed.delete(instrument);
  ctx.emit('Confirmed', { instrument, price, pricedAt, oracle: proposed.oracle, by: account });
}

const observation = { price: t.amount, pricedAt: t.uint() };

export const publishingMethods = {
  /** Puts a price in force that lies within the band; any other, and the first one, waits for a second member. */
  publish: contract.tx(
    {
      args: { instrument: t.id, oracle: t.address, ...observation },
      returns: t.struct({ isInForce: t.bool }),
      auth: { accounts: (a) => [a.oracle] },
    },
    publish,
  ),

  /** Puts in force what was proposed: exactly that, by another member. */
  confirm: contract.tx(
    { args: { instrument: t.id, account: t.address, ...observation }, auth: { accounts: (a) => [a.account] } },
    confirm,
  ),
};
