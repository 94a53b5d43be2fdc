import { CodedError } from './errors.js';
import { MAX_AMOUNT } from './limits.js';

export type AmountErrorCode = 'AMOUNT_MALFORMED' | 'AMOUNT_OUT_OF_RANGE';

/** An amount that is none, or a sum that leaves the range. */
export class AmountError extends CodedError<AmountErrorCode> {}

const CANONICAL = /^(?:0|[1-9][0-9]{0,38})$/;

function requireRange(amount: bigint): bigint {
  if (amount < 0n || amount > MAX_AMOUNT) {
    throw new AmountError('AMOUNT_OUT_OF_RANGE', 'expected an amount from 0 to 2^128 - 1, found one outside', {
      expected: 'from 0 to 2^128 - 1',
      actual: amount < 0n ? 'a negative amount' : 'a larger amount',
    });
  }
  return amount;
}

/**
 * Reads minor units: decimal digits, no sign, no leading zero, no separator.
 *
 * @throws AmountError `AMOUNT_MALFORMED`, `AMOUNT_OUT_OF_RANGE`
 */
export function parseAmount(text: string): bigint {
  if (!CANONICAL.test(text)) {
    const actual = text.length > 64 ? `${text.slice(0, 64)}…` : text;
    throw new AmountError('AMOUNT_MALFORMED', `expected minor units in decimal digits, found "${actual}"`, {
      expected: 'decimal digits without sign, point or leading zero',
      actual,
    });
  }
  return requireRange(BigInt(text));
}

/** Decimal digits of minor units. @throws AmountError `AMOUNT_OUT_OF_RANGE` */
export function formatAmount(amount: bigint): string {
  return requireRange(amount).toString();
}

/** The sum. @throws AmountError `AMOUNT_OUT_OF_RANGE` over 2^128 - 1 */
export function addAmounts(a: bigint, b: bigint): bigint {
  return requireRange(requireRange(a) + requireRange(b));
}

/** The difference. @throws AmountError `AMOUNT_OUT_OF_RANGE` below 0 */
export function subtractAmounts(a: bigint, b: bigint): bigint {
  return requireRange(requireRange(a) - requireRange(b));
}
