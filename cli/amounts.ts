import { MAX_AMOUNT } from '../primitives/limits.js';
import { CliError } from './errors.js';

/** Digits before the point: more than 128 bits can hold. */
const MAX_WHOLE_DIGITS = 39;

/**
 * Reads an amount as people write it, in the currency's major unit: `1250.00` is 125000 minor units with 2 decimals.
 * Exact: no float, no separator of thousands, no more decimals than the currency has.
 *
 * @throws CliError `AMOUNT_MALFORMED`
 */
export function parseMajorAmount(text: string, decimals: number): bigint {
  const match = /^(\d+)(?:\.(\d+))?$/.exec(text);
  const whole = match?.[1] ?? '';
  const fraction = match?.[2] ?? '';
  if (match === null || whole.length > MAX_WHOLE_DIGITS || fraction.length > decimals) throw malformed(text, decimals);
  const amount = BigInt(whole + fraction.padEnd(decimals, '0'));
  if (amount > MAX_AMOUNT) throw malformed(text, decimals);
  return amount;
}

/** Shows minor units in the major unit, with all decimals: 125000 with 2 decimals is `1250.00`. */
export function formatMajorAmount(amount: bigint, decimals: number): string {
  const digits = (amount < 0n ? -amount : amount).toString().padStart(decimals + 1, '0');
  const sign = amount < 0n ? '-' : '';
  if (decimals === 0) return sign + digits;
  return `${sign}${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
}

/** The same with thousands set apart, for tables: `1,250.00`. Never for what a program reads. */
export function formatAmountForPeople(amount: bigint, decimals: number): string {
  const [whole = '', fraction] = formatMajorAmount(amount, decimals).split('.');
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

function malformed(text: string, decimals: number): CliError {
  const example = decimals === 0 ? '1250' : `1250.${'0'.repeat(decimals)}`;
  const expected = `digits with at most ${decimals} decimals after a point, as ${example}`;
  const actual = text.length > 60 ? `${text.slice(0, 60)}…` : text;
  return new CliError('AMOUNT_MALFORMED', `expected ${expected}, found "${actual}"`, { expected, actual });
}
