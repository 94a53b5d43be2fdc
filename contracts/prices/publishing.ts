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
import { issuerOf, proposalsOf } from './feeds.js';

/** How often the instrument was split; no price is taken in the middle of a split. */
function splitsOf(ctx: PricesView, instrument: string): number {
  const isSplit = ctx.view(assets.methods.split, { instrument }) !== undefined;
  ctx.require(!isSplit, 'SPLIT_UNDER_WAY', { instrument });
  return ctx.view(assets.methods.supply, { instrument }).splits;
}

/** Observed by now, and not long ago. */
function requireInTime(ctx: PricesView, { maxAgeMs }: Feed, pricedAt: number): void {
  const [earliest, latest] = [Math.max(0, ctx.timestamp - maxAgeMs), ctx.timestamp];
  const isInTime = pricedAt >= earliest && pricedAt <= latest;
  ctx.require(isInTime, 'TIME_INVALID', { earliest, latest });
}

/** After what it is compared with: nothing is replaced by what is older, or published twice. */
function requireNewer(ctx: PricesView, pricedAt: number, newest: number | undefined): void {
  if (newest !== undefined && pricedAt <= newest) ctx.fail('PRICE_OLDER', { newest });
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

/** An oracle drops nothing but its own proposal: what another one has seen waits until somebody answers for it. */
function publish(ctx: PricesContext, { instrument, ...observed }: Publication): { isInForce: boolean } {
  const feed = requireFeed(ctx, instrument);
  const { oracle, price, pricedAt } = observed;
  ctx.require(feed.oracles.includes(oracle), 'NOT_ORACLE', { account: oracle });
  ctx.require(price > 0n, 'PRICE_ZERO');
  const splits = splitsOf(ctx, instrument);
  requireInTime(ctx, feed, pricedAt);
  const own = ctx.state.proposed.find(instrument, oracle);
  if (own?.splits === splits) requireNewer(ctx, pricedAt, own.pricedAt);
  const current = priceOf(ctx, instrument, splits);
  const from = current === undefined ? undefined : anchorOf(ctx, current);
  if (current === undefined || from === undefined || !isNear(price, from.anchor, feed.bandBps)) {
    if (current?.oracle === oracle) requireNewer(ctx, pricedAt, current.pricedAt);
    ctx.state.proposed.set(instrument, oracle, { ...observed, splits });
    ctx.emit('Proposed', { instrument, ...observed });
    return { isInForce: false };
  }
  requireNewer(ctx, pricedAt, current.pricedAt);
  ctx.state.prices.set(instrument, { ...observed, splits, ...from, confirmedAt: current.confirmedAt });
  ctx.state.proposed.delete(instrument, oracle);
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

/** Exactly what was proposed; where several oracles have proposed the same, by one of another member. */
function requireProposed(
  ctx: PricesView,
  { instrument, account, price, pricedAt }: Confirmation,
  splits: number,
): Proposed {
  const waiting = proposalsOf(ctx, instrument).filter((each) => each.splits === splits);
  const [first] = waiting;
  if (first === undefined) ctx.fail('NOTHING_PROPOSED', { instrument });
  const same = waiting.filter((each) => each.price === price && each.pricedAt === pricedAt);
  const { member: second } = ctx.requireAccount(account);
  const others = same.filter(({ oracle }) => ctx.account(oracle)?.member !== second);
  const { price: expected, pricedAt: at } = first;
  return others[0] ?? same[0] ?? ctx.fail('PROPOSAL_MISMATCH', { price: expected, pricedAt: at });
}

/** Two members are believed before one: what they agree on counts though one oracle has published later. */
function confirm(ctx: PricesContext, confirmation: Confirmation): void {
  const { instrument, account, price, pricedAt } = confirmation;
  const feed = requireFeed(ctx, instrument);
  const splits = splitsOf(ctx, instrument);
  const proposed = requireProposed(ctx, confirmation, splits);
  requireSecond(ctx, instrument, feed, proposed, account);
  requireInTime(ctx, feed, pricedAt);
  requireNewer(ctx, pricedAt, priceOf(ctx, instrument, splits)?.confirmedAt);
  ctx.state.prices.set(instrument, { ...proposed, anchor: price, anchoredAt: ctx.timestamp, confirmedAt: pricedAt });
  ctx.state.proposed.delete(instrument, proposed.oracle);
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
