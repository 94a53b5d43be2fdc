import type { Address } from '../../primitives/types.js';
import type { TxContext, ViewContext } from '../api/context.js';
import { defineContract } from '../api/define.js';
import type { Infer } from '../api/schema.js';
import { map } from '../api/state.js';
import { t } from '../api/t.js';
import { availableOf, type Freeze, freezes, frozenFields, frozenSum, shownFrozen } from '../freezes/freezeBook.js';

/** What an instrument may be. A position in this list stands in the state: append, never move. */
export const INSTRUMENT_KINDS = ['bond', 'bill', 'share', 'fundUnit', 'deposit', 'receivable'] as const;

export const termsFields = {
  kind: t.enum(INSTRUMENT_KINDS),
  /** The account that issues it: it alone issues, redeems and pauses. */
  issuer: t.address,
  name: t.text(140),
  isin: t.optional(t.isin),
  currency: t.currency,
  /** Nominal value of one unit, in minor units of the currency. */
  nominal: t.amount,
  maturity: t.optional(t.day),
  /** Most units that may be outstanding. */
  cap: t.amount,
};

export const instrument = t.struct({ ...termsFields, paused: t.bool, issued: t.amount, redeemed: t.amount });
export const movement = { instrument: t.id, account: t.address, amount: t.amount };
export const transfer = { instrument: t.id, from: t.address, to: t.address, amount: t.amount };

/** What an authority takes by an order. */
export const seizure = {
  instrument: t.id,
  from: t.address,
  to: t.address,
  amount: t.amount,
  order: t.id,
  /** The freeze that it uses up. */
  freeze: t.optional(t.id),
};

/** Units that a contract holds for an account; the contract alone says to whom they go. */
export const lockKey = { instrument: t.id, contract: t.id, lock: t.id };

const state = {
  instruments: map([t.id], instrument),
  /** Account, instrument → its units, those that contracts hold for it among them; no entry for none. */
  holdings: map([t.address, t.id], t.amount, 0n),
  /** Instrument, account: who holds it. */
  holders: map([t.id, t.address], t.bool),
  /** Instrument, contract, lock → for whom the contract holds how many units; no entry for nothing. */
  locks: map([t.id, t.id, t.id], t.struct({ holder: t.address, amount: t.amount })),
  /** Instrument, account → the sum of the account's locks, a part of its holding; no entry for none. */
  locked: map([t.id, t.address], t.amount, 0n),
  /** Instrument, account → what orders keep of its units; no entry for nothing. */
  controls: map([t.id, t.address], t.struct({ freezes }), { freezes: [] }),
};

const events = {
  InstrumentCreated: { instrument: t.id, ...termsFields },
  Issued: movement,
  Redeemed: movement,
  Transferred: transfer,
  Locked: { ...lockKey, holder: t.address, amount: t.amount },
  Released: { ...lockKey, holder: t.address, to: t.address, amount: t.amount, remaining: t.amount },
  LockReturned: { ...lockKey, holder: t.address, amount: t.amount },
  /** What orders keep in the account from now on. */
  FreezesSet: { instrument: t.id, account: t.address, freezes },
  /** `frozenUsed` of it were frozen before. */
  Seized: { ...seizure, frozenUsed: t.amount },
  Paused: { instrument: t.id },
  Resumed: { instrument: t.id },
};

const errors = {
  INSTRUMENT_EXISTS: { instrument: t.id },
  INSTRUMENT_UNKNOWN: { instrument: t.id },
  INSTRUMENT_PAUSED: { instrument: t.id },
  /** It is paused already, or it is not. */
  STATUS_UNCHANGED: { paused: t.bool },
  CAP_EXCEEDED: { cap: t.amount, outstanding: t.amount },
  AMOUNT_ZERO: {},
  SAME_ACCOUNT: { account: t.address },
  INSUFFICIENT_UNITS: { available: t.amount, required: t.amount },
  /** The account has them, and orders keep them there. */
  FROZEN: frozenFields,
  /** What is free does not suffice for an order, with what is locked: allocations must be given back first. */
  LOCKED: { free: t.amount, locked: t.amount, required: t.amount },
  LOCK_EXISTS: lockKey,
  LOCK_UNKNOWN: lockKey,
  /** More was to be released than the lock holds. */
  LOCK_INSUFFICIENT: { locked: t.amount, required: t.amount },
};

