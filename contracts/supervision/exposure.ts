import { MAX_AMOUNT } from '../../primitives/limits.js';
import type { CalendarDay } from '../api/calendar.js';

/** What an account may be exposed to one counterparty on a business day: what goes there, less what has come from there. */

export interface Exposure {
  readonly limit: bigint;
  /** The business day that the sums are of. */
  readonly day?: CalendarDay | undefined;
  readonly sent: bigint;
  readonly received: bigint;
}

type Day = CalendarDay | undefined;

function on(exposure: Exposure, day: Day): Exposure {
  return exposure.day === day ? exposure : { ...exposure, day, sent: 0n, received: 0n };
}

function capped(sum: bigint): bigint {
  return sum < MAX_AMOUNT ? sum : MAX_AMOUNT;
}

/** What counts of the bound on a day; what has come from there beyond what went lets as much more go. */
export function exposureOn(exposure: Exposure, day: Day): { readonly limit: bigint; readonly used: bigint } {
  const { limit, sent, received } = on(exposure, day);
  return received > sent ? { limit: capped(limit + received - sent), used: 0n } : { limit, used: sent - received };
}

export interface ExposureRefusal {
  readonly code: 'RULE_EXPOSURE';
  readonly data: { readonly limit: bigint; readonly used: bigint; readonly required: bigint };
}

/** Why an amount may not go there; undefined where it may. */
export function exposureRefusal(exposure: Exposure, day: Day, required: bigint): ExposureRefusal | undefined {
  const { limit, used } = exposureOn(exposure, day);
  return used + required <= limit ? undefined : { code: 'RULE_EXPOSURE', data: { limit, used, required } };
}

export function withSent<E extends Exposure>(exposure: E, day: Day, amount: bigint): E {
  const now = on(exposure, day);
  return { ...exposure, ...now, sent: capped(now.sent + amount) };
}

export function withReceived<E extends Exposure>(exposure: E, day: Day, amount: bigint): E {
  const now = on(exposure, day);
  return { ...exposure, ...now, received: capped(now.received + amount) };
}
