import type { Address } from '../../primitives/types.js';
import { calendarDayOf } from '../api/calendar.js';
import { assets } from '../assets/assets.js';
import { cash } from '../cash/cash.js';
import { giveBack, setAside } from '../locks/assetLocks.js';
import { deadlineFault, LONGEST_WAIT_MS } from '../time/deadline.js';
import { close, giveIssuer, heldFor, requireGoing } from './book.js';
import {
  ACTIONS,
  type ActionsContext,
  type Declaration,
  MAX_ID,
  OPEN_PER_ISSUER,
  type OpenAction,
  REDEMPTION_NOTICE_MS,
  requireOpen,
} from './declaration.js';
import { dropPage } from './paying.js';
import {
  entitlementOf,
  redeemsOf,
  requireBounded,
  requireRedeemable,
  requireSound,
  requireWithinMaturity,
} from './terms.js';

const NOTHING_YET = { holders: 0, entitled: 0n, paid: 0n, unclaimed: 0n, residual: 0n };

/** Announces what holders are to have, and sets the issuer's money aside for it. */
export function declare(ctx: ActionsContext, { id, ...declaration }: Declaration & { readonly id: string }): void {
  const { instrument, issuer, currency, declared } = declaration;
  const recordHeight = declaration.recordHeight ?? ctx.height;
  requireId(ctx, id, issuer);
  requireSound(ctx, declaration);
  const terms = requireInstrument(ctx, declaration);
  requireTimes(ctx, declaration, recordHeight);
  if (declaration.floating !== undefined) ctx.requireAccount(declaration.floating.publisher);
  const count = ctx.state.count.get(issuer);
  ctx.require(count < OPEN_PER_ISSUER, 'ACTIONS_TOO_MANY', { limit: OPEN_PER_ISSUER });
  const { nominal, maturity, callableFrom = maturity, cap, issued, redeemed } = terms;
  const priced = { ...declaration, nominal, maturity, fixing: undefined };
  requireRedeemable(ctx, priced, issued - redeemed);
  requireCallable(ctx, declaration, callableFrom);
  requireWithinMaturity(ctx, priced);
  requireBounded(ctx, priced, cap);
  requireFunded(ctx, declared, entitlementOf(priced, issued - redeemed) ?? 0n);
  const redeems = redeemsOf(declaration);
  const { record } = ctx.call(assets.methods.openRecord, { instrument, height: recordHeight, redeems });
  setAside(ctx, { currency }, id, issuer, declared);
  const announced = { ...declaration, recordHeight };
  ctx.state.open.set(id, {
    ...{ ...announced, nominal, maturity, record, stage: 'computing' as const, fixing: undefined },
    ...{ after: undefined, isCancelled: false, ...NOTHING_YET },
  });
  ctx.state.ofInstrument.set(instrument, id, true);
  ctx.state.count.set(issuer, count + 1);
  ctx.emit('Declared', { id, ...announced });
}

function requireCallable(ctx: ActionsContext, { redemption, paymentDay }: Declaration, earliest?: number): void {
  if (redemption === undefined || earliest === undefined || paymentDay >= earliest) return;
  ctx.fail('NOT_CALLABLE', { earliest, actual: paymentDay });
}

function requireId(ctx: ActionsContext, id: string, issuer: Address): void {
  const prefix = `${ctx.requireAccount(issuer).member}-`;
  ctx.require(id.startsWith(prefix) && id.length > prefix.length && id.length <= MAX_ID, 'ID_INVALID', {
    prefix,
    limit: MAX_ID,
  });
  ctx.require(!ctx.state.open.has(id) && !ctx.state.closed.has(id), 'ACTION_EXISTS', { id });
}

function requireInstrument(ctx: ActionsContext, { instrument, issuer, version, currency, ...terms }: Declaration) {
  const found = ctx.view(assets.methods.instrument, { instrument });
  if (found === undefined) return ctx.fail('INSTRUMENT_UNKNOWN', { instrument });
  ctx.require(found.issuer === issuer, 'NOT_ISSUER', { instrument, issuer: found.issuer });
  ctx.require(found.version === version, 'VERSION_MISMATCH', { expected: version, actual: found.version });
  const isOwn = terms.distribution !== undefined || currency === found.currency;
  ctx.require(isOwn, 'CURRENCY_MISMATCH', { expected: found.currency, actual: currency });
  if (ctx.view(cash.methods.currency, { currency }) === undefined) ctx.fail('CURRENCY_UNKNOWN', { currency });
  return found;
}

