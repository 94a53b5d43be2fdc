import { t } from '../api/t.js';
import { cash } from '../cash/cash.js';
import { Bilateral } from './bilateral.js';
import { Book, countUpTo } from './book.js';
import { contract, type QueueContext } from './declaration.js';
import { openDayOf } from './itemMethods.js';
import { QUEUE_LIMITS, runOutcome, stages } from './records.js';
import { place, placeOf, rowsInOrder } from './rows.js';
import { dropAll, runQueue } from './run.js';
import { stalenessOf } from './window.js';

export const runMethods = {
  /**
   * One run of the liquidity-saving mechanism over the queue of a currency, by whoever asks: it moves nothing but what banks
   * have submitted, by rules that everybody can compute again.
   */
  resolve: contract.tx(
    {
      args: {
        currency: t.currency,
        /** `all` when left out. */
        stages: t.optional(stages),
        /** Payments to look at, from the head of the queue on; 5,000 when left out. */
        maxPayments: t.optional(t.uint(QUEUE_LIMITS.window)),
        /** Steps beyond those that stage one needs: the more, the further the last stage searches; 100,000 when left out. */
        searchSteps: t.optional(t.uint(QUEUE_LIMITS.searchSteps)),
      },
      returns: t.struct({ run: t.uint(), outcome: runOutcome, settled: t.uint(), value: t.amount }),
      auth: { sender: true },
    },
    (ctx, a) => {
      const { currency, stages: asked = 'all', maxPayments = QUEUE_LIMITS.defaultWindow } = a;
      const { searchSteps = QUEUE_LIMITS.defaultSearchSteps } = a;
      const day = openDayOf(ctx, currency) ?? ctx.fail('BUSINESS_DAY_CLOSED', { currency });
      const book = new Book(ctx, currency);
      const bilateral = new Bilateral(ctx, currency, day, (account) => book.account(account).limits > 0);
      const options = { day, stages: asked, maxPayments, searchSteps, trigger: 'demand' } as const;
      const { run, outcome, settled, value } = runQueue(ctx, book, bilateral, options);
      bilateral.save(ctx);
      book.save();
      return { run, outcome, settled: settled.length, value };
    },
  ),

  /**
   * Drops payments whose time is over from a stretch of the queue, and forgets what left it on business days before the newest
   * one. Whoever asks: it takes nothing that could still settle.
   */
  sweep: contract.tx(
    {
      args: { currency: t.currency, limit: t.uint(QUEUE_LIMITS.rows), after: t.optional(place) },
      returns: t.struct({ dropped: t.uint(), forgotten: t.uint(), next: t.optional(place) }),
      auth: { sender: true },
    },
    (ctx, { currency, limit, after }) => {
      const book = new Book(ctx, currency);
      const openDay = openDayOf(ctx, currency);
      const rows = rowsInOrder(ctx, book.queue, { currency, limit, after });
      const stale = rows.filter((row) => stalenessOf(ctx, row, openDay) !== undefined);
      dropAll(ctx, book, stale, openDay);
      book.save();
      const forgotten = forget(ctx, currency, limit);
      const isLast = rows.length < limit || countUpTo(book.queue.waiting) === 0;
      return { dropped: stale.length, forgotten, next: isLast ? undefined : placeOf(rows.at(-1)) };
    },
  ),
};

/** Deletes the oldest records, up to the first that waits or is of the newest business day. */
function forget(ctx: QueueContext, currency: string, limit: number): number {
  const { day: newest = 0 } = ctx.view(cash.methods.businessDay, { currency });
  let forgotten = 0;
  for (const { key, value } of ctx.state.items.entriesUnder([currency], limit)) {
    if (value.status === 'queued' || value.businessDay >= newest) break;
    ctx.state.items.delete(...key);
    forgotten += 1;
  }
  return forgotten;
}
