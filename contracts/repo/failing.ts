import { cash } from '../cash/cash.js';
import { prices } from '../prices/prices.js';
import { end } from './book.js';
import {
  type Failure,
  type GROUNDS,
  LAPSE_MS,
  LEAST_OPEN_MS,
  type Open,
  type RepoContext,
  type RepoView,
  requireOpen,
  requireParty,
} from './declaration.js';
import { requireUntendered } from './margin.js';
import { coverOf, owedOf, requireQuote } from './valuation.js';

export interface Failing {
  /** Otherwise notice has been given, and the seller may perform until then. */
  readonly isFailed: boolean;
  readonly until?: number | undefined;
}

/**
 * The buyer keeps the units of a seller that has not closed in time, not met a margin call, or is suspended, after a notice: whatever
 * kept the seller from performing before, a pause of the contract or a halt of the chain, it has a while after that. What each owes
 * the other by the newest price is recorded, and settled elsewhere.
 */
export function fail(ctx: RepoContext, id: string): Failing {
  const open = requireOpen(ctx, id);
  requireParty(ctx, open.buyer, open.currency);
  const ground = requireGround(ctx, open);
  const notice = noticeOf(ctx, open, ground);
  if (notice === undefined) return giveNotice(ctx, id, open, ground);
  ctx.require(ctx.timestamp >= notice.until, 'NOT_FAILED', { earliest: notice.until });
  const failure = failureOf(ctx, open);
  end(ctx, id, open, { status: 'failed', paid: open.margin, isUncollected: false, failure });
  ctx.emit('Failed', { id, ...failure });
  return { isFailed: true };
}

/** What a seller has failed in, since when at the earliest, and how long a notice of it runs. */
interface Ground {
  readonly ground: (typeof GROUNDS)[number];
  readonly since: number;
  readonly noticeMs: number;
}

/** A notice of the same, of neither an earlier call nor one that has lapsed. */
function noticeOf(ctx: RepoView, { notice }: Open, { ground, since }: Ground): Open['notice'] {
  if (notice === undefined || notice.ground !== ground || notice.noticedAt < since) return undefined;
  return ctx.timestamp < notice.until + LAPSE_MS ? notice : undefined;
}

function giveNotice(ctx: RepoContext, id: string, open: Open, { ground, noticeMs }: Ground): Failing {
  const until = ctx.timestamp + noticeMs;
  ctx.state.open.set(id, { ...open, notice: { ground, noticedAt: ctx.timestamp, until } });
  ctx.emit('Noticed', { id, ground, until });
  return { isFailed: false, until };
}

/** The seller pays on an open business day alone: of each it has a while, whatever has passed in the night. */
function requireGround(ctx: RepoContext, open: Open): Ground {
  const { seller, closesAt, graceMs, marginMs, call, openedAt: since } = open;
  const isSuspended = ctx.account(seller)?.active === false;
  const openedAt = dayOpenedAt(ctx, open.currency);
  // What a suspended seller has set aside buys it nothing: no units are delivered to it.
  if (isSuspended) return { ground: 'suspension', since, noticeMs: graceMs };
  requireUntendered(ctx, open);
  const closing = Math.max(closesAt + graceMs, openedAt + Math.min(graceMs, LEAST_OPEN_MS));
  if (ctx.timestamp >= closing) {
    return { ground: 'closing', since: closesAt + graceMs, noticeMs: Math.min(graceMs, LEAST_OPEN_MS) };
  }
  if (call === undefined) ctx.fail('NOT_FAILED', { earliest: closing });
  const margin = Math.max(call.deadline, openedAt + Math.min(marginMs, LEAST_OPEN_MS));
  const isUnmet = ctx.timestamp >= margin && ctx.timestamp < call.deadline + LAPSE_MS;
  ctx.require(isUnmet, 'NOT_FAILED', { earliest: Math.min(margin, closing) });
  requireShort(ctx, open);
  return { ground: 'margin', since: call.deadline, noticeMs: Math.min(marginMs, LEAST_OPEN_MS) };
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
export function failureOf(ctx: RepoView, open: Open): Failure {
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
