import type { TimestampMs } from '../../primitives/types.js';
import type { CalendarDay } from '../api/calendar.js';
import type { Infer } from '../api/schema.js';
import { t } from '../api/t.js';
import { type CashContext, type CashView, contract, requireCurrency } from './declaration.js';
import type { cashState, moment } from './state.js';

/** What a business day began and ended with: the figures that the central bank reconciles with its reserve account. */

/** Business days that are kept of one currency, the newest. */
export const MAX_FIGURES = 400;

interface Day {
  readonly currency: string;
  readonly day: CalendarDay;
  readonly cutOffAt?: TimestampMs | undefined;
}

function now(ctx: CashContext, currency: string): Infer<typeof moment> {
  return { height: ctx.height, timestamp: ctx.timestamp, ...ctx.state.supply.get(currency) };
}

/**
 * Begins the figures of a day, and forgets the oldest where there would be too many.
 *
 * @param before the business day before it, undefined for the first
 */
export function noteOpening(ctx: CashContext, { currency, day, cutOffAt }: Day, before: CalendarDay | undefined): void {
  const number = before === undefined ? 1 : ctx.state.figures.get(currency, before).number + 1;
  const [oldest] = ctx.state.figures.entriesUnder([currency], 1);
  if (oldest !== undefined && number - oldest.value.number >= MAX_FIGURES) ctx.state.figures.delete(...oldest.key);
  ctx.state.figures.set(currency, day, { number, opened: now(ctx, currency), closed: undefined, cutOffAt });
}

export function noteCutOff(ctx: CashContext, { currency, day, cutOffAt }: Day): void {
  ctx.state.figures.set(currency, day, { ...ctx.state.figures.get(currency, day), cutOffAt });
}

/** @returns what is outstanding at the close */
export function noteClosing(ctx: CashContext, currency: string, day: CalendarDay): bigint {
  const closed = now(ctx, currency);
  ctx.state.figures.set(currency, day, { ...ctx.state.figures.get(currency, day), closed });
  return closed.issued - closed.redeemed;
}

const block = t.struct({ height: t.uint(), timestamp: t.uint() });

const dayFigures = t.struct({
  day: t.day,
  /** Counted from the first business day of the currency on. */
  number: t.uint(),
  opened: block,
  closed: t.optional(block),
  cutOffAt: t.optional(t.uint()),
  outstandingAtOpen: t.amount,
  /** On the day, so far where it is open. */
  issued: t.amount,
  redeemed: t.amount,
  /** What the reserve account must hold at the close. */
  outstandingAtClose: t.optional(t.amount),
});

type Figures = Infer<(typeof cashState.figures)['value']>;

function shown(
  ctx: CashView,
  currency: string,
  day: CalendarDay,
  { number, opened, closed, cutOffAt }: Figures,
): Infer<typeof dayFigures> {
  const end = closed ?? ctx.state.supply.get(currency);
  return {
    day,
    number,
    opened: { height: opened.height, timestamp: opened.timestamp },
    closed: closed === undefined ? undefined : { height: closed.height, timestamp: closed.timestamp },
    cutOffAt,
    outstandingAtOpen: opened.issued - opened.redeemed,
    issued: end.issued - opened.issued,
    redeemed: end.redeemed - opened.redeemed,
    outstandingAtClose: closed === undefined ? undefined : closed.issued - closed.redeemed,
  };
}

export const figuresViews = {
  /** The figures of one business day, undefined for one that is not kept. */
  dayFigures: contract.view(
    { args: { currency: t.currency, day: t.day }, returns: t.optional(dayFigures) },
    (ctx, { currency, day }) => {
      requireCurrency(ctx, currency);
      const found = ctx.state.figures.find(currency, day);
      return found === undefined ? undefined : shown(ctx, currency, day, found);
    },
  ),

  /** Those of the days that are kept, the oldest first. */
  figures: contract.view(
    {
      args: { currency: t.currency, limit: t.uint(MAX_FIGURES), after: t.optional(t.day) },
      returns: t.list(dayFigures, MAX_FIGURES),
    },
    (ctx, { currency, limit, after }) => {
      requireCurrency(ctx, currency);
      return ctx.state.figures
        .entriesUnder([currency], limit, after === undefined ? undefined : [currency, after])
        .map(({ key, value }) => shown(ctx, currency, key[1], value));
    },
  ),
};
