import type { TimestampMs } from '../../primitives/types.js';
import { calendarDayOf } from '../api/calendar.js';
import { t } from '../api/t.js';
import { byIssuer, type CashContext, contract, cutOff, requireIssuer } from './declaration.js';
import { noteClosing, noteCutOff, noteOpening } from './figures.js';

/** A day opened by mistake may not lie further ahead than this, in YYYYMMDD a year: later days must follow it. */
const ONE_YEAR = 10_000;

function requireAhead(ctx: CashContext, cutOffAt: TimestampMs | undefined): void {
  if (cutOffAt === undefined || cutOffAt > ctx.timestamp) return;
  ctx.fail('CUT_OFF_INVALID', { cutOffAt, earliest: ctx.timestamp + 1 });
}

/** The newest day of the currency, which must be open. */
function requireOpen(
  ctx: CashContext,
  currency: string,
): { readonly day: number; readonly cutOffAt?: number | undefined } {
  const { day, isOpen, cutOffAt } = ctx.state.days.get(currency);
  return day !== undefined && isOpen ? { day, cutOffAt } : ctx.fail('BUSINESS_DAY_CLOSED', { currency });
}

export const dayMethods = {
  /** Opens a day, until its cut-off for new payments, where one is named. */
  openBusinessDay: contract.tx({ args: { currency: t.currency, day: t.day, ...cutOff }, auth: byIssuer }, (ctx, a) => {
    requireIssuer(ctx, a.currency);
    const newest = ctx.state.days.get(a.currency);
    if (newest.isOpen && newest.day !== undefined) {
      ctx.fail('BUSINESS_DAY_OPEN', { currency: a.currency, day: newest.day });
    }
    const isNext = a.day > (newest.day ?? 0) && a.day <= calendarDayOf(ctx.timestamp) + ONE_YEAR;
    ctx.require(isNext, 'BUSINESS_DAY_INVALID', { day: a.day, after: newest.day });
    requireAhead(ctx, a.cutOffAt);
    ctx.state.days.set(a.currency, { day: a.day, isOpen: true, cutOffAt: a.cutOffAt });
    noteOpening(ctx, a, newest.day);
    ctx.emit('BusinessDayOpened', a);
  }),

  /** Moves the cut-off of the open day, earlier or later; none: new payments are taken until the day closes. */
  setCutOff: contract.tx(
    { args: { currency: t.currency, ...cutOff }, auth: byIssuer },
    (ctx, { currency, cutOffAt }) => {
      requireIssuer(ctx, currency);
      const before = requireOpen(ctx, currency);
      requireAhead(ctx, cutOffAt);
      ctx.require(before.cutOffAt !== cutOffAt, 'CUT_OFF_UNCHANGED', { currency });
      const { day } = before;
      ctx.state.days.set(currency, { day, isOpen: true, cutOffAt });
      noteCutOff(ctx, { currency, day, cutOffAt });
      ctx.emit('CutOffSet', { currency, day, cutOffAt });
    },
  ),

  closeBusinessDay: contract.tx({ args: { currency: t.currency }, auth: byIssuer }, (ctx, { currency }) => {
    requireIssuer(ctx, currency);
    const { day, cutOffAt } = requireOpen(ctx, currency);
    ctx.state.days.set(currency, { day, isOpen: false, cutOffAt });
    const outstanding = noteClosing(ctx, currency, day);
    ctx.emit('BusinessDayClosed', { currency, day, outstanding });
  }),
};
