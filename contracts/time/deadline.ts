import type { TimestampMs } from '../../primitives/types.js';

/** A day of consensus time. */
export const DAY_MS = 86_400_000;
/** How far ahead the deadline of what holds money or units may lie: a year and a day. */
export const LONGEST_WAIT_MS = 366 * DAY_MS;

/** Bounds of a deadline, in consensus time: a refusal tells both. */
export interface DeadlineBounds {
  readonly earliest: TimestampMs;
  readonly latest: TimestampMs;
}

/** What a deadline may be where it may not be this; undefined where it lies ahead, and at most `longestMs`. */
export function deadlineFault(
  deadline: TimestampMs,
  timestamp: TimestampMs,
  longestMs: number,
): DeadlineBounds | undefined {
  const [earliest, latest] = [timestamp + 1, timestamp + longestMs];
  return deadline >= earliest && deadline <= latest ? undefined : { earliest, latest };
}
