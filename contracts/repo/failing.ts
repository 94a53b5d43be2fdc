import { cash } from '../cash/cash.js';
import { prices } from '../prices/prices.js';
import { end } from './book.js';
import {
  type Failure,
  LAPSE_MS,
  LEAST_OPEN_MS,
  type Open,
  type RepoContext,
  type RepoView,
  requireOpen,
  requireParty,
} from './declaration.js';
import { requireUntendered } from './margin.js';
import { coverOf, owedOf, requireQuote, requireUnpaused } from './valuation.js';

/**
 * The buyer keeps the units of a seller that has not closed in time, or not met a margin call. What each owes the other by the newest
 * price is recorded, and settled elsewhere.
 */
export function fail(ctx: RepoContext, id: string): void {
  const open = requireOpen(ctx, id);
  requireParty(ctx, open.buyer);
  requireUntendered(ctx, open);
  requireUnpaused(ctx, open.instrument);
  requireFailure(ctx, open);
  const failure = failureOf(ctx, open);
  end(ctx, id, open, { status: 'failed', paid: open.margin, isUncollected: false, failure });
  ctx.emit('Failed', { id, ...failure });
}

/** The seller pays on an open business day alone: of each it has a while, whatever has passed in the night. */
function requireFailure(ctx: RepoContext, open: Open): void {
  const { closesAt, graceMs, marginMs, call } = open;
  const openedAt = dayOpenedAt(ctx, open.currency);
  const closing = Math.max(closesAt + graceMs, openedAt + Math.min(graceMs, LEAST_OPEN_MS));
  if (ctx.timestamp >= closing) return;
  if (call === undefined) ctx.fail('NOT_FAILED', { earliest: closing });
  const margin = Math.max(call.deadline, openedAt + Math.min(marginMs, LEAST_OPEN_MS));
  const isUnmet = ctx.timestamp >= margin && ctx.timestamp < call.deadline + LAPSE_MS;
  ctx.require(isUnmet, 'NOT_FAILED', { earliest: Math.min(margin, closing) });
  requireShort(ctx, open);
}

/** A call that rising prices have made needless ends nothing. */
function requireShort(ctx: RepoContext, open: Open): void {
  const { price, per } = requireQuote(ctx, open.instrument);
  const covered = open.margin + coverOf(open.units, price, per, open.haircutBps);
  const owed = owedOf(ctx, open);
  ctx.require(covered < owed, 'MARGIN_UNCHANGED', { covered, owed });
}

function dayOpenedAt(ctx: RepoView, currency: string): number {
  const { day, isOpen } = ctx.view(cash.methods.businessDay, { currency });
  if (!isOpen || day === undefined) ctx.fail('BUSINESS_DAY_CLOSED', { currency });
  return ctx.view(cash.methods.dayFigures, { currency, day })?.opened.timestamp ?? 0;
}

/** The units at the newest price, without a haircut, and the margin, less what was owed. */
function failureOf(ctx: RepoView, open: Open): Failure {
  const { margin, units, instrument } = open;
  const repurchase = owedOf(ctx, open);
  const quote = ctx.view(prices.methods.quote, { instrument });
  if (quote === undefined) return { repurchase, margin };
  const { pricedAt, price, per } = quote;
  const value = coverOf(units, price, per, 0);
  const left = value + margin - repurchase;
  const difference = { owedBy: left < 0n ? ('seller' as const) : ('buyer' as const), amount: left < 0n ? -left : left };
  return { repurchase, margin, value, pricedAt, difference };
}
