import type { Address } from '../../primitives/types.js';
import { availableOf, type Freeze, frozenRefusal, frozenSum, type Leaving } from '../freezes/freezeBook.js';
import { DELIVERING, SECURING } from '../locks/securing.js';
import {
  type AssetsContext,
  type AssetsView,
  type Instrument,
  pilotBounds,
  requireEligible,
  requireInstrument,
  requireWhole,
} from './declaration.js';

/** Issues units to an account that may receive them. @param record as it stands in the state */
export function issueUnits(ctx: AssetsContext, id: string, record: Instrument, account: Address, amount: bigint): void {
  const { cap, issued, redeemed } = record;
  const outstanding = issued - redeemed;
  requireNoRecordAhead(ctx, id);
  const least = leastOf(cap, pilotBounds(ctx, id, account)?.cap);
  ctx.require(outstanding + amount <= least, 'CAP_EXCEEDED', { cap: least, outstanding });
  ctx.state.instruments.set(id, { ...record, issued: issued + amount });
  credit(ctx, account, id, amount);
  ctx.emit('Issued', { instrument: id, account, amount });
}

/** Writes a holding, and who holds; no units leave no entry, so that the register lists holders only. */
export function setHolding(ctx: AssetsContext, account: Address, id: string, before: bigint, after: bigint): void {
  keepRecorded(ctx, account, id, before);
  if (after === 0n) {
    ctx.state.holdings.delete(id, account);
    ctx.state.heldBy.delete(account, id);
    return;
  }
  ctx.state.holdings.set(id, account, after);
  if (before === 0n) ctx.state.heldBy.set(account, id, true);
}

/** The first change after a record's height keeps what the account held then, until that is told. */
function keepRecorded(ctx: AssetsContext, account: Address, id: string, before: bigint): void {
  for (const { record, height, redeems, after } of ctx.state.records.get(id)) {
    if (redeems === 'whole' || ctx.height <= height || (after !== undefined && account <= after)) continue;
    if (!ctx.state.kept.has(id, record, account)) ctx.state.kept.set(id, record, account, before);
  }
}

/** Units that are to be redeemed go to nobody but their issuer, where an order says, to whom they secure or a key gives them: with what is paid for them. */
function requireUnredeemed(ctx: AssetsContext, id: string): void {
  const { callerContract } = ctx;
  if (callerContract === 'actions' || callerContract === 'orders') return;
  if (callerContract !== undefined && DELIVERING.includes(callerContract)) return;
  requireNoRedemption(ctx, id);
}

/** No lock is made anew that delivers units while they are redeemed: they would be sold by it, or keep the issuer's money for ever. */
export function requireLockable(ctx: AssetsContext, id: string, owner: string): void {
  if (DELIVERING.includes(owner)) requireNoRedemption(ctx, id);
}

function requireNoRedemption(ctx: AssetsContext, id: string): void {
  const under = ctx.state.records.get(id).find(({ redeems, height }) => redeems !== undefined && ctx.height > height);
  if (under !== undefined) ctx.fail('REDEMPTION_UNDER_WAY', { instrument: id, height: under.height });
}

/** Whoever has units of a redemption out of what secured a claim is paid for them beyond its deadline. */
export function noteFreed(ctx: AssetsContext, id: string, owner: string): void {
  if (!SECURING.includes(owner)) return;
  const open = ctx.state.records.get(id);
  const isNew = (each: (typeof open)[number]) => each.redeems === 'whole' && !each.isFreed && ctx.height > each.height;
  if (!open.some(isNew)) return;
  const noted = open.map((each) => (isNew(each) ? { ...each, isFreed: true } : each));
  ctx.state.records.set(id, noted);
}

/** What is set aside for a record is for the units that were outstanding: no issuer makes them more until its block is over. */
function requireNoRecordAhead(ctx: AssetsContext, id: string): void {
  const ahead = ctx.state.records.get(id).find(({ height }) => ctx.height <= height);
  if (ahead !== undefined) ctx.fail('RECORD_OPEN', { height: ahead.height });
}

function leastOf(cap: bigint, pilot: bigint | undefined): bigint {
  return pilot !== undefined && pilot < cap ? pilot : cap;
}

/** Of a pilot no holder but the issuer has more than its bound. */
function requireWithinPilot(ctx: AssetsContext, account: Address, id: string, required: bigint): void {
  const perHolder = pilotBounds(ctx, id, account)?.perHolder;
  if (perHolder === undefined || account === requireInstrument(ctx, id).issuer) return;
  const held = ctx.state.holdings.get(id, account);
  ctx.require(held + required <= perHolder, 'HOLDING_EXCEEDED', { perHolder, held, required });
}

/** Gives units to an account that may receive them. */
export function credit(ctx: AssetsContext, account: Address, id: string, amount: bigint): void {
  requireWithinPilot(ctx, account, id, amount);
  requireEligible(ctx, id, account);
  give(ctx, account, id, amount);
}

/** Gives units to an account, eligible or not. Outstanding units fit an amount, so no holding can overflow. */
export function give(ctx: AssetsContext, account: Address, id: string, amount: bigint): void {
  requireWhole(ctx, id);
  requireUnredeemed(ctx, id);
  const before = ctx.state.holdings.get(id, account);
  setHolding(ctx, account, id, before, before + amount);
}

/** What the account may dispose of: what is locked stays its own, and where it is; what orders keep does, too. */
export function requireFree(ctx: AssetsContext, account: Address, id: string, amount: bigint): void {
  const free = ctx.state.holdings.get(id, account) - ctx.state.locked.get(id, account);
  const frozen = frozenIn(ctx, account, id);
  if (free < amount) ctx.fail('INSUFFICIENT_UNITS', { available: availableOf(free, frozen), required: amount });
  refuseFrozen(ctx, account, { held: free, frozen, required: amount });
}

/** Of what leaves a lock orders keep a part as well: of all that the account holds. */
export function requireHeldUnfrozen(ctx: AssetsContext, account: Address, id: string, required: bigint): void {
  refuseFrozen(ctx, account, {
    held: ctx.state.holdings.get(id, account),
    frozen: frozenIn(ctx, account, id),
    required,
  });
}

function refuseFrozen(ctx: AssetsContext, account: Address, leaving: Leaving): void {
  const refusal = frozenRefusal(account, leaving);
  if (refusal !== undefined) ctx.fail('FROZEN', refusal);
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
  requireWhole(ctx, id);
  requireUnredeemed(ctx, id);
  const before = ctx.state.holdings.get(id, account);
  setHolding(ctx, account, id, before, before - amount);
}
