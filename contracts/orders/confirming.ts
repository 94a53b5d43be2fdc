import type { Address } from '../../primitives/types.js';
import { membership } from '../membership/membership.js';
import { splitsOf } from './assets.js';
import { KEY_AGE_MS, type Order, type OrdersContext } from './declaration.js';

/** What a confirmation asks beyond the terms and the proposal: whose keys sign it, and whether units are still what was counted. */

/** Whoever registers a key to be a second person does so a day before, where all can see it. */
export function requireAgedKeys(
  ctx: OrdersContext,
  { proposedAt }: Pick<Order, 'proposedAt'>,
  confirmers: readonly Address[],
): void {
  const latest = Math.max(0, proposedAt - KEY_AGE_MS);
  for (const key of confirmers) {
    const since = ctx.view(membership.methods.keySince, { key });
    if (since === undefined || since > latest) ctx.fail('KEY_TOO_NEW', { key, since, latest });
  }
}

/** A number of units is of units as they were when two persons read it: an amendment of other terms changes nothing of it. */
export function requireUnsplit(ctx: OrdersContext, order: Order): void {
  const { instrument, splits: expected } = order;
  if (instrument === undefined || expected === undefined) return;
  const actual = splitsOf(ctx, order) ?? 0;
  ctx.require(actual === expected, 'UNITS_SPLIT', { instrument, expected, actual });
}
