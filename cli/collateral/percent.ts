import { usageError } from '../errors.js';

/** Digits after the point of a percentage that is kept in basis points, and of one in billionths. */
const [BPS_DIGITS, RATE_DIGITS] = [2, 7];

/** Reads `5%` or `0.25%` as basis points. @throws CliError `USAGE_INVALID` */
export function parseBps(text: string, what: string): number {
  return parsePercent(text, what, BPS_DIGITS, 10_000);
}

/** Reads `3.6%` a year as billionths. @throws CliError `USAGE_INVALID` */
export function parseRate(text: string, what: string): number {
  return parsePercent(text, what, RATE_DIGITS, 10_000_000_000);
}

function parsePercent(text: string, what: string, digits: number, most: number): number {
  const match = new RegExp(`^(\\d{1,4})(?:\\.(\\d{1,${digits}}))?%$`).exec(text);
  const value = match === null ? Number.NaN : Number(`${match[1]}${(match[2] ?? '').padEnd(digits, '0')}`);
  if (value <= most) return value;
  throw usageError(what, `a percentage as 5% or 0.25%, with at most ${digits} decimals`, `"${text.slice(0, 40)}"`);
}

export function formatBps(value: number): string {
  return formatPercent(value, BPS_DIGITS);
}

export function formatRate(value: number): string {
  return formatPercent(value, RATE_DIGITS);
}

/** `3.6%`: no zeros at the end. */
function formatPercent(value: number, digits: number): string {
  const text = String(value).padStart(digits + 1, '0');
  const fraction = text.slice(-digits).replace(/0+$/, '');
  return `${text.slice(0, -digits)}${fraction === '' ? '' : `.${fraction}`}%`;
}
