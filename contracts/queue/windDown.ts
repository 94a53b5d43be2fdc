import { t } from '../api/t.js';
import { cash } from '../cash/cash.js';
import { Book, countUpTo } from './book.js';
import { contract, type QueueContext, reservationLock, type Waiting } from './declaration.js';
import { isIssuer, openDayOf } from './itemMethods.js';
import { QUEUE_LIMITS } from './records.js';
import { place, placeOf, rowsInOrder } from './rows.js';
import { dropAll } from './run.js';
import { reservedBy, stalenessOf } from './window.js';

export const windDownMethods = {
  /**
   * Takes payments out for good that suspended accounts of a member send, from a stretch of the queue: by the central bank that issues
   * the currency, for a member that is wound down. What is over is dropped as a sweep does. What comes in for it stays.
   */
  cancelOf: contract.tx(
    {
      args: {
        currency: t.currency,
        member: t.bic,
        limit: t.uint(QUEUE_LIMITS.rows),
        after: t.optional(place),
      },
      returns: t.struct({ cancelled: t.uint(), amount: t.amount, dropped: t.uint(), next: t.optional(place) }),
      auth: { roles: ['centralBank'] },
    },
    (ctx, { currency, member, limit, after }) => {
      const openDay = openDayOf(ctx, currency);
      if (!isIssuer(ctx, currency)) ctx.fail('NOT_ISSUER', { currency });
      const { member: by } = ctx.requireAccount(ctx.sender);
      const book = new Book(ctx, currency);
      const rows = rowsInOrder(ctx, book.queue, { currency, limit, after });
      const own = rows.filter((row) => isSuspendedOf(ctx, row, member));
      const isOver = (row: Waiting): boolean => stalenessOf(ctx, row, openDay) !== undefined;
      const [stale, cancelled] = [own.filter(isOver), own.filter((row) => !isOver(row))];
      dropAll(ctx, book, stale, openDay);
      let amount = 0n;
      for (const waiting of cancelled) {
        book.finish(waiting, 'cancelled');
        amount += waiting.amount;
        ctx.emit('Cancelled', { currency, id: waiting.id, by });
      }
      book.save();
      const isLast = rows.length < limit || countUpTo(book.queue.waiting) === 0;
      const next = isLast ? undefined : placeOf(rows.at(-1));
      return { cancelled: cancelled.length, amount, dropped: stale.length, next };
    },
  ),

  /** Gives a suspended account back what it has reserved, and cannot give back itself: by the central bank that issues the currency. */
  returnReserved: contract.tx(
    {
      args: { currency: t.currency, account: t.address },
      returns: t.struct({ amount: t.amount }),
      auth: { roles: ['centralBank'] },
    },
    (ctx, { currency, account }) => {
      ctx.view(cash.methods.businessDay, { currency });
      if (!isIssuer(ctx, currency)) ctx.fail('NOT_ISSUER', { currency });
      ctx.require(ctx.account(account)?.active === false, 'NOT_SUSPENDED', { account });
      const amount = reservedBy(ctx, currency, account);
      ctx.require(amount > 0n, 'UNCHANGED');
      const lock = reservationLock(account);
      ctx.call(cash.methods.release, { currency, lock, creditor: account, amount });
      ctx.emit('Reserved', { currency, account, amount: 0n });
      return { amount };
    },
  ),
};

function isSuspendedOf(ctx: QueueContext, { debtor }: Waiting, member: string): boolean {
  const account = ctx.account(debtor);
  return account?.member === member && !account.active;
}
