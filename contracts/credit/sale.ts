import { type Quote, worthOf } from './valuation.js';

/** How many units of a position are sold, worked out beside the state. */

export interface SaleTerms {
  /** Units of the position, and how many of them may leave it. */
  readonly units: bigint;
  readonly deliverable: bigint;
  readonly quote: Quote;
  /** What is paid, for as many units as the quote is for. */
  readonly price: bigint;
  readonly owed: bigint;
  /** What the rest of the pool is worth. */
  readonly others: bigint;
  /** All that is owed is to be paid; otherwise the loan is only to be covered again. */
  readonly isDue: boolean;
}

/** What so many units are sold for, rounded down. */
export function proceedsOf(units: bigint, { price, quote }: Pick<SaleTerms, 'price' | 'quote'>): bigint {
  return (units * price) / quote.per;
}

/**
 * The fewest units that pay what is owed, where all of it is due; otherwise the fewest after which the pool covers the loan again. A
 * price that is no better than the collateral's value never gets there: then the fewest whose price is the shortfall.
 */
export function unitsToSell(terms: SaleTerms): bigint {
  const { deliverable, owed, others, isDue, quote, units } = terms;
  const most = unitsThatPay(terms, deliverable);
  if (isDue) return most;
  const isCovered = (sold: bigint): boolean => owed - proceedsOf(sold, terms) <= others + worthOf(units - sold, quote);
  const shortfall = owed - others - worthOf(units, quote);
  return fewest(most, isCovered) ?? fewest(most, (sold) => proceedsOf(sold, terms) >= shortfall) ?? most;
}

/** The fewest units that pay all that is owed, or all of them. */
function unitsThatPay(terms: SaleTerms, limit: bigint): bigint {
  return fewest(limit, (sold) => proceedsOf(sold, terms) >= terms.owed) ?? limit;
}

/** The smallest number from 1 to `limit` for which a condition holds that holds from there on; halving takes 128 steps at most. */
function fewest(limit: bigint, holds: (units: bigint) => boolean): bigint | undefined {
  if (limit < 1n || !holds(limit)) return undefined;
  let [low, high] = [1n, limit];
  while (low < high) {
    const middle = (low + high) / 2n;
    if (holds(middle)) high = middle;
    else low = middle + 1n;
  }
  return low;
}
