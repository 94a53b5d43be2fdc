import { calendarDayOf } from '../api/calendar.js';
import { yearFraction } from '../daycount/dayCount.js';
import { interestOf } from '../daycount/interest.js';
import { prices } from '../prices/prices.js';
import { ALL_BPS, type Open, type RepoView } from './declaration.js';

/** What the seller owes now: the cash, and interest from the day of opening to the day of the block, rounded down. */
export function owedOf(ctx: RepoView, { cash, rate, openedAt }: Pick<Open, 'cash' | 'rate' | 'openedAt'>): bigint {
  const [from, to] = [calendarDayOf(openedAt), calendarDayOf(ctx.timestamp)];
  return cash + interestOf(cash, rate, yearFraction('ACT/360', { from, to }));
}

/** A price of so many units. */
export interface Quote {
  readonly price: bigint;
  readonly cautious: bigint;
  readonly per: bigint;
}

/** @throws ContractFailure `PRICE_STALE` */
export function requireQuote(ctx: RepoView, instrument: string): Quote {
  const found = ctx.view(prices.methods.quote, { instrument });
  return found?.isFresh === true ? found : ctx.fail('PRICE_STALE', { instrument });
}

/** What units cover by a price, less the haircut, rounded down. */
export function coverOf(units: bigint, price: bigint, per: bigint, haircutBps: number): bigint {
  return (units * price * BigInt(ALL_BPS - haircutBps)) / (per * BigInt(ALL_BPS));
}

/** The most units whose return leaves what is owed covered by the others and the margin; one stays in any case. */
export function spareUnits({ units, haircutBps, margin }: Open, owed: bigint, price: bigint, per: bigint): bigint {
  const needed = owed > margin ? owed - margin : 0n;
  let [low, high] = [1n, units];
  while (low < high) {
    const middle = (low + high) / 2n;
    if (coverOf(middle, price, per, haircutBps) >= needed) high = middle;
    else low = middle + 1n;
  }
  return coverOf(low, price, per, haircutBps) >= needed ? units - low : 0n;
}
