import { MAX_AMOUNT } from '../../primitives/limits.js';
import { AccountPage } from '../assets/accountPage.js';
import { assets } from '../assets/assets.js';
import { portionOf } from '../daycount/interest.js';
import { type ActionsContext, type OpenAction, ROW } from './declaration.js';
import { perUnitOf } from './terms.js';

/** About what the entitlement of one holder takes beside its row, in nanoseconds. */
const ENTITLEMENT_FUEL = 1_000;

/**
 * Works out what the holders of one page are entitled to, each rounded down, and leaves it in one row under the last of them.
 *
 * @returns the action as it is then: with the last page it goes on to pay
 */
export function computePage(ctx: ActionsContext, id: string, action: OpenAction): OpenAction {
  const { instrument, record, recordHeight, floating } = action;
  ctx.require(ctx.height > recordHeight, 'RECORD_AHEAD', { recordHeight });
  const perUnit = perUnitOf(action);
  if (perUnit === undefined || record === undefined) {
    const { fixingDay = 0, publisher = action.issuer } = floating ?? {};
    return ctx.fail('FIXING_MISSING', { fixingDay, publisher });
  }
  const told = ctx.call(assets.methods.takeRecorded, { instrument, record, limit: ROW });
  const row = new AccountPage(told.holders);
  const holders = row.count;
  ctx.useFuel(ENTITLEMENT_FUEL * holders);
  const sum = row.replace((units) => {
    const due = portionOf(units, perUnit);
    // The cap may have been raised since the declaration.
    ctx.require(due <= MAX_AMOUNT, 'AMOUNT_OVERFLOW');
    return due;
  });
  const { last } = row;
  if (last !== undefined) ctx.state.entitlements.set(id, last, row.bytes);
  ctx.emit('Computed', { id, last, holders, amount: sum });
  return {
    ...action,
    holders: action.holders + holders,
    entitled: action.entitled + sum,
    ...(told.isOver ? { stage: 'paying' as const, record: undefined } : {}),
  };
}
