/** When each transaction of a run is to be sent. Times are milliseconds from its start. */
export interface Schedule {
  /** Transactions in all. */
  readonly count: number;
  /** Transactions of the warm-up, the first ones. */
  readonly warmUpCount: number;
  /** Where the measured window begins, and where it ends. */
  readonly warmUpMs: number;
  readonly endMs: number;
  readonly perSecond: number;
  /** Intended send time of a transaction. */
  dueMs(index: number): number;
  /** How many are due by a time: all of an index below it. */
  dueBy(timeMs: number): number;
}

/** What a schedule is made of, as it crosses processes. */
export interface ScheduleSpec {
  readonly perSecond: number;
  /** Before the window; in its first half the rate rises from a tenth to the whole. 0 for none. */
  readonly warmUpSeconds: number;
  readonly seconds: number;
  /** Generators that share the rate, and which of them this is: their transactions alternate. */
  readonly shares: number;
  readonly share: number;
}

const FIRST_SHARE = 0.1;

/** A rate that rises in a straight line and then holds; at least one transaction in the window. */
export function makeSchedule({ perSecond, warmUpSeconds, seconds, shares, share }: ScheduleSpec): Schedule {
  const own = perSecond / shares / 1_000;
  const offsetMs = (share * 1_000) / perSecond;
  const rampMs = (warmUpSeconds * 1_000) / 2;
  const slope = rampMs === 0 ? 0 : (own * (1 - FIRST_SHARE)) / rampMs;
  const first = own * FIRST_SHARE;
  const rampCount = (first + (slope * rampMs) / 2) * rampMs;
  const dueMs = (index: number): number => {
    if (index >= rampCount) return offsetMs + rampMs + (index - rampCount) / own;
    // first · t + slope · t² / 2 = index
    return offsetMs + (Math.sqrt(first * first + 2 * slope * index) - first) / slope;
  };
  const dueBy = (timeMs: number): number => {
    const t = timeMs - offsetMs;
    if (t < 0) return 0;
    const passed = t < rampMs ? (first + (slope * t) / 2) * t : rampCount + (t - rampMs) * own;
    return Math.floor(passed + 1e-6) + 1;
  };
  const warmUpMs = warmUpSeconds * 1_000;
  const endMs = warmUpMs + seconds * 1_000;
  const warmUpCount = warmUpMs === 0 ? 0 : dueBy(warmUpMs - 1e-3);
  const count = Math.max(warmUpCount + 1, dueBy(endMs - 1e-3));
  return { count, warmUpCount, warmUpMs, endMs, perSecond, dueMs, dueBy };
}
