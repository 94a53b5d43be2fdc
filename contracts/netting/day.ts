import { cash } from '../cash/cash.js';
import type { Cycle, NettingView } from './declaration.js';

type Dated = Pick<Cycle, 'currency' | 'day'>;

/** A cycle lives on the business day on which it was opened. */
export function isDayOpen(ctx: NettingView, { currency, day }: Dated): boolean {
  const newest = ctx.view(cash.methods.businessDay, { currency });
  return newest.isOpen && newest.day === day;
}

/** @throws ContractFailure `BUSINESS_DAY_OVER` */
export function requireDay(ctx: NettingView, { currency, day }: Dated): void {
  ctx.require(isDayOpen(ctx, { currency, day }), 'BUSINESS_DAY_OVER', { currency, day });
}
