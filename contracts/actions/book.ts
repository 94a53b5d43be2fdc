import type { TimestampMs } from '../../primitives/types.js';
import { assets } from '../assets/assets.js';
import { cash } from '../cash/cash.js';
import { heldIn } from '../locks/assetLocks.js';
import { SECURING } from '../locks/securing.js';
import { DAY_MS } from '../time/deadline.js';
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

/** Its deadline; and for what is worked out for holders, who lose it then, years more. Who redeems nothing keeps its units. */
export function endOf({ deadline, stage, redemption }: OpenAction): TimestampMs {
  return stage === 'computing' || redemption !== undefined ? deadline : deadline + PRESCRIPTION_MS;
}

/** How long after units have left what they secured they are still paid for, whatever the deadline was. */
const FREED_MS = 31 * DAY_MS;

/** Of a whole that is redeemed the money waits for units that secure a claim: whoever has them afterwards has a while to be paid for them. */
function isOver(ctx: ActionsView, action: OpenAction): boolean {
  if (ctx.timestamp < endOf(action)) return false;
  const { instrument, record, stage } = action;
  if (stage !== 'claiming' || record === undefined || redeemsOf(action) !== 'whole') return true;
  const freedAt = ctx.view(assets.methods.freedAt, { instrument, record });
  if (freedAt !== undefined && ctx.timestamp < freedAt + FREED_MS) return false;
  return SECURING.every((contract) => ctx.view(assets.methods.locks, { instrument, contract, limit: 1 }).length === 0);
}

/** Lets an action pass that goes on. */
export function requireGoing(ctx: ActionsView, id: string, action: OpenAction): void {
  if (action.isCancelled) ctx.fail('ACTION_CLOSED', { id, status: 'cancelled' });
  const deadline = endOf(action);
  ctx.require(!isOver(ctx, action), 'DEADLINE_PASSED', { deadline });
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
