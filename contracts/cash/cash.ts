import { LIMITS } from '../../primitives/limits.js';
import type { Address } from '../../primitives/types.js';
import { t } from '../api/t.js';
import { availableOf, frozenSum, shownFrozen } from '../freezes/freezeBook.js';
import { dayMethods } from './businessDays.js';
import { charge } from './charging.js';
import { currencyOptions } from './currencyMethod.js';
import {
  byIssuer,
  type CashContext,
  type CashView,
  contract,
  credit,
  cutOff,
  debit,
  fundsFields,
  movement,
  requireCurrency,
  requireIssuer,
  requireOpenDay,
  transfer,
} from './declaration.js';
import { figuresViews } from './figures.js';
import { limitMethods, limitViews } from './limits.js';
import { lockMethods, lockViews } from './locks.js';
import { orderMethods, orderViews } from './orders.js';
import { countRuled, ruledMethods } from './ruled.js';

/** Currencies that one network may have. */
const MAX_CURRENCIES = 100;

/** Accounts of one settlement by net position. */
const MAX_NET_POSITIONS = 256;

/** An entry in the central bank's own books stands behind each change of supply, and behind one only. */
function useReserveReference(ctx: CashContext, currency: string, reserveReference: string): void {
  const isNew = ctx.once(`reserve/${currency}`, reserveReference, 0);
  ctx.require(isNew, 'RESERVE_REFERENCE_USED', { reserveReference });
}

const supplyMethods = {
  genesisCurrency: contract.tx(
    { args: { currency: t.currency, decimals: t.uint(6), issuer: t.bic }, auth: { genesis: true } },
    (ctx, { currency, decimals, issuer }) => {
      ctx.require(!ctx.state.currencies.has(currency), 'CURRENCY_EXISTS', { currency });
      ctx.state.currencies.set(currency, { decimals, issuer });
      ctx.state.supply.set(currency, { issued: 0n, redeemed: 0n });
      ctx.state.days.set(currency, { isOpen: false });
    },
  ),

  /** Creates cash against reserves that the central bank has debited under the reference. */
  issue: contract.tx({ args: movement, auth: byIssuer }, (ctx, a) => {
    requireIssuer(ctx, a.currency);
    ctx.require(a.amount > 0n, 'AMOUNT_ZERO');
    ctx.requireAccount(a.account);
    useReserveReference(ctx, a.currency, a.reserveReference);
    const supply = ctx.state.supply.get(a.currency);
    ctx.state.supply.set(a.currency, { ...supply, issued: supply.issued + a.amount });
    credit(ctx, a.currency, a.account, a.amount);
    ctx.emit('Issued', a);
  }),

  /** Destroys cash against reserves credited under the reference; the account that is debited authorises it, too. */
  redeem: contract.tx({ args: movement, auth: { ...byIssuer, accounts: (a) => [a.account] } }, (ctx, a) => {
    requireIssuer(ctx, a.currency);
    ctx.require(a.amount > 0n, 'AMOUNT_ZERO');
    useReserveReference(ctx, a.currency, a.reserveReference);
    debit(ctx, a.currency, a.account, a.amount);
    const supply = ctx.state.supply.get(a.currency);
    ctx.state.supply.set(a.currency, { ...supply, redeemed: supply.redeemed + a.amount });
    ctx.emit('Redeemed', a);
  }),
};

const transferMethods = {
  /** The cash leg of a delivery versus payment; a payment with a reference of its own goes through `payments`. */
  transfer: contract.tx({ args: transfer, auth: { accounts: (a) => [a.debtor] } }, (ctx, a) => {
    requireOpenDay(ctx, a.currency);
    ctx.require(a.amount > 0n, 'AMOUNT_ZERO');
    ctx.require(a.debtor !== a.creditor, 'SAME_ACCOUNT', { account: a.debtor });
    ctx.requireAccount(a.creditor);
    const controls = debit(ctx, a.currency, a.debtor, a.amount);
    charge(ctx, { currency: a.currency, account: a.debtor }, controls, [a], true);
    credit(ctx, a.currency, a.creditor, a.amount);
    ctx.emit('Transferred', a);
  }),

  /**
   * Many credits for one debit. The caller has checked, by `position`, that the business day is open, and that the creditors may
   * take part, and tells of each payment. What the queue settles was counted against the debtor's limits as it was submitted.
   */
  transferMany: contract.tx(
    {
      args: {
        currency: t.currency,
        debtor: t.address,
        credits: t.list(t.struct({ creditor: t.address, amount: t.amount }), LIMITS.paymentsPerBatch, 1),
      },
      auth: { contracts: ['payments', 'queue'], accounts: (a) => [a.debtor] },
    },
    (ctx, { currency, debtor, credits }) => {
      let total = 0n;
      const byCreditor = new Map<Address, bigint>();
      for (const { creditor, amount } of credits) {
        ctx.require(amount > 0n, 'AMOUNT_ZERO');
        if (creditor === debtor) ctx.fail('SAME_ACCOUNT', { account: debtor });
        total += amount;
        byCreditor.set(creditor, (byCreditor.get(creditor) ?? 0n) + amount);
      }
      const controls = debit(ctx, currency, debtor, total);
      const owner = { currency, account: debtor };
      const isQueue = ctx.callerContract === 'queue';
      if (isQueue) countRuled(ctx, owner, controls, credits, { isNew: false, isOutgoing: false, isPaid: true });
      else charge(ctx, owner, controls, credits, true);
      for (const [creditor, amount] of byCreditor) credit(ctx, currency, creditor, amount);
    },
  ),
};

