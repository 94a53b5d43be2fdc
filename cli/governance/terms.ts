import { usageError } from '../errors.js';

const UNIT_MS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Reads `90s`, `30m`, `2h` or `7d`. @throws CliError `USAGE_INVALID` */
export function parseDuration(text: string, what: string): number {
  const match = /^(\d{1,6})([smhd])$/.exec(text);
  const unitMs = UNIT_MS[match?.[2] ?? ''];
  if (match !== null && unitMs !== undefined) return Number(match[1]) * unitMs;
  throw usageError(what, 'a duration as 90s, 30m, 2h or 7d', `"${text.slice(0, 40)}"`);
}

/** Reads a height as `12000`, or `+50` for so many above the newest block. @throws CliError `USAGE_INVALID` */
export function parseHeight(text: string, newest: number): number {
  const match = /^(\+?)(\d{1,12})$/.exec(text);
  if (match === null) throw usageError('--at', 'a height as 12000, or +50', `"${text.slice(0, 40)}"`);
  return Number(match[2]) + (match[1] === '+' ? newest : 0);
}

/** Reads a time as ISO 8601. @throws CliError `USAGE_INVALID` */
export function parseTime(text: string, what: string): number {
  const timeMs = Date.parse(text);
  if (Number.isSafeInteger(timeMs)) return timeMs;
  throw usageError(what, 'a time as 2026-01-05T12:00:00Z', `"${text.slice(0, 40)}"`);
}

/** Reads a time as ISO 8601, or `+2h` for so long from now. @throws CliError `USAGE_INVALID` */
export function parseMoment(text: string, what: string, nowMs: number): number {
  return text.startsWith('+') ? nowMs + parseDuration(text.slice(1), what) : parseTime(text, what);
}

/** Reads the number of a proposal. @throws CliError `USAGE_INVALID` */
export function parseProposalId(text: string): number {
  if (/^\d{1,12}$/.test(text)) return Number(text);
  throw usageError('proposal', 'its number', `"${text.slice(0, 40)}"`);
}
