import type { Address } from '../../primitives/types.js';
import { t } from '../api/t.js';
import { assets } from '../assets/assets.js';
import { cash } from '../cash/cash.js';
import { ALL_BPS, type CreditContext, contract, LIQUIDATION_MS, type Owner, owner } from './declaration.js';
import { payBack } from './drawing.js';
import { payOff, type Standing, standingOf } from './loans.js';
import { cureIfCovered } from './marginCalls.js';
import { takeFrom } from './pools.js';
import { proceedsOf, unitsToSell } from './sale.js';
import { byIssuer, requireIssuer } from './terms.js';
import { type Pool, type Position, poolOf, type Quote, requirePool } from './valuation.js';

/** A position that can be sold: its units that no order keeps, at a fresh price. */
interface Saleable extends Position {
  readonly quote: Quote;
  readonly deliverable: bigint;
}

/** Why collateral may be sold: all of the loan is due, or a margin call was not met. @throws ContractFailure `NOT_DUE` */
function requireGrounds(ctx: CreditContext, { currency, account }: Owner, { stage }: Standing): { isDue: boolean } {
  if (stage === 'overdue' || ctx.account(account)?.active === false) return { isDue: true };
  const deadline = ctx.state.calls.find(currency, account)?.deadline;
  const isUnmet = deadline !== undefined && ctx.timestamp >= deadline && ctx.timestamp < deadline + LIQUIDATION_MS;
  ctx.require(isUnmet, 'NOT_DUE', { deadline });
  return { isDue: false };
}

/** What of a position may leave: orders keep a part of all that the account holds. */
function deliverableOf(ctx: CreditContext, account: Address, { instrument, units }: Position): bigint {
  const { held, frozen } = ctx.view(assets.methods.freezes, { instrument, account });
  if (frozen === undefined || frozen >= held) return 0n;
  const free = held - frozen;
  return free < units ? free : units;
}

/** The largest position, and no other: whoever sells does not choose what a bank keeps. */
function requireLargest(ctx: CreditContext, account: Address, pool: Pool, instrument: string): Saleable {
  let largest: Saleable | undefined;
  for (const position of pool.positions) {
    const { quote } = position;
    if (quote === undefined || (largest !== undefined && position.value <= largest.value)) continue;
    const deliverable = deliverableOf(ctx, account, position);
    if (deliverable > 0n) largest = { ...position, quote, deliverable };
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

interface Sale {
  readonly instrument: string;
  readonly units: bigint;
  readonly buyer: Address;
  readonly price: bigint;
}

/** The buyer pays what is owed into the facility, and the rest to the account, and has the units: all in one step. */
function carryOut(
  ctx: CreditContext,
  of: Owner,
  standing: Standing,
  { buyer, price, ...what }: Sale,
  proceeds: bigint,
) {
  const { currency, account } = of;
  const paid = proceeds < standing.owed ? proceeds : standing.owed;
  const surplus = proceeds - paid;
  takeFrom(ctx, of, what, buyer);
  payBack(ctx, of, buyer, paid);
  if (surplus > 0n) ctx.call(cash.methods.transfer, { currency, debtor: buyer, creditor: account, amount: surplus });
  const { owed } = payOff(ctx, of, standing, paid);
  ctx.emit('Liquidated', { ...of, ...what, buyer, price, paid, surplus, owed });
  cureIfCovered(ctx, of);
  return { units: what.units, paid, surplus, owed };
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
      const pool = isDue ? poolOf(ctx, of, 'price') : requirePool(ctx, of, 'price');
      ctx.require(isDue || owed > pool.value, 'NOT_SHORT', { value: pool.value, owed });
      const largest = requireLargest(ctx, account, pool, instrument);
      const { quote, deliverable, value } = largest;
      requirePrice(ctx, quote, price);
      const takesSurplus = ctx.account(account)?.active === true;
      const others = pool.value - value;
      const wanted = maxUnits < deliverable ? maxUnits : deliverable;
      const terms = { quote, price, owed, others, isDue, takesSurplus, units: largest.units };
      const units = unitsToSell({ ...terms, deliverable: wanted });
      const proceeds = proceedsOf(units, terms);
      ctx.require(units > 0n && proceeds > 0n, 'NOTHING_TO_SELL');
      return carryOut(ctx, of, standing, { instrument, units, buyer, price }, proceeds);
    },
  ),
};
