import { defineContract, map, t } from '../../../../contracts/api/index.js';

const asset = t.struct({ issuer: t.address, decimals: t.uint(18), supply: t.amount, paused: t.bool });

/** Fungible tokens of many issuers: the plainest contract that moves value. */
const token = defineContract({
  name: 'token',
  version: 1,
  state: {
    assets: map([t.id], asset),
    /** Asset, account → units; no entry for none. */
    balances: map([t.id, t.address], t.amount, 0n),
  },
  events: {
    Issued: { asset: t.id, account: t.address, amount: t.amount },
    Transferred: { asset: t.id, from: t.address, to: t.address, amount: t.amount },
  },
  errors: {
    ASSET_EXISTS: { asset: t.id },
    PAUSED_ASSET: { asset: t.id },
    AMOUNT_ZERO: {},
    INSUFFICIENT: { available: t.amount, required: t.amount },
  },
});

export const contract = token.build({
  issue: token.tx(
    {
      args: { asset: t.id, decimals: t.uint(18), issuer: t.address, account: t.address, amount: t.amount },
      auth: { accounts: (a) => [a.issuer] },
    },
    (ctx, a) => {
      ctx.require(!ctx.state.assets.has(a.asset), 'ASSET_EXISTS', { asset: a.asset });
      ctx.state.assets.set(a.asset, { issuer: a.issuer, decimals: a.decimals, supply: a.amount, paused: false });
      ctx.state.balances.set(a.asset, a.account, a.amount);
      ctx.emit('Issued', { asset: a.asset, account: a.account, amount: a.amount });
    },
  ),

  transfer: token.tx(
    {
      args: { asset: t.id, from: t.address, to: t.address, amount: t.amount },
      auth: { accounts: (a) => [a.from] },
    },
    (ctx, a) => {
      const { assets, balances } = ctx.state;
      ctx.require(!assets.get(a.asset).paused, 'PAUSED_ASSET', { asset: a.asset });
      ctx.require(a.amount > 0n, 'AMOUNT_ZERO');
      const available = balances.get(a.asset, a.from);
      ctx.require(available >= a.amount, 'INSUFFICIENT', { available, required: a.amount });
      balances.set(a.asset, a.from, available - a.amount);
      balances.set(a.asset, a.to, balances.get(a.asset, a.to) + a.amount);
      ctx.emit('Transferred', a);
    },
  ),

  balance: token.view({ args: { asset: t.id, account: t.address }, returns: t.amount }, (ctx, a) =>
    ctx.state.balances.get(a.asset, a.account),
  ),
});
