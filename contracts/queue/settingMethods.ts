import { t } from '../api/t.js';
import { cash } from '../cash/cash.js';
import { Book } from './book.js';
import { contract, reservationLock } from './declaration.js';
import { QUEUE_LIMITS } from './records.js';
import { reservedBy } from './window.js';

export const settingMethods = {
  /**
   * What the debtor may pay the creditor through the queue, net of what it receives from it, on one business day; no amount:
   * no limit. It binds payments of priority normal and counts those of every priority. What was paid on this day counts on.
   */
  setLimit: contract.tx(
    {
      args: { currency: t.currency, debtor: t.address, creditor: t.address, amount: t.optional(t.amount) },
      auth: { accounts: (a) => [a.debtor] },
    },
    (ctx, a) => {
      const { currency, debtor, creditor, amount } = a;
      if (debtor === creditor) ctx.fail('SAME_ACCOUNT', { account: debtor });
      if (ctx.account(creditor) === undefined) ctx.fail('ACCOUNT_UNKNOWN', { account: creditor });
      ctx.view(cash.methods.businessDay, { currency });
      const before = ctx.state.limits.find(currency, debtor, creditor);
      ctx.require(before?.amount !== amount, 'UNCHANGED');
      const book = new Book(ctx, currency);
      const change = (amount === undefined ? 0 : 1) - (before === undefined ? 0 : 1);
      const count = book.account(debtor).limits + change;
      const ofMember = book.member(debtor).limits + change;
      const all = book.queue.limits + change;
      ctx.require(count <= QUEUE_LIMITS.limitsPerDebtor, 'LIMITS_TOO_MANY', { limit: QUEUE_LIMITS.limitsPerDebtor });
      ctx.require(ofMember <= QUEUE_LIMITS.limitsPerMember, 'LIMITS_TOO_MANY', { limit: QUEUE_LIMITS.limitsPerMember });
      ctx.require(all <= QUEUE_LIMITS.limits, 'LIMITS_TOO_MANY', { limit: QUEUE_LIMITS.limits });
      book.changeAccount(debtor, { limits: count });
      book.changeMember(debtor, { limits: ofMember });
      book.changeQueue({ limits: all });
      if (amount === undefined) ctx.state.limits.delete(currency, debtor, creditor);
      else ctx.state.limits.set(currency, debtor, creditor, { paid: 0n, received: 0n, ...before, amount });
      book.save();
      ctx.emit('LimitSet', a);
    },
  ),

  /**
   * Sets an amount aside, in a lock of cash, for payments of a higher priority than normal; 0 gives it back. Only the queue
   * takes from it. What such payments have used is not filled up again by itself. What orders keep can be given back and not set
   * aside.
   */
  reserve: contract.tx(
    { args: { currency: t.currency, account: t.address, amount: t.amount }, auth: { accounts: (a) => [a.account] } },
    (ctx, { currency, account, amount }) => {
      const reserved = reservedBy(ctx, currency, account);
      ctx.require(reserved !== amount, 'UNCHANGED');
      const lock = reservationLock(account);
      const { balance, available } = ctx.view(cash.methods.position, { currency, account });
      if (amount > balance + reserved) {
        ctx.fail('INSUFFICIENT_FUNDS', { available: available + reserved, required: amount });
      }
      const isMore = amount > reserved;
      const back = isMore ? reserved : reserved - amount;
      if (back > 0n) ctx.call(cash.methods.release, { currency, lock, creditor: account, amount: back });
      if (isMore) ctx.call(cash.methods.lock, { currency, lock, debtor: account, amount });
      ctx.emit('Reserved', { currency, account, amount });
    },
  ),
};
