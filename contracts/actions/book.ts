import type { TimestampMs } from '../../primitives/types.js';
import { assets } from '../assets/assets.js';
import { cash } from '../cash/cash.js';
import { heldIn } from '../locks/assetLocks.js';
import {
  ACTIONS,
  type ActionsContext,
  type ActionsView,
  type ClosedStatus,
  type OpenAction,
  PRESCRIPTION_MS,
  type Status,
} from './declaration.js';
import { kindOf, redeemsOf } from './terms.js';

/** What an action is at now, in one word. */
export function statusOf(ctx: ActionsView, action: OpenAction): Status {
  if (isEnding(ctx, action)) return 'ending';
  return action.stage === 'computing' && ctx.height <= action.recordHeight ? 'announced' : action.stage;
}

/** Once it is cancelled, or its time is over, nothing is paid: what it holds goes back. */
export function isEnding(ctx: ActionsView, action: OpenAction): boolean {
  return action.isCancelled || isOver(ctx, action);
}

/**
 * Its deadline; and for what is worked out for holders, who lose it then, years more. Who redeems nothing keeps its units. But of a whole
 * whose units secured a claim the money waits as long: whoever has them next may be suspended by then, or have them frozen.
 */
export function endOf(ctx: ActionsView, action: OpenAction): TimestampMs {
  const { deadline, stage, redemption } = action;
  const isWaiting = redemption === undefined ? stage !== 'computing' : isSecured(ctx, action);
  return isWaiting ? deadline + PRESCRIPTION_MS : deadline;
}

/** Once it is so it stays so: what is being redeemed is locked no more, and what leaves such a lock is noted. */
function isSecured(ctx: ActionsView, action: OpenAction): boolean {
  const { instrument, record, stage } = action;
  if (stage !== 'claiming' || record === undefined || redeemsOf(action) !== 'whole') return false;
  return ctx.view(assets.methods.secured, { instrument, record });
}

function isOver(ctx: ActionsView, action: OpenAction): boolean {
  return ctx.timestamp >= action.deadline && ctx.timestamp >= endOf(ctx, action);
}

/** Lets an action pass that goes on. */
export function requireGoing(ctx: ActionsView, id: string, action: OpenAction): void {
  if (action.isCancelled) ctx.fail('ACTION_CLOSED', { id, status: 'cancelled' });
  const deadline = endOf(ctx, action);
  ctx.require(ctx.timestamp < deadline, 'DEADLINE_PASSED', { deadline });
}

/** What is set aside for it still; none where all of it is paid, or the members have given it back. */
export function heldFor(ctx: ActionsContext, id: string, { currency }: OpenAction): bigint | undefined {
  return heldIn(ctx, { currency }, { contract: ACTIONS, lock: id });
}

/** Gives the issuer back a part of what was set aside, which needs no business day and no leave. */
export function giveIssuer(ctx: ActionsContext, id: string, { currency, issuer }: OpenAction, amount: bigint): void {
  if (amount > 0n) ctx.call(cash.methods.release, { currency, lock: id, creditor: issuer, amount });
}

/** Leaves a line of what is over, and nothing else. */
export function close(ctx: ActionsContext, id: string, action: OpenAction, status: ClosedStatus): void {
  const { instrument, issuer, currency, recordHeight, declared } = action;
  const { holders, entitled, paid, unclaimed, residual } = action;
  const progress = { holders, entitled, paid, unclaimed, residual };
  ctx.state.open.delete(id);
  ctx.state.ofInstrument.delete(instrument, id);
  const left = ctx.state.count.get(issuer) - 1;
  if (left === 0) ctx.state.count.delete(issuer);
  else ctx.state.count.set(issuer, left);
  const kind = kindOf(action) ?? ctx.fail('TERMS_INVALID', { term: 'kind' });
  const asset = { instrument, issuer, currency, kind, recordHeight, declared };
  const since = { height: ctx.height, timestamp: ctx.timestamp };
  ctx.state.closed.set(id, { ...asset, ...progress, status, ...since });
  ctx.emit('Closed', { id, status, declared, ...progress });
}
