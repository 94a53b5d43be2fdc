import type { Address } from '../../primitives/types.js';
import { RANGE_LIMIT } from '../api/rangeLimit.js';
import { t } from '../api/t.js';
import { frozenRefusal, frozenSum } from '../freezes/freezeBook.js';
import { addTo, type LockKey, lockPage, locksOf, putIn, takeOut } from '../locks/lockBook.js';
import { SECURING } from '../locks/securing.js';
import { COUNTED_BEFORE, charge } from './charging.js';
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
import { countRuled } from './ruled.js';

/** Which sum is meant. */
interface CashLockKey {
  readonly currency: string;
  readonly contract: string;
  readonly lock: string;
}

const keyOf = ({ currency, contract: owner, lock }: CashLockKey): LockKey => [currency, owner, lock];

function requireLock(ctx: CashView, key: CashLockKey): { readonly debtor: Address; readonly amount: bigint } {
  return ctx.state.locks.find(...keyOf(key)) ?? ctx.fail('LOCK_UNKNOWN', key);
}

/** Whose lock is meant: nobody names another contract's. The conditions of the method have made sure of a caller. */
function ownLock(
  ctx: CashContext,
  { currency, lock }: { readonly currency: string; readonly lock: string },
): CashLockKey {
  const owner = ctx.callerContract ?? ctx.fail('UNAUTHORISED', { rule: 'contract', subject: 'transaction' });
  return { currency, contract: owner, lock };
}

/**
 * What leaves a lock counts as what is free does: orders keep a part of all that the account has. How much and how often an account
 * authorises, rules have counted as it was set aside; to whom it goes shows now, unless the contract had that counted before.
 */
function requireLeaving(
  ctx: CashContext,
  { currency, contract: owner }: CashLockKey,
  account: Address,
  credits: readonly Credit[],
): void {
  const controls = ctx.state.controls.get(currency, account);
  const { freezes } = controls;
  const leaving = credits.filter(({ creditor }) => creditor !== account);
  if (!COUNTED_BEFORE.includes(owner))
    countRuled(ctx, { currency, account }, controls, leaving, { isNew: false, isOutgoing: true, isPaid: true });
  if (freezes.length === 0) return;
  const required = leaving.reduce((sum, { amount }) => sum + amount, 0n);
  const held = ctx.state.balances.get(currency, account) + ctx.state.locked.get(currency, account);
  const refusal = frozenRefusal(account, { held, frozen: frozenSum(freezes, ctx.timestamp), required });
  if (refusal !== undefined) ctx.fail('FROZEN', refusal);
}

interface Credit {
  readonly creditor: Address;
  readonly amount: bigint;
}

/** Creditors of one step. */
const MAX_RELEASES = 256;

