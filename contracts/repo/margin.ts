import { cash } from '../cash/cash.js';
import { handOver } from '../locks/assetLocks.js';
import { LAPSE_MS, LOCKS, type Open, type REVALUATIONS, type RepoContext, requireOpen } from './declaration.js';
import { coverOf, owedOf, type Quote, requireQuote, spareUnits } from './valuation.js';

export interface Revaluation {
  readonly result: (typeof REVALUATIONS)[number];
  /** Called, or returned in money. */
  readonly amount: bigint;
  /** Returned. */
  readonly units: bigint;
}

/**
 * Compares what is owed with what covers it, by fresh prices: calls for margin where it is short by more than the threshold, ends a call
 * that is not needed any more, gives the seller back what is too much.
 */
export function revalue(ctx: RepoContext, id: string): Revaluation {
  const open = requireOpen(ctx, id);
  requireUntendered(ctx, open);
  const { units, haircutBps, margin, threshold, call } = open;
  const quote = requireQuote(ctx, open.instrument);
  const owed = owedOf(ctx, open);
  const covered = margin + coverOf(units, quote.price, quote.per, haircutBps);
  const isCalled = call !== undefined && ctx.timestamp < call.deadline + LAPSE_MS;
  if (covered < owed && owed - covered > threshold && !isCalled) return callMargin(ctx, id, open, owed - covered);
  if (covered >= owed && call !== undefined) {
    ctx.state.open.set(id, { ...open, call: undefined });
    ctx.emit('MarginCured', { id });
    return { result: 'cured', amount: 0n, units: 0n };
  }
  const returned = covered > owed ? returnExcess(ctx, id, open, owed, quote) : undefined;
  return returned ?? ctx.fail('MARGIN_UNCHANGED', { covered, owed });
}

export function requireUntendered(ctx: RepoContext, { tender }: Open): void {
  if (tender !== undefined) ctx.fail('TENDERED', { price: tender.price });
}

function callMargin(ctx: RepoContext, id: string, open: Open, amount: bigint): Revaluation {
  const call = { amount, deadline: ctx.timestamp + open.marginMs };
  ctx.state.open.set(id, { ...open, call });
  ctx.emit('MarginCalled', { id, ...call });
  return { result: 'called', amount, units: 0n };
}

/** Money first, then units, by the lower one of the price in force and one that waits; nothing where it is too little. */
function returnExcess(
  ctx: RepoContext,
  id: string,
  open: Open,
  owed: bigint,
  { cautious, per }: Quote,
): Revaluation | undefined {
  const { units, haircutBps, margin, threshold, seller, currency, instrument } = open;
  const excess = margin + coverOf(units, cautious, per, haircutBps) - owed;
  if (excess <= threshold) return undefined;
  const amount = excess < margin ? excess : margin;
  const left = { ...open, margin: margin - amount };
  const spare = spareUnits(left, owed, cautious, per);
  if (amount === 0n && spare === 0n) return undefined;
  if (amount > 0n) handOver(ctx, { currency }, LOCKS.margin(id), seller, amount);
  if (spare > 0n) handOver(ctx, { instrument }, LOCKS.units(id), seller, spare);
  ctx.state.open.set(id, { ...left, units: units - spare });
  ctx.emit('MarginReturned', { id, amount, units: spare });
  return { result: 'returned', amount, units: spare };
}

/** The seller pays margin, up to what it owes: it is the buyer's, and counts towards the price. No price of the units has to be fresh. */
export function payMargin(ctx: RepoContext, id: string, amount: bigint): void {
  const open = requireOpen(ctx, id);
  const { seller, buyer, currency, call } = open;
  ctx.requireAuthorised(seller);
  requireUntendered(ctx, open);
  ctx.require(amount > 0n, 'AMOUNT_ZERO');
  const limit = owedOf(ctx, open) - open.margin;
  ctx.require(amount <= limit, 'MARGIN_EXCESSIVE', { limit });
  const lock = LOCKS.margin(id);
  ctx.call(cash.methods.payIn, { currency, lock, debtor: seller, creditor: buyer, amount });
  const margin = open.margin + amount;
  const left = call === undefined || call.amount <= amount ? undefined : { ...call, amount: call.amount - amount };
  ctx.state.open.set(id, { ...open, margin, call: left });
  ctx.emit('MarginPaid', { id, amount, margin });
  if (call !== undefined && left === undefined) ctx.emit('MarginCured', { id });
}
