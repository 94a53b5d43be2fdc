import type { Address } from '../../primitives/types.js';
import type { TxContext, ViewContext } from '../api/context.js';
import { defineContract } from '../api/define.js';
import { t } from '../api/t.js';
import { availableOf, freezes, frozenFields, frozenRefusal, frozenSum } from '../freezes/freezeBook.js';
import { limitErrors } from './allowance.js';
import type { Controls } from './controls.js';
import { limitFields } from './limitBook.js';
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

/** What a payment depends on. */
export const fundsFields = {
  openDay: t.optional(t.day),
  balance: t.amount,
  /** What of the balance no order keeps. */
  available: t.amount,
  /** What orders keep, of the balance or of what arrives; none: everything. */
  frozen: t.optional(t.amount),
  /** Orders keep more than the balance: nothing leaves it, whatever comes in at the same time. */
  isBlocked: t.bool,
};

/** What an authority takes by an order. */
export const seizure = {
  currency: t.currency,
  from: t.address,
  to: t.address,
  amount: t.amount,
  order: t.id,
  /** The freeze that it uses up. */
  freeze: t.optional(t.id),
};

/** A sum that a contract holds for an account; the contract alone says to whom it goes. */
export const lockKey = { currency: t.currency, contract: t.id, lock: t.id };

/** From when on a business day takes no new payments, in consensus time. */
export const cutOff = { cutOffAt: t.optional(t.uint()) };

/** Whose limits, and in which currency. */
export const limitOwner = { currency: t.currency, account: t.address };

const events = {
  Issued: movement,
  Redeemed: movement,
  Transferred: transfer,
  Locked: { ...lockKey, debtor: t.address, amount: t.amount },
  /** Paid into the creditor's lock, which it makes where there was none. */
  PaidIn: { ...lockKey, debtor: t.address, creditor: t.address, amount: t.amount },
  Released: { ...lockKey, debtor: t.address, creditor: t.address, amount: t.amount, remaining: t.amount },
  /** To so many creditors; the contract that holds the lock tells of each. */
  ReleasedMany: { ...lockKey, debtor: t.address, amount: t.amount, payments: t.uint(), remaining: t.amount },
  LockReturned: { ...lockKey, debtor: t.address, amount: t.amount },
  /** What orders keep in the account from now on. */
  FreezesSet: { currency: t.currency, account: t.address, freezes },
  /** `frozenUsed` of it was frozen before. */
  Seized: { ...seizure, frozenUsed: t.amount },
  BusinessDayOpened: { currency: t.currency, day: t.day, ...cutOff },
  CutOffSet: { currency: t.currency, day: t.day, ...cutOff },
  BusinessDayClosed: { currency: t.currency, day: t.day, outstanding: t.amount },
  /** What the account wants to be bounded from now on; what loosens it counts from the next business day. */
  LimitsSet: { ...limitOwner, ...limitFields },
  CounterpartyLimitSet: { ...limitOwner, creditor: t.address, amount: t.optional(t.amount) },
  /** The members have ended all limits of the account in the currency. */
  LimitsCleared: limitOwner,
};

const errors = {
  CURRENCY_UNKNOWN: { currency: t.currency },
  CURRENCY_EXISTS: { currency: t.currency },
  /** The sender's member does not issue this currency. */
  NOT_ISSUER: { currency: t.currency, issuer: t.bic },
  AMOUNT_ZERO: {},
  SAME_ACCOUNT: { account: t.address },
  INSUFFICIENT_FUNDS: { available: t.amount, required: t.amount },
  /** The account has it, and orders keep it there. */
  FROZEN: frozenFields,
  /** What is free does not suffice for an order, with what is locked: allocations must be given back first. */
  LOCKED: { free: t.amount, locked: t.amount, required: t.amount },
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
  /** A cut-off lies ahead. */
  CUT_OFF_INVALID: { cutOffAt: t.uint(), earliest: t.uint() },
  CUT_OFF_UNCHANGED: { currency: t.currency },
  ...limitErrors,
  /** The account has wanted so already. */
  LIMITS_UNCHANGED: { account: t.address },
  LIMITS_TOO_MANY: { limit: t.uint() },
  /** The account's policy does not name it. */
  KEY_NOT_IN_ACCOUNT: { key: t.address },
  KEYS_REPEATED: {},
};

export const contract = defineContract({ name: CASH, version: 1, state: cashState, events, errors });

export type CashView = ViewContext<typeof cashState, typeof errors>;
export type CashContext = TxContext<typeof cashState, typeof events, typeof errors>;

/** The currency, when the network has it. */
export function requireCurrency(ctx: CashView, currency: string): { readonly issuer: string } {
  return ctx.state.currencies.find(currency) ?? ctx.fail('CURRENCY_UNKNOWN', { currency });
}

/** The central bank that issues a currency alone makes, destroys and governs it. */
export function requireIssuer(ctx: CashContext, currency: string): void {
  const { issuer } = requireCurrency(ctx, currency);
  ctx.require(ctx.requireAccount(ctx.sender).member === issuer, 'NOT_ISSUER', { currency, issuer });
}

export const byIssuer = { roles: ['centralBank'] } as const;

/** Cash changes hands only on an open business day. */
export function requireOpenDay(ctx: CashView, currency: string): void {
  const { isOpen } = ctx.state.days.find(currency) ?? ctx.fail('CURRENCY_UNKNOWN', { currency });
  ctx.require(isOpen, 'BUSINESS_DAY_CLOSED', { currency });
}

/**
 * Takes from what the account may spend; what is locked is no part of it, and what orders keep stays.
 *
 * @returns what else binds the account: its limits are the caller's to count
 */
export function debit(ctx: CashContext, currency: string, account: Address, amount: bigint): Controls {
  const balance = ctx.state.balances.get(currency, account);
  const controls = ctx.state.controls.get(currency, account);
  const frozen = frozenSum(controls.freezes, ctx.timestamp);
  if (balance < amount) {
    ctx.fail('INSUFFICIENT_FUNDS', { available: availableOf(balance, frozen), required: amount });
  }
  const refusal = frozenRefusal(account, { held: balance, frozen, required: amount });
  if (refusal !== undefined) ctx.fail('FROZEN', refusal);
  ctx.state.balances.set(currency, account, balance - amount);
  return controls;
}

/** Balances and locks together are the supply, which fits an amount: no balance can overflow. */
export function credit(ctx: CashContext, currency: string, account: Address, amount: bigint): void {
  ctx.state.balances.set(currency, account, ctx.state.balances.get(currency, account) + amount);
}