export const contract = defineContract({ name: 'assets', version: 1, state, events, errors });

export type AssetsView = ViewContext<typeof state, typeof errors>;
export type AssetsContext = TxContext<typeof state, typeof events, typeof errors>;

/** The instrument, when it was tokenised. */
export function requireInstrument(ctx: AssetsView, id: string): Infer<typeof instrument> {
  return ctx.state.instruments.find(id) ?? ctx.fail('INSTRUMENT_UNKNOWN', { instrument: id });
}

/** The instrument, when its units may change hands. */
export function requireTransferable(ctx: AssetsView, id: string): void {
  const { paused } = requireInstrument(ctx, id);
  ctx.require(!paused, 'INSTRUMENT_PAUSED', { instrument: id });
}

/** Methods of the issuer name the account in their terms, not in their arguments. */
export function requireIssuer(ctx: AssetsContext, { issuer }: Infer<typeof instrument>): void {
  ctx.requireAccount(issuer);
  if (!ctx.authorises(issuer)) ctx.fail('UNAUTHORISED', { rule: 'account', subject: issuer });
}

/** Writes a holding, and who holds; no units leave no entry, so that the register lists holders only. */
function setHolding(ctx: AssetsContext, account: Address, id: string, before: bigint, after: bigint): void {
  if (after === 0n) {
    ctx.state.holdings.delete(account, id);
    ctx.state.holders.delete(id, account);
    return;
  }
  ctx.state.holdings.set(account, id, after);
  if (before === 0n) ctx.state.holders.set(id, account, true);
}

/** Outstanding units fit an amount, so no holding can overflow. */
export function credit(ctx: AssetsContext, account: Address, id: string, amount: bigint): void {
  const before = ctx.state.holdings.get(account, id);
  setHolding(ctx, account, id, before, before + amount);
}

/** What the account may dispose of: what is locked stays its own, and where it is; what orders keep does, too. */
export function requireFree(ctx: AssetsContext, account: Address, id: string, amount: bigint): void {
  const free = ctx.state.holdings.get(account, id) - ctx.state.locked.get(id, account);
  const frozen = frozenIn(ctx, account, id);
  if (free < amount) ctx.fail('INSUFFICIENT_UNITS', { available: availableOf(free, frozen), required: amount });
  requireUnfrozen(ctx, account, { held: free, frozen, required: amount });
}

/** Of what leaves a lock orders keep a part as well: of all that the account holds. */
export function requireHeldUnfrozen(ctx: AssetsContext, account: Address, id: string, required: bigint): void {
  requireUnfrozen(ctx, account, {
    held: ctx.state.holdings.get(account, id),
    frozen: frozenIn(ctx, account, id),
    required,
  });
}

function requireUnfrozen(
  ctx: AssetsContext,
  account: Address,
  { held, frozen, required }: { readonly held: bigint; readonly frozen: bigint; readonly required: bigint },
): void {
  if (held - required >= frozen) return;
  ctx.fail('FROZEN', { account, available: availableOf(held, frozen), frozen: shownFrozen(frozen), required });
}

function frozenIn(ctx: AssetsView, account: Address, id: string): bigint {
  return frozenSum(ctx.state.controls.get(id, account).freezes, ctx.timestamp);
}

/** Writes what orders keep; where they keep nothing, no entry stays. */
export function putFreezes(ctx: AssetsContext, account: Address, id: string, all: readonly Freeze[]): void {
  if (all.length === 0) ctx.state.controls.delete(id, account);
  else ctx.state.controls.set(id, account, { freezes: all });
}

/** Takes units that are free and that no order keeps. */
export function debit(ctx: AssetsContext, account: Address, id: string, amount: bigint): void {
  requireFree(ctx, account, id, amount);
  take(ctx, account, id, amount);
}

/** Takes units that are in no lock any more; the caller has made sure that they may leave. */
export function take(ctx: AssetsContext, account: Address, id: string, amount: bigint): void {
  const before = ctx.state.holdings.get(account, id);
  setHolding(ctx, account, id, before, before - amount);
}
