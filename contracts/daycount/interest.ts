import type { Fraction } from './dayCount.js';

/** A rate is so many billionths a year: 1.1 % is 11,000,000. */
export const RATE_SCALE = 1_000_000_000;
/** Of 1,000 % a year: no higher rate is meant. */
export const MAX_RATE = 10 * RATE_SCALE;

/** What one minor unit of principal earns over a period, exactly. */
export function growthOf(rate: number, { numerator, denominator }: Fraction): Fraction {
  return { numerator: BigInt(rate) * numerator, denominator: BigInt(RATE_SCALE) * denominator };
}

/** An amount times a fraction, rounded down to whole minor units: what is left of it is never paid twice. */
export function portionOf(amount: bigint, { numerator, denominator }: Fraction): bigint {
  return (amount * numerator) / denominator;
}

/** Interest on a principal for a part of a year, rounded down. */
export function interestOf(principal: bigint, rate: number, part: Fraction): bigint {
  return portionOf(principal, growthOf(rate, part));
}
