import type { Address } from '../../primitives/types.js';
import type { TxContext, ViewContext } from '../api/context.js';
import { defineContract } from '../api/define.js';
import { t } from '../api/t.js';
import { CASH, cashState } from './state.js';

/** Characters of an external reference, ISO 20022 Max35Text. */
const MAX_REFERENCE = 35;

export const movement = {
  currency: t.currency,
  account: t.address,
  amount: t.amount,
  reserveReference: t.text(MAX_REFERENCE),
};
export const transfer = { currency: t.currency, debtor: t.address, creditor: t.address, amount: t.amount };

/** A sum that a contract holds for an account; the contract alone says to whom it goes. */
export const lockKey = { currency: t.currency, contract: t.id, lock: t.id };

const events = {
  Issued: movement,
  Redeemed: movement,
  Transferred: transfer,
  Locked: { ...lockKey, debtor: t.address, amount: t.amount },
  Released: { ...lockKey, debtor: t.address, creditor: t.address, amount: t.amount, remaining: t.amount },
  LockReturned: { ...lockKey, debtor: t.address, amount: t.amount },
  BusinessDayOpened: { currency: t.currency, day: t.day },
  BusinessDayClosed: { currency: t.currency, day: t.day },
};

const errors = {
  CURRENCY_UNKNOWN: { currency: t.currency },
  CURRENCY_EXISTS: { currency: t.currency },
  /** The sender's member does not issue this currency. */
  NOT_ISSUER: { currency: t.currency, issuer: t.bic },
  AMOUNT_ZERO: {},
  SAME_ACCOUNT: { account: t.address },
  INSUFFICIENT_FUNDS: { available: t.amount, required: t.amount },
  LOCK_EXISTS: lockKey,
  LOCK_UNKNOWN: lockKey,
  /** More was to be released than the lock holds. */
  LOCK_INSUFFICIENT: { locked: t.amount, required: t.amount },
  /** What some pay is not what the others receive; by how much. */
  NET_UNBALANCED: { isDebit: t.bool, amount: t.amount },
  RESERVE_REFERENCE_USED: { reserveReference: t.text(MAX_REFERENCE) },
  BUSINESS_DAY_CLOSED: { currency: t.currency },
  BUSINESS_DAY_OPEN: { currency: t.currency, day: t.day },
  /** A new business day comes after the one before, and at most a year after the date of the block. */
  BUSINESS_DAY_INVALID: { day: t.day, after: t.optional(t.day) },
};

export const contract = defineContract({ name: CASH, version: 1, state: cashState, events, errors });

export type CashView = ViewContext<typeof cashState, typeof errors>;
export type CashContext = TxContext<typeof cashState, typeof events, typeof errors>;

/** The currency, when the network has it. */
export function requireCurrency(ctx: CashView, currency: string): { readonly issuer: string } {
  return ctx.state.currencies.find(currency) ?? ctx.fail('CURRENCY_UNKNOWN', { currency });
}

/** Cash changes hands only on an open business day. */
export function requireOpenDay(ctx: CashView, currency: string): void {
  const { isOpen } = ctx.state.days.find(currency) ?? ctx.fail('CURRENCY_UNKNOWN', { currency });
  ctx.require(isOpen, 'BUSINESS_DAY_CLOSED', { currency });
}

/** Takes from what the account may spend; what is locked is no part of it. */
export function debit(ctx: CashContext, currency: string, account: Address, amount: bigint): void {
  const available = ctx.state.balances.get(currency, account);
  if (available < amount) ctx.fail('INSUFFICIENT_FUNDS', { available, required: amount });
  ctx.state.balances.set(currency, account, available - amount);
}

/** Balances and locks together are the supply, which fits an amount: no balance can overflow. */
export function credit(ctx: CashContext, currency: string, account: Address, amount: bigint): void {
  ctx.state.balances.set(currency, account, ctx.state.balances.get(currency, account) + amount);
}
