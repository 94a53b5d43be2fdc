import { t } from '../api/t.js';
import { describeFreezes, freezes, freezesFields, seizedFrom } from '../freezes/freezeBook.js';
import { putControls } from './controls.js';
import { contract, credit, requireCurrency, requireOpenDay, seizure } from './declaration.js';

/** What authorities order: the contract `orders` has made sure of their right, and that two persons have signed. */

const byOrders = { contracts: ['orders'] } as const;

export const orderMethods = {
  /** Puts these freezes of an account in the place of those that it had. */
  setFreezes: contract.tx(
    { args: { currency: t.currency, account: t.address, freezes }, auth: byOrders },
    (ctx, { currency, account, freezes: all }) => {
      requireCurrency(ctx, currency);
      putControls(ctx.state.controls, currency, account, {
        ...ctx.state.controls.get(currency, account),
        freezes: all,
      });
      ctx.emit('FreezesSet', { currency, account, freezes: all });
    },
  ),

  /**
   * Pays out of what an account has free, whether orders keep it or not, and whether the account is suspended or not. Nothing is
   * taken from a lock: its contract has promised it.
   */
  seize: contract.tx({ args: seizure, auth: byOrders }, (ctx, a) => {
    const { currency, from, to, amount: required } = a;
    requireOpenDay(ctx, currency);
    ctx.require(required > 0n, 'AMOUNT_ZERO');
    ctx.require(from !== to, 'SAME_ACCOUNT', { account: from });
    ctx.requireAccount(to);
    const free = ctx.state.balances.get(currency, from);
    const locked = ctx.state.locked.get(currency, from);
    if (free < required) {
      if (locked === 0n) ctx.fail('INSUFFICIENT_FUNDS', { available: free, required });
      ctx.fail('LOCKED', { free, locked, required });
    }
    const row = ctx.state.controls.get(currency, from);
    const { timestamp } = ctx;
    const { freezes: left, frozenUsed } = seizedFrom(row.freezes, { ...a, free, timestamp });
    putControls(ctx.state.controls, currency, from, { ...row, freezes: left });
    ctx.state.balances.set(currency, from, free - required);
    credit(ctx, currency, to, required);
    ctx.emit('Seized', { ...a, frozenUsed });
  }),
};

export const orderViews = {
  /** What orders keep in an account, and what of it may leave. */
  freezes: contract.view(
    { args: { currency: t.currency, account: t.address }, returns: t.struct(freezesFields) },
    (ctx, { currency, account }) => {
      requireCurrency(ctx, currency);
      const free = ctx.state.balances.get(currency, account);
      const locked = ctx.state.locked.get(currency, account);
      const { timestamp } = ctx;
      return describeFreezes(ctx.state.controls.get(currency, account).freezes, { free, locked, timestamp });
    },
  ),
};
