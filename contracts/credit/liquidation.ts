import type { Address } from '../../primitives/types.js';
import { t } from '../api/t.js';
import { assets } from '../assets/assets.js';
import { cash } from '../cash/cash.js';
import {
  ALL_BPS,
  type CreditContext,
  contract,
  LEAST_OPEN_MS,
  LIQUIDATION_MS,
  type Owner,
  owner,
  poolLock,
  requireFacility,
} from './declaration.js';
import { payBack } from './drawing.js';
import { payOff, requireOpenDay, type Standing, standingOf } from './loans.js';
import { cureIfCovered } from './marginCalls.js';
import { takeFrom } from './pools.js';
import { proceedsOf, unitsToSell } from './sale.js';
import { byIssuer, requireIssuer } from './terms.js';
import { deliverableOf, type Pool, type Position, poolOf, type Quote } from './valuation.js';

/** A position that can be sold: its units that no order keeps, at a fresh price. */
interface Saleable extends Position {
  readonly quote: Quote;
  readonly deliverable: bigint;
}

/** Why collateral may be sold: all of the loan is due, or a margin call was not met. @throws ContractFailure `NOT_DUE` */
function requireGrounds(ctx: CreditContext, { currency, account }: Owner, { stage }: Standing): { isDue: boolean } {
  if (stage === 'overdue' || ctx.account(account)?.active === false) return { isDue: true };
  const called = ctx.state.calls.find(currency, account);
  if (called === undefined) ctx.fail('NOT_DUE', {});
  const deadline = Math.max(called.deadline, timeToPay(ctx, currency));
  const isUnmet = ctx.timestamp >= deadline && ctx.timestamp < called.deadline + LIQUIDATION_MS;
  ctx.require(isUnmet, 'NOT_DUE', { deadline });
  return { isDue: false };
}

/** A bank pays on an open business day alone: of each it has a while, whatever has passed in the night. */
function timeToPay(ctx: CreditContext, currency: string): number {
  const day = requireOpenDay(ctx, currency);
  const { marginMs } = requireFacility(ctx, currency);
  const opened = ctx.view(cash.methods.dayFigures, { currency, day })?.opened.timestamp ?? 0;
  return opened + Math.min(marginMs, LEAST_OPEN_MS);
}

/** The largest position that the buyer may have, and no other: whoever sells does not choose what a bank keeps. */
function requireLargest(ctx: CreditContext, account: Address, pool: Pool, { instrument, buyer }: Wanted): Saleable {
  let largest: Saleable | undefined;
  for (const position of pool.positions) {
    const { quote } = position;
    if (quote === undefined || (largest !== undefined && position.value <= largest.value)) continue;
    const deliverable = deliverableOf(ctx, account, position);
    const mayHave = ctx.view(assets.methods.ineligibility, { instrument: position.instrument, account: buyer });
    if (deliverable > 0n && mayHave === undefined) largest = { ...position, quote, deliverable };
  }
  if (largest === undefined) ctx.fail('NOTHING_TO_SELL');
  ctx.require(largest.instrument === instrument, 'NOT_LARGEST', { instrument: largest.instrument });
  return largest;
}

/** No bank's collateral is sold for less than it counted for, nor for more than it is worth. */
function requirePrice(ctx: CreditContext, { price: highest, haircutBps }: Quote, price: bigint): void {
  const all = BigInt(ALL_BPS);
  const lowest = (highest * (all - BigInt(haircutBps)) + all - 1n) / all;
  ctx.require(price >= lowest && price <= highest, 'SALE_PRICE_INVALID', { lowest, highest });
}

interface Wanted {
  readonly instrument: string;
  readonly buyer: Address;
}

interface Sale extends Wanted {
  readonly units: bigint;
  readonly price: bigint;
}

/**
 * The buyer pays what is owed into the facility, and the rest to the account, or into its lock while it is suspended, and has the
 * units: all in one step.
 */
function carryOut(
  ctx: CreditContext,
  of: Owner,
  standing: Standing,
  { buyer, price, ...what }: Sale,
  proceeds: bigint,
) {
  const paid = proceeds < standing.owed ? proceeds : standing.owed;
  const surplus = proceeds - paid;
  takeFrom(ctx, of, what, buyer);
  payBack(ctx, of, buyer, paid);
  if (surplus > 0n) payOut(ctx, of, buyer, surplus);
  const { owed } = payOff(ctx, of, standing, paid);
  ctx.emit('Liquidated', { ...of, ...what, buyer, price, paid, surplus, owed });
  cureIfCovered(ctx, of);
  return { units: what.units, paid, surplus, owed };
}

function payOut(ctx: CreditContext, of: Owner, debtor: Address, amount: bigint): void {
  const { currency, account: creditor } = of;
  const money = { currency, debtor, creditor, amount };
  if (ctx.account(creditor)?.active === true) ctx.call(cash.methods.transfer, money);
  else ctx.call(cash.methods.payIn, { ...money, lock: poolLock(of) });
}

export const liquidationMethods = {
  /**
   * Sells units of the largest position to a buyer who signs, and pays the loan with the price: by the central bank, when a margin call
   * was not met, a loan is overdue or the account is suspended. No more units than that takes, and no more than the buyer wants.
   */
  liquidate: contract.tx(
    {
      args: { ...owner, instrument: t.id, buyer: t.address, price: t.amount, maxUnits: t.amount },
      returns: t.struct({ units: t.amount, paid: t.amount, surplus: t.amount, owed: t.amount }),
      auth: { ...byIssuer, accounts: (a) => [a.buyer] },
    },
    (ctx, { instrument, buyer, price, maxUnits, ...of }) => {
      const { currency, account } = of;
      requireIssuer(ctx, currency);
      ctx.require(buyer !== account, 'SAME_ACCOUNT', { account });
      const standing = standingOf(ctx, of) ?? ctx.fail('NOTHING_OWED');
      const { owed } = standing;
      const { isDue } = requireGrounds(ctx, of, standing);
      const pool = poolOf(ctx, of, 'price');
      ctx.require(isDue || owed > pool.value, 'NOT_SHORT', { value: pool.value, owed });
      const largest = requireLargest(ctx, account, pool, { instrument, buyer });
      const { quote, deliverable, value } = largest;
      requirePrice(ctx, quote, price);
      const others = pool.value - value;
      const wanted = maxUnits < deliverable ? maxUnits : deliverable;
      // What counts for nothing counts for nothing after the sale, too.
      const counted = value === 0n ? { ...quote, haircutBps: ALL_BPS } : quote;
      const terms = { quote: counted, price, owed, others, isDue, units: largest.units };
      const units = unitsToSell({ ...terms, deliverable: wanted });
      const proceeds = proceedsOf(units, terms);
      ctx.require(units > 0n && proceeds > 0n, 'NOTHING_TO_SELL');
      return carryOut(ctx, of, standing, { instrument, units, buyer, price }, proceeds);
    },
  ),
};
