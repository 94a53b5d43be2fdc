import type { Address } from '../../primitives/types.js';
import { close, endOf, giveIssuer, heldFor, isEnding, requireGoing } from './book.js';
import { computePage } from './computing.js';
import { type ActionsContext, type ClosedStatus, type OpenAction, requireOpen } from './declaration.js';
import { claim, dropPage, payRow, redeemPage, requirePaymentDay } from './paying.js';

/** What a call has left behind. */
export interface Progress {
  readonly isOpen: boolean;
  /** Whether the next call has something to do at once. */
  readonly goesOn: boolean;
}

/** Goes on with an action by so many pages, as far as its stage goes: whoever calls. */
export function proceed(ctx: ActionsContext, id: string, pages: number): Progress {
  const action = requireOpen(ctx, id);
  ctx.require(pages > 0, 'PAGES_ZERO');
  if (isEnding(ctx, action)) return end(ctx, id, action, pages);
  if (isGone(ctx, id, action)) return returned(ctx, id, action);
  if (action.stage === 'claiming') return ctx.fail('NOTHING_TO_DO', { deadline: endOf(ctx, action) });
  const step = stepOf(ctx, action);
  let next = action;
  for (let page = 0; page < pages && next.stage === action.stage; page++) next = step(ctx, id, next);
  return leave(ctx, id, next);
}

type Step = (ctx: ActionsContext, id: string, action: OpenAction) => OpenAction;

function stepOf(ctx: ActionsContext, action: OpenAction): Step {
  if (action.stage === 'computing' && action.redemption === undefined) return computePage;
  requirePaymentDay(ctx, action);
  return action.redemption === undefined ? payRow : redeemPage;
}

/** Money is to be paid that is not there: the members had given it back by themselves (`returnLock`). */
function isGone(ctx: ActionsContext, id: string, action: OpenAction): boolean {
  const { declared, paid, residual } = action;
  return declared > paid + residual && heldFor(ctx, id, action) === undefined;
}

function returned(ctx: ActionsContext, id: string, action: OpenAction): Progress {
  ctx.state.open.set(id, { ...action, isCancelled: true });
  return { isOpen: true, goesOn: true };
}

/** Writes the action, or closes it once nothing is left to pay. */
function leave(ctx: ActionsContext, id: string, action: OpenAction): Progress {
  const isOver = action.stage === 'claiming' && action.unclaimed === 0n;
  if (isOver) {
    finish(ctx, id, action, 'paid');
    return { isOpen: false, goesOn: false };
  }
  ctx.state.open.set(id, action);
  return { isOpen: true, goesOn: action.stage !== 'claiming' };
}

/** Nothing of it stays in `assets` either: what was to be redeemed as a whole is, or it changes hands again. */
function finish(ctx: ActionsContext, id: string, action: OpenAction, status: ClosedStatus): void {
  const left = action.record === undefined ? action : dropPage(ctx, id, action);
  close(ctx, id, left ?? action, status);
}

/** Drops by so many pages what is not paid any more; the money goes back at once. */
function end(ctx: ActionsContext, id: string, action: OpenAction, pages: number): Progress {
  const held = heldFor(ctx, id, action) ?? 0n;
  giveIssuer(ctx, id, action, held);
  let left: OpenAction | undefined = { ...action, isCancelled: true, residual: action.residual + held };
  let last = left;
  for (let page = 0; page < pages && left !== undefined; page++) {
    left = dropPage(ctx, id, left);
    last = left ?? last;
  }
  if (left !== undefined) {
    ctx.state.open.set(id, left);
    return { isOpen: true, goesOn: true };
  }
  close(ctx, id, last, statusOfEnd(ctx, last));
  return { isOpen: false, goesOn: false };
}

/** Before its deadline it ends only where it was cancelled, or where the members have given back what it pays out of. */
function statusOfEnd(ctx: ActionsContext, action: OpenAction): ClosedStatus {
  const { declared, paid, residual } = action;
  if (paid + residual < declared) return 'returned';
  return ctx.timestamp >= endOf(ctx, action) ? 'lapsed' : 'cancelled';
}

/** Pays one account what could not be paid with the others. */
export function claimFor(ctx: ActionsContext, id: string, account: Address): Progress {
  const action = requireOpen(ctx, id);
  requireGoing(ctx, id, action);
  return leave(ctx, id, claim(ctx, id, action, account));
}
