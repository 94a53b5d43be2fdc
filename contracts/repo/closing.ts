import { cash } from '../cash/cash.js';
import { giveBack, handOver, heldIn, setAside } from '../locks/assetLocks.js';
import { end } from './book.js';
import { isIssuer, LOCKS, type Open, REPO, type RepoContext, requireOpen, requireParty } from './declaration.js';
import { owedOf } from './valuation.js';

export interface Closing {
  readonly isClosed: boolean;
  readonly obstacle?: string | undefined;
}

/**
 * The seller pays and has its units, in one step. Where an order, a pause or the instrument's rule keeps the units from it, the price
 * is set aside: from then on the seller has done its part, and `settle` does the rest.
 */
export function close(ctx: RepoContext, id: string): Closing {
  const open = requireOpen(ctx, id);
  const { seller, closesAt, isEarly, currency, tender } = open;
  ctx.requireAuthorised(seller);
  if (tender !== undefined) ctx.fail('TENDERED', { price: tender.price });
  ctx.require(ctx.timestamp >= closesAt || isEarly, 'TOO_EARLY', { closesAt });
  const owed = owedOf(ctx, open);
  const price = owed > open.margin ? owed - open.margin : 0n;
  if (price > 0n) setAside(ctx, { currency }, LOCKS.price(id), seller, price);
  const tendered = { ...open, tender: { price, tenderedAt: ctx.timestamp } };
  ctx.state.open.set(id, tendered);
  const failure = ctx.attempt(() => exchange(ctx, id, tendered));
  if (failure === undefined) return { isClosed: true };
  ctx.emit('Tendered', { id, ...tendered.tender, obstacle: failure.code });
  return { isClosed: false, obstacle: failure.code };
}

/** Does what kept `close` from being done, once nothing stands in the way. */
export function settle(ctx: RepoContext, id: string): void {
  const open = requireOpen(ctx, id);
  ctx.require(open.tender !== undefined, 'NOT_TENDERED');
  exchange(ctx, id, open);
}

/** Takes the price back that was set aside; the seller's time has gone on. For a suspended seller the central bank does. */
export function takeBack(ctx: RepoContext, id: string): void {
  const open = requireOpen(ctx, id);
  const { seller, currency, tender } = open;
  requireParty(ctx, seller, currency);
  ctx.require(tender !== undefined, 'NOT_TENDERED');
  giveBack(ctx, { currency }, { contract: REPO, lock: LOCKS.price(id) }, seller);
  ctx.state.open.set(id, { ...open, tender: undefined });
  ctx.emit('TakenBack', { id });
}

/** Units to the seller, price and margin to the buyer: both or neither. */
function exchange(ctx: RepoContext, id: string, open: Open): void {
  const { seller, buyer, instrument, units, currency, margin, tender } = open;
  const price = tender?.price ?? 0n;
  handOver(ctx, { instrument }, LOCKS.units(id), seller, units);
  const isUncollected = ctx.account(buyer)?.active === false;
  if (price > 0n && isUncollected) payIntoLock(ctx, id, open, price);
  else if (price > 0n) handOver(ctx, { currency }, LOCKS.price(id), buyer, price);
  const paid = price + margin;
  end(ctx, id, open, { status: 'closed', paid, isUncollected });
  ctx.emit('Closed', { id, paid, isUncollected });
}

/** A suspended buyer receives nothing: its money waits beside the margin, in its own lock. The seller signs for it. */
function payIntoLock(ctx: RepoContext, id: string, { seller, buyer, currency }: Open, amount: bigint): void {
  ctx.requireAuthorised(seller);
  giveBack(ctx, { currency }, { contract: REPO, lock: LOCKS.price(id) }, seller);
  const lock = LOCKS.margin(id);
  ctx.call(cash.methods.payIn, { currency, lock, debtor: seller, creditor: buyer, amount });
}

/** Gives a buyer what waits for it: anybody may once it is active, the central bank of the currency before. */
export function collect(ctx: RepoContext, id: string): void {
  const found = ctx.state.closed.find(id);
  if (found === undefined || !found.isUncollected) ctx.fail('NOTHING_TO_COLLECT', { id });
  const { buyer, currency } = found;
  ctx.requireAuthorised(ctx.sender);
  const isActive = ctx.account(buyer)?.active === true;
  ctx.require(isActive || isIssuer(ctx, currency), 'NOT_ENTITLED', { account: buyer });
  const key = { contract: REPO, lock: LOCKS.margin(id) };
  const amount = heldIn(ctx, { currency }, key) ?? 0n;
  giveBack(ctx, { currency }, key, buyer);
  ctx.state.closed.set(id, { ...found, isUncollected: false });
  ctx.emit('Collected', { id, amount });
}

/** The buyer says whether the seller may close before the time. */
export function allowEarly(ctx: RepoContext, id: string, isEarly: boolean): void {
  const open = requireOpen(ctx, id);
  ctx.requireAuthorised(open.buyer);
  ctx.require(open.isEarly !== isEarly, 'UNCHANGED');
  ctx.state.open.set(id, { ...open, isEarly });
  ctx.emit('EarlyClosing', { id, isEarly });
}
