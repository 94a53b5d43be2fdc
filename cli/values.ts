import { type CalendarDay, isCalendarDay } from '../contracts/api/calendar.js';
import type { Hex } from '../primitives/bytes.js';
import { MAX_AMOUNT } from '../primitives/limits.js';
import { CliError, usageError } from './errors.js';
import type { TrustedNetwork } from './trustedNetwork.js';

/** Reads a day as `2026-01-05` (or `20260105`). @throws CliError `USAGE_INVALID` */
export function parseDay(text: string, what: string): CalendarDay {
  const match = /^(\d{4})-?(\d{2})-?(\d{2})$/.exec(text);
  const day = match === null ? Number.NaN : Number(`${match[1]}${match[2]}${match[3]}`);
  if (isCalendarDay(day)) return day;
  throw usageError(what, 'a day as 2026-01-05', `"${text.slice(0, 40)}"`);
}

/** Shows a day as `2026-01-05`. */
export function formatDay(day: CalendarDay): string {
  const digits = String(day).padStart(8, '0');
  return `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`;
}

/** Reads a number of units of an instrument: whole, from 1 on. @throws CliError `AMOUNT_MALFORMED` */
export function parseUnits(text: string, what: string): bigint {
  if (/^[1-9]\d{0,38}$/.test(text) && BigInt(text) <= MAX_AMOUNT) return BigInt(text);
  const expected = 'a whole number of units from 1';
  const actual = text.slice(0, 60);
  throw new CliError('AMOUNT_MALFORMED', `${what}: expected ${expected}, found "${actual}"`, { expected, actual });
}

/** The currency that was named, or the network's only one. @throws CliError `CURRENCY_UNKNOWN`, `USAGE_INVALID` */
export function currencyOf(network: TrustedNetwork, named: string | undefined): string {
  if (named !== undefined) {
    network.decimalsOf(named);
    return named;
  }
  const [only, ...others] = network.currencies;
  if (only !== undefined && others.length === 0) return only.code;
  throw usageError('--currency', `one of ${network.currencies.map(({ code }) => code).join(', ')}`, 'none');
}

/** Reads a transaction's id. @throws CliError `USAGE_INVALID` */
export function parseTransactionId(text: string): Hex {
  const id = text.toLowerCase();
  if (/^0x[0-9a-f]{64}$/.test(id)) return id as Hex;
  throw usageError('transaction id', '0x and 64 digits of hexadecimal', `"${text.slice(0, 80)}"`);
}
