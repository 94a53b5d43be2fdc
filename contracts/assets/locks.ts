import type { Address } from '../../primitives/types.js';
import { RANGE_LIMIT } from '../api/rangeLimit.js';
import { t } from '../api/t.js';
import { type LockKey, lockPage, locksOf, putIn, takeOut } from '../locks/lockBook.js';
import { SECURING } from '../locks/securing.js';
import {
  type AssetsContext,
  type AssetsView,
  contract,
  lockKey,
  requireInstrument,
  requireTransferable,
} from './declaration.js';
import { credit, noteFreed, requireFree, requireHeldUnfrozen, requireLockable, take } from './holdings.js';

/** Which units are meant. */
interface UnitsLockKey {
  readonly instrument: string;
  readonly contract: string;
  readonly lock: string;
}

const keyOf = ({ instrument, contract: owner, lock }: UnitsLockKey): LockKey => [instrument, owner, lock];

function requireLock(ctx: AssetsView, key: UnitsLockKey): { readonly holder: Address; readonly amount: bigint } {
  return ctx.state.locks.find(...keyOf(key)) ?? ctx.fail('LOCK_UNKNOWN', key);
}

/** Whose lock is meant: nobody names another contract's. The conditions of the method have made sure of a caller. */
function ownLock(
  ctx: AssetsContext,
  { instrument, lock }: { readonly instrument: string; readonly lock: string },
): UnitsLockKey {
  const owner = ctx.callerContract ?? ctx.fail('UNAUTHORISED', { rule: 'contract', subject: 'transaction' });
  return { instrument, contract: owner, lock };
}

export const lockMethods = {
  /**
   * Sets units of the holder's aside for the contract that calls: only that contract can release them. None that are being redeemed
   * are locked for what would deliver them.
   */
  lock: contract.tx(
    {
      args: { instrument: t.id, lock: t.id, holder: t.address, amount: t.amount },
      auth: { byContract: true, accounts: (a) => [a.holder] },
    },
    (ctx, a) => {
      const key = ownLock(ctx, a);
      requireTransferable(ctx, a.instrument);
      ctx.require(a.amount > 0n, 'AMOUNT_ZERO');
      ctx.require(!ctx.state.locks.has(...keyOf(key)), 'LOCK_EXISTS', key);
      requireLockable(ctx, a.instrument, key.contract);
      requireFree(ctx, a.holder, a.instrument, a.amount);
      putIn(ctx.state, keyOf(key), a.holder, { holder: a.holder, amount: a.amount });
      ctx.emit('Locked', { ...key, holder: a.holder, amount: a.amount });
    },
  ),

  /**
   * Delivers a part of a lock, or all of it. The holder has authorised the contract that calls, by the lock; while the holder
   * is suspended, the instrument is paused or orders keep as much as it holds, nothing leaves; collateral alone is delivered though its
   * holder is suspended. To the holder itself it goes back in any case.
   */
  release: contract.tx(
    { args: { instrument: t.id, lock: t.id, to: t.address, amount: t.amount }, auth: { byContract: true } },
    (ctx, a) => {
      const key = ownLock(ctx, a);
      ctx.require(a.amount > 0n, 'AMOUNT_ZERO');
      const held = requireLock(ctx, key);
      const { holder } = held;
      if (a.to !== holder) {
        requireTransferable(ctx, a.instrument);
        // A holder that is suspended does not keep it from whom it secures.
        if (!SECURING.includes(key.contract)) ctx.requireAccount(holder);
        ctx.requireAccount(a.to);
      }
      ctx.require(a.amount <= held.amount, 'LOCK_INSUFFICIENT', { locked: held.amount, required: a.amount });
      if (a.to !== holder) requireHeldUnfrozen(ctx, holder, a.instrument, a.amount);
      const remaining = takeOut(ctx.state, keyOf(key), holder, held, a.amount);
      noteFreed(ctx, a.instrument, key.contract);
      if (a.to !== holder) {
        take(ctx, holder, a.instrument, a.amount);
        credit(ctx, a.to, a.instrument, a.amount);
      }
      ctx.emit('Released', { ...key, holder, to: a.to, amount: a.amount, remaining });
    },
  ),

  /**
   * Gives all of a lock back to the account that it came from, and to nobody else: the members' way out of a contract that
   * does not release what it holds.
   */
  returnLock: contract.tx({ args: lockKey, auth: { contracts: ['governance'] } }, (ctx, key) => {
    const held = requireLock(ctx, key);
    const { holder, amount } = held;
    takeOut(ctx.state, keyOf(key), holder, held, amount);
    noteFreed(ctx, key.instrument, key.contract);
    ctx.emit('LockReturned', { ...key, holder, amount });
  }),
};

export const lockViews = {
  lockOf: contract.view(
    { args: lockKey, returns: t.optional(t.struct({ holder: t.address, amount: t.amount })) },
    (ctx, key) => ctx.state.locks.find(...keyOf(key)),
  ),

  /** What one contract holds of an instrument, in the order of its locks. */
  locks: contract.view(
    {
      args: { instrument: t.id, ...lockPage },
      returns: t.list(t.struct({ lock: t.id, holder: t.address, amount: t.amount }), RANGE_LIMIT),
    },
    (ctx, a) => locksOf(ctx.state.locks, a.instrument, a),
  ),

  /** What of an account's holding is free, and what contracts hold of it: the two are the holding. */
  position: contract.view(
    { args: { account: t.address, instrument: t.id }, returns: t.struct({ free: t.amount, locked: t.amount }) },
    (ctx, a) => {
      requireInstrument(ctx, a.instrument);
      const locked = ctx.state.locked.get(a.instrument, a.account);
      return { free: ctx.state.holdings.get(a.instrument, a.account) - locked, locked };
    },
  ),
};