export const lockMethods = {
  /**
   * Sets a sum of the debtor's aside for the contract that calls: only that contract can release it. It counts against the
   * debtor's limits, but for what the contract has counted before.
   */
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
      const controls = debit(ctx, a.currency, a.debtor, a.amount);
      if (!COUNTED_BEFORE.includes(key.contract))
        charge(ctx, { currency: a.currency, account: a.debtor }, controls, [{ amount: a.amount }], false);
      putIn(ctx.state, keyOf(key), a.debtor, { debtor: a.debtor, amount: a.amount });
      ctx.emit('Locked', { ...key, debtor: a.debtor, amount: a.amount });
    },
  ),

  /**
   * Pays a sum of the debtor's into a lock that the contract that calls holds for the creditor: as a transfer does, but that the money
   * stays with the contract, and that `credit` and `repo` may owe it to a suspended creditor. A debtor that is the creditor, too, adds
   * to its own lock.
   */
  payIn: contract.tx(
    {
      args: { currency: t.currency, lock: t.id, debtor: t.address, creditor: t.address, amount: t.amount },
      auth: { byContract: true, accounts: (a) => [a.debtor] },
    },
    (ctx, { currency, debtor, creditor, amount, lock }) => {
      const key = ownLock(ctx, { currency, lock });
      requireOpenDay(ctx, currency);
      ctx.require(amount > 0n, 'AMOUNT_ZERO');
      if (!SECURING.includes(key.contract)) ctx.requireAccount(creditor);
      else if (ctx.account(creditor) === undefined) ctx.fail('ACCOUNT_UNKNOWN', { account: creditor });
      const held = ctx.state.locks.find(...keyOf(key));
      ctx.require(held === undefined || held.debtor === creditor, 'LOCK_EXISTS', key);
      const controls = debit(ctx, currency, debtor, amount);
      const authorised = debtor === creditor ? { amount } : { amount, creditor };
      charge(ctx, { currency, account: debtor }, controls, [authorised], true);
      if (held === undefined) putIn(ctx.state, keyOf(key), creditor, { debtor: creditor, amount });
      else addTo(ctx.state, keyOf(key), creditor, held, amount);
      ctx.emit('PaidIn', { ...key, debtor, creditor, amount });
    },
  ),

  /**
   * Pays a part of a lock, or all of it, to a creditor. The debtor has authorised the contract that calls, by the lock; while
   * the debtor is suspended, or orders keep as much as it has, nothing leaves; what secures a claim is paid though its debtor is
   * suspended. To the debtor itself it goes back in any case.
   */
  release: contract.tx(
    { args: { currency: t.currency, lock: t.id, creditor: t.address, amount: t.amount }, auth: { byContract: true } },
    (ctx, a) => {
      const key = ownLock(ctx, a);
      ctx.require(a.amount > 0n, 'AMOUNT_ZERO');
      const held = requireLock(ctx, key);
      if (a.creditor !== held.debtor) {
        requireOpenDay(ctx, a.currency);
        if (!SECURING.includes(key.contract)) ctx.requireAccount(held.debtor);
        ctx.requireAccount(a.creditor);
      }
      ctx.require(a.amount <= held.amount, 'LOCK_INSUFFICIENT', { locked: held.amount, required: a.amount });
      if (a.creditor !== held.debtor) requireLeaving(ctx, key, held.debtor, [a]);
      const remaining = takeOut(ctx.state, keyOf(key), held.debtor, held, a.amount);
      credit(ctx, a.currency, a.creditor, a.amount);
      ctx.emit('Released', { ...key, debtor: held.debtor, creditor: a.creditor, amount: a.amount, remaining });
    },
  ),

  /**
   * Pays parts of a lock to many creditors in one step: each of them as by `release`, or none. The contract that calls tells of
   * each payment.
   */
  releaseMany: contract.tx(
    {
      args: {
        currency: t.currency,
        lock: t.id,
        credits: t.list(t.struct({ creditor: t.address, amount: t.amount }), MAX_RELEASES, 1),
      },
      auth: { byContract: true },
    },
    (ctx, { currency, lock, credits }) => {
      const key = ownLock(ctx, { currency, lock });
      const held = requireLock(ctx, key);
      const { debtor } = held;
      let [total, leaving] = [0n, 0n];
      for (const { creditor, amount } of credits) {
        ctx.require(amount > 0n, 'AMOUNT_ZERO');
        total += amount;
        if (creditor !== debtor) leaving += amount;
      }
      if (leaving > 0n) {
        requireOpenDay(ctx, currency);
        for (const account of [debtor, ...credits.map(({ creditor }) => creditor)]) ctx.requireAccount(account);
      }
      ctx.require(total <= held.amount, 'LOCK_INSUFFICIENT', { locked: held.amount, required: total });
      if (leaving > 0n) requireLeaving(ctx, key, debtor, credits);
      const remaining = takeOut(ctx.state, keyOf(key), debtor, held, total);
      for (const { creditor, amount } of credits) credit(ctx, currency, creditor, amount);
      ctx.emit('ReleasedMany', { ...key, debtor, amount: total, payments: credits.length, remaining });
    },
  ),

  /**
   * Gives all of a lock back to the account that it came from, and to nobody else: the members' way out of a contract that
   * does not release what it holds. No money changes hands, so no business day has to be open.
   */
  returnLock: contract.tx({ args: lockKey, auth: { contracts: ['governance'] } }, (ctx, key) => {
    const held = requireLock(ctx, key);
    const { debtor, amount } = held;
    takeOut(ctx.state, keyOf(key), debtor, held, amount);
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
      args: { currency: t.currency, ...lockPage },
      returns: t.list(t.struct({ lock: t.id, debtor: t.address, amount: t.amount }), RANGE_LIMIT),
    },
    (ctx, a) => locksOf(ctx.state.locks, a.currency, a),
  ),

  /** The sum of an account's locks: its own still, and no part of its balance. */
  locked: contract.view({ args: { currency: t.currency, account: t.address }, returns: t.amount }, (ctx, a) => {
    requireCurrency(ctx, a.currency);
    return ctx.state.locked.get(a.currency, a.account);
  }),
};
