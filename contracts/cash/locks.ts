import type { Address } from '../../primitives/types.js';
import { RANGE_LIMIT } from '../api/rangeLimit.js';
import { t } from '../api/t.js';
import {
  type CashContext,
  type CashView,
  contract,
  credit,
  debit,
  lockKey,
  requireCurrency,
  requireOpenDay,
} from './declaration.js';

/** Which sum is meant. */
interface LockKey {
  readonly currency: string;
  readonly contract: string;
  readonly lock: string;
}

interface Lock {
  readonly debtor: Address;
  readonly amount: bigint;
}

function requireLock(ctx: CashView, { currency, contract: owner, lock }: LockKey): Lock {
  return ctx.state.locks.find(currency, owner, lock) ?? ctx.fail('LOCK_UNKNOWN', { currency, contract: owner, lock });
}

/** Whose lock is meant: nobody names another contract's. The conditions of the method have made sure of a caller. */
function ownLock(ctx: CashContext, { currency, lock }: { readonly currency: string; readonly lock: string }): LockKey {
  const owner = ctx.callerContract ?? ctx.fail('UNAUTHORISED', { rule: 'contract', subject: 'transaction' });
  return { currency, contract: owner, lock };
}

/** Takes a part out of a lock. @returns what remains in it */
function takeOut(ctx: CashContext, { currency, contract: owner, lock }: LockKey, held: Lock, amount: bigint): bigint {
  ctx.require(amount <= held.amount, 'LOCK_INSUFFICIENT', { locked: held.amount, required: amount });
  const remaining = held.amount - amount;
  if (remaining === 0n) ctx.state.locks.delete(currency, owner, lock);
  else ctx.state.locks.set(currency, owner, lock, { debtor: held.debtor, amount: remaining });
  const locked = ctx.state.locked.get(currency, held.debtor) - amount;
  if (locked === 0n) ctx.state.locked.delete(currency, held.debtor);
  else ctx.state.locked.set(currency, held.debtor, locked);
  return remaining;
}

export const lockMethods = {
  /** Sets a sum of the debtor's aside for the contract that calls: only that contract can release it. */
  lock: contract.tx(
    {
      args: { currency: t.currency, lock: t.id, debtor: t.address, amount: t.amount },
      auth: { byContract: true, accounts: (a) => [a.debtor] },
    },
    (ctx, a) => {
      const key = ownLock(ctx, a);
      requireOpenDay(ctx, a.currency);
      ctx.require(a.amount > 0n, 'AMOUNT_ZERO');
      ctx.require(!ctx.state.locks.has(key.currency, key.contract, key.lock), 'LOCK_EXISTS', key);
      debit(ctx, a.currency, a.debtor, a.amount);
      ctx.state.locks.set(key.currency, key.contract, key.lock, { debtor: a.debtor, amount: a.amount });
      ctx.state.locked.set(a.currency, a.debtor, ctx.state.locked.get(a.currency, a.debtor) + a.amount);
      ctx.emit('Locked', { ...key, debtor: a.debtor, amount: a.amount });
    },
  ),

  /**
   * Pays a part of a lock, or all of it, to a creditor, who may be the debtor. The debtor has authorised the contract that
   * calls, by the lock; while the debtor is suspended, nothing leaves.
   */
  release: contract.tx(
    { args: { currency: t.currency, lock: t.id, creditor: t.address, amount: t.amount }, auth: { byContract: true } },
    (ctx, a) => {
      const key = ownLock(ctx, a);
      requireOpenDay(ctx, a.currency);
      ctx.require(a.amount > 0n, 'AMOUNT_ZERO');
      const held = requireLock(ctx, key);
      ctx.requireAccount(held.debtor);
      ctx.requireAccount(a.creditor);
      const remaining = takeOut(ctx, key, held, a.amount);
      credit(ctx, a.currency, a.creditor, a.amount);
      ctx.emit('Released', { ...key, debtor: held.debtor, creditor: a.creditor, amount: a.amount, remaining });
    },
  ),

  /**
   * Gives all of a lock back to the account that it came from, and to nobody else: the members' way out of a contract that
   * does not release what it holds. No money changes hands, so no business day has to be open.
   */
  returnLock: contract.tx({ args: lockKey, auth: { contracts: ['governance'] } }, (ctx, key) => {
    const { debtor, amount } = requireLock(ctx, key);
    takeOut(ctx, key, { debtor, amount }, amount);
    credit(ctx, key.currency, debtor, amount);
    ctx.emit('LockReturned', { ...key, debtor, amount });
  }),
};

export const lockViews = {
  lockOf: contract.view(
    { args: lockKey, returns: t.optional(t.struct({ debtor: t.address, amount: t.amount })) },
    (ctx, key) => ctx.state.locks.find(key.currency, key.contract, key.lock),
  ),

  /** What one contract holds, in the order of its locks. */
  locks: contract.view(
    {
      args: { currency: t.currency, contract: t.id, limit: t.uint(RANGE_LIMIT), after: t.optional(t.id) },
      returns: t.list(t.struct({ lock: t.id, debtor: t.address, amount: t.amount }), RANGE_LIMIT),
    },
    (ctx, { currency, contract: owner, limit, after }) =>
      ctx.state.locks
        .entriesUnder([currency, owner], limit, after === undefined ? undefined : [currency, owner, after])
        .map(({ key: [, , lock], value }) => ({ lock, ...value })),
  ),

  /** The sum of an account's locks: its own still, and no part of its balance. */
  locked: contract.view({ args: { currency: t.currency, account: t.address }, returns: t.amount }, (ctx, a) => {
    requireCurrency(ctx, a.currency);
    return ctx.state.locked.get(a.currency, a.account);
  }),
};
