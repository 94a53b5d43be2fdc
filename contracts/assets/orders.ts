import { t } from '../api/t.js';
import { describeFreezes, freezes, freezesFields, seizedFrom } from '../freezes/freezeBook.js';
import { contract, requireInstrument, requireWhole, seizure } from './declaration.js';
import { give, putFreezes, take } from './holdings.js';

/** What authorities order: the contract `orders` has made sure of their right, and that two persons have signed. */

const byOrders = { contracts: ['orders'] } as const;

export const orderMethods = {
  /** Puts these freezes of an account in the place of those that it had. */
  setFreezes: contract.tx(
    { args: { instrument: t.id, account: t.address, freezes }, auth: byOrders },
    (ctx, { instrument, account, freezes: all }) => {
      requireInstrument(ctx, instrument);
      // How many units are meant is not certain before every holding is split.
      if (all.some(({ amount }) => amount !== undefined)) requireWhole(ctx, instrument);
      putFreezes(ctx, account, instrument, all);
      ctx.emit('FreezesSet', { instrument, account, freezes: all });
    },
  ),

  /**
   * Delivers out of what an account has free, whether orders keep it or not, whether the account is suspended or not, and whether
   * the instrument is paused or not, and to whom the order says: no issuer stands above an order. Nothing is taken from a lock: its contract has promised it.
   */
  seize: contract.tx({ args: seizure, auth: byOrders }, (ctx, a) => {
    const { instrument, from, to, amount: required } = a;
    requireInstrument(ctx, instrument);
    ctx.require(required > 0n, 'AMOUNT_ZERO');
    ctx.require(from !== to, 'SAME_ACCOUNT', { account: from });
    ctx.requireAccount(to);
    const locked = ctx.state.locked.get(instrument, from);
    const free = ctx.state.holdings.get(instrument, from) - locked;
    if (free < required) {
      if (locked === 0n) ctx.fail('INSUFFICIENT_UNITS', { available: free, required });
      ctx.fail('LOCKED', { free, locked, required });
    }
    const { timestamp } = ctx;
    const before = ctx.state.controls.get(instrument, from).freezes;
    const { freezes: left, frozenUsed } = seizedFrom(before, { ...a, free, timestamp });
    putFreezes(ctx, from, instrument, left);
    take(ctx, from, instrument, required);
    give(ctx, to, instrument, required);
    ctx.emit('Seized', { ...a, frozenUsed });
  }),
};

export const orderViews = {
  /** What orders keep of an account's units, and what of them may leave. */
  freezes: contract.view(
    { args: { instrument: t.id, account: t.address }, returns: t.struct(freezesFields) },
    (ctx, { instrument, account }) => {
      requireInstrument(ctx, instrument);
      const locked = ctx.state.locked.get(instrument, account);
      const free = ctx.state.holdings.get(instrument, account) - locked;
      const { timestamp } = ctx;
      return describeFreezes(ctx.state.controls.get(instrument, account).freezes, { free, locked, timestamp });
    },
  ),
};