/** One account's part of a settlement by net position. */
const netPosition = t.struct({ account: t.address, isDebit: t.bool, amount: t.amount });

const netMethods = {
  /**
   * Many payments at once by what each account pays or receives of all of them together: whole or not at all. Their debtors
   * have authorised the payments when they submitted them.
   */
  settleNet: contract.tx(
    {
      args: { currency: t.currency, positions: t.list(netPosition, MAX_NET_POSITIONS, 1) },
      auth: { contracts: ['queue'] },
    },
    (ctx, { currency, positions }) => {
      requireOpenDay(ctx, currency);
      let sum = 0n;
      for (const { account, isDebit, amount } of positions) {
        ctx.require(amount > 0n, 'AMOUNT_ZERO');
        ctx.requireAccount(account);
        sum += isDebit ? -amount : amount;
      }
      ctx.require(sum === 0n, 'NET_UNBALANCED', { isDebit: sum < 0n, amount: sum < 0n ? -sum : sum });
      for (const { account, isDebit, amount } of positions) if (isDebit) debit(ctx, currency, account, amount);
      for (const { account, isDebit, amount } of positions) if (!isDebit) credit(ctx, currency, account, amount);
    },
  ),
};

const views = {
  balance: contract.view({ args: { currency: t.currency, account: t.address }, returns: t.amount }, (ctx, a) => {
    requireCurrency(ctx, a.currency);
    return ctx.state.balances.get(a.currency, a.account);
  }),

  /** The account's balance in every currency of the network. */
  balances: contract.view(
    {
      args: { account: t.address },
      returns: t.list(t.struct({ currency: t.currency, balance: t.amount }), MAX_CURRENCIES),
    },
    (ctx, { account }) =>
      ctx.state.currencies
        .entries(MAX_CURRENCIES)
        .map(({ key: [currency] }) => ({ currency, balance: ctx.state.balances.get(currency, account) })),
  ),

  /** One currency, undefined where the network does not have it. */
  currency: contract.view(currencyOptions, (ctx, { currency }) => ctx.state.currencies.find(currency)),

  currencies: contract.view(
    {
      args: {},
      returns: t.list(t.struct({ currency: t.currency, decimals: t.uint(6), issuer: t.bic }), MAX_CURRENCIES),
    },
    (ctx) => ctx.state.currencies.entries(MAX_CURRENCIES).map(({ key, value }) => ({ currency: key[0], ...value })),
  ),

  /** What is outstanding, issued - redeemed, is what all balances and all locks are together, and what the reserve account holds. */
  supply: contract.view(
    {
      args: { currency: t.currency },
      returns: t.struct({ issued: t.amount, redeemed: t.amount, outstanding: t.amount }),
    },
    (ctx, { currency }) => {
      requireCurrency(ctx, currency);
      const { issued, redeemed } = ctx.state.supply.get(currency);
      return { issued, redeemed, outstanding: issued - redeemed };
    },
  ),

  businessDay: contract.view(
    { args: { currency: t.currency }, returns: t.struct({ day: t.optional(t.day), isOpen: t.bool, ...cutOff }) },
    (ctx, { currency }) => {
      requireCurrency(ctx, currency);
      return ctx.state.days.get(currency);
    },
  ),

  /**
   * What a payment depends on: the open business day, if one is open, what the debtor may spend, the cut-off, once it keeps the
   * debtor from new payments, and whether it has limits, and rules of an authority.
   */
  position: contract.view(
    {
      args: { currency: t.currency, account: t.address },
      returns: t.struct({ ...fundsFields, passedCutOffAt: t.optional(t.uint()), isLimited: t.bool, isRuled: t.bool }),
    },
    (ctx, { currency, account }) => {
      const { day, isOpen, cutOffAt } = ctx.state.days.find(currency) ?? ctx.fail('CURRENCY_UNKNOWN', { currency });
      const balance = ctx.state.balances.get(currency, account);
      const { freezes, limits, isRuled } = ctx.state.controls.get(currency, account);
      const frozen = frozenSum(freezes, ctx.timestamp);
      const isPast = cutOffAt !== undefined && ctx.timestamp >= cutOffAt && !isIssuers(ctx, currency, account);
      return {
        openDay: isOpen ? day : undefined,
        balance,
        available: availableOf(balance, frozen),
        frozen: shownFrozen(frozen),
        isBlocked: frozen > balance,
        passedCutOffAt: isPast ? cutOffAt : undefined,
        isLimited: limits !== undefined,
        isRuled,
      };
    },
  ),
};

/** The issuer of a currency ends its day: what it pays itself is bound by no cut-off. */
function isIssuers(ctx: CashView, currency: string, account: Address): boolean {
  return ctx.account(account)?.member === requireCurrency(ctx, currency).issuer;
}

/** Money of the central banks, tokenised: supply, balances, locks, business days, and what orders keep or take. */
export const cash = contract.build({
  ...supplyMethods,
  ...transferMethods,
  ...netMethods,
  ...lockMethods,
  ...dayMethods,
  ...orderMethods,
  ...limitMethods,
  ...ruledMethods,
  ...views,
  ...figuresViews,
  ...lockViews,
  ...orderViews,
  ...limitViews,
});