/** The record lies ahead, the payment day a day at least before the deadline, and that of a redemption near. */
function requireTimes(ctx: ActionsContext, declaration: Declaration, record: number): void {
  const { paymentDay, deadline, floating, redemption } = declaration;
  ctx.require(record >= ctx.height, 'RECORD_INVALID', { earliest: ctx.height, actual: record });
  const fault = deadlineFault(deadline, ctx.timestamp, LONGEST_WAIT_MS);
  if (fault !== undefined) ctx.fail('DEADLINE_INVALID', fault);
  const last = calendarDayOf(deadline);
  ctx.require(paymentDay < last, 'PAYMENT_DAY_INVALID', { latest: last, actual: paymentDay });
  const latest = calendarDayOf(ctx.timestamp + REDEMPTION_NOTICE_MS);
  const isNear = redemption === undefined || paymentDay <= latest;
  ctx.require(isNear, 'PAYMENT_DAY_INVALID', { latest, actual: paymentDay });
  const isInTime = floating === undefined || floating.fixingDay <= last;
  ctx.require(isInTime, 'TERMS_INVALID', { term: 'fixingDay' });
}

function requireFunded(ctx: ActionsContext, declared: bigint, required: bigint): void {
  ctx.require(declared > 0n, 'AMOUNT_ZERO');
  ctx.require(declared >= required, 'UNDERFUNDED', { declared, required });
}

/** The account authorises that issues the instrument of the action. */
function requireByIssuer(ctx: ActionsContext, id: string): OpenAction {
  const action = requireOpen(ctx, id);
  ctx.requireAuthorised(action.issuer);
  return action;
}

/** Sets more aside, where a rate came out higher or more units were issued: before anything is paid. */
export function fund(ctx: ActionsContext, id: string, declared: bigint): void {
  const action = requireByIssuer(ctx, id);
  const { issuer, currency } = action;
  requireGoing(ctx, id, action);
  ctx.require(action.paid === 0n && action.unclaimed === 0n, 'PAYING_ALREADY', { id });
  const required = action.declared + 1n;
  ctx.require(declared >= required, 'UNDERFUNDED', { declared, required });
  giveBack(ctx, { currency }, { contract: ACTIONS, lock: id }, issuer);
  setAside(ctx, { currency }, id, issuer, declared);
  ctx.state.open.set(id, { ...action, declared });
  ctx.emit('Funded', { id, declared });
}

/** A wrong rate is put right by publisher and issuer together, until the first page of holders is worked out. */
function isCorrectable(ctx: ActionsContext, { stage, holders, issuer }: OpenAction): boolean {
  return stage === 'computing' && holders === 0 && ctx.authorises(issuer);
}

/** Publishes the rate of a floating coupon, by the account that its terms name, on its day at the earliest. */
export function fix(ctx: ActionsContext, id: string, rate: number): void {
  const action = requireOpen(ctx, id);
  const { fixing } = action;
  const { source, fixingDay: day, publisher } = action.floating ?? ctx.fail('NOT_FLOATING', { id });
  ctx.requireAuthorised(publisher);
  if (fixing !== undefined && !isCorrectable(ctx, action)) ctx.fail('FIXED_ALREADY', { rate: fixing.rate });
  requireGoing(ctx, id, action);
  ctx.require(calendarDayOf(ctx.timestamp) >= day, 'FIXING_AHEAD', { fixingDay: day });
  const { height, timestamp } = ctx;
  ctx.state.open.set(id, { ...action, fixing: { rate, height, timestamp } });
  ctx.emit('Fixed', { id, source, day, rate });
}

/**
 * The issuer takes it back before its record: nobody is entitled yet. Of an issuer that is suspended the central bank that issues the
 * money does at any time: an order may be waiting for what it holds, and units that it cannot pay for are held no longer.
 */
export function cancel(ctx: ActionsContext, id: string): void {
  const action = requireOpen(ctx, id);
  const isSuspended = ctx.account(action.issuer)?.active === false;
  if (isSuspended) requireCentralBank(ctx, action);
  else ctx.requireAuthorised(action.issuer);
  ctx.require(!action.isCancelled, 'ACTION_CLOSED', { id, status: 'cancelled' });
  const { recordHeight, instrument, record } = action;
  const isBefore = ctx.height <= recordHeight;
  ctx.require(isBefore || isSuspended, 'RECORD_PASSED', { recordHeight });
  const returned = heldFor(ctx, id, action) ?? 0n;
  giveIssuer(ctx, id, action, returned);
  const cancelled = { ...action, isCancelled: true, residual: action.residual + returned };
  ctx.emit('Cancelled', { id, returned });
  if (!isBefore) {
    // Units that were to be redeemed change hands again.
    ctx.state.open.set(id, record === undefined ? cancelled : (dropPage(ctx, id, cancelled) ?? cancelled));
    return;
  }
  if (record !== undefined) ctx.call(assets.methods.dropRecord, { instrument, record });
  close(ctx, id, cancelled, 'cancelled');
}

function requireCentralBank(ctx: ActionsContext, { currency, issuer }: OpenAction): void {
  const { member, roles } = ctx.requireAuthorised(ctx.sender);
  const isIssuer = roles.includes('centralBank') && ctx.view(cash.methods.currency, { currency })?.issuer === member;
  if (!isIssuer) ctx.fail('UNAUTHORISED', { rule: 'account', subject: issuer });
}
