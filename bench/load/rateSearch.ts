/** Greatest number of windows of one search. */
const MAX_WINDOWS = 14;
/** The search ends when the lowest rate that was not served is within this of the highest that was. */
const PRECISION = 1.08;
const STEP = 2;
const LEAST_RATE = 1;

export interface RateSearch {
  readonly firstRate: number;
  readonly greatestRate: number;
  /** No window begins after it, in terms of `nowMs`. */
  readonly deadlineMs: number;
  readonly nowMs: () => number;
  /** Runs one window; false in `canGoOn` when the network did not recover from it. */
  readonly run: (rate: number) => Promise<{ readonly isServed: boolean; readonly canGoOn: boolean }>;
}

/**
 * Doubles the rate until it is not served, or halves it until it is, then halves the ratio between the two, within
 * bounds of windows and time.
 *
 * @returns the highest rate that was served; undefined when none was
 */
export async function searchRate(search: RateSearch): Promise<number | undefined> {
  const { firstRate, greatestRate, deadlineMs, nowMs, run } = search;
  let served: number | undefined;
  let unserved: number | undefined;
  let rate = Math.min(firstRate, greatestRate);
  for (let window = 0; window < MAX_WINDOWS && nowMs() < deadlineMs; window++) {
    const { isServed, canGoOn } = await run(rate);
    if (isServed) served = Math.max(rate, served ?? 0);
    else unserved = rate;
    if (!canGoOn) break;
    const next = nextRate(served, unserved);
    if (next === undefined || (served ?? 0) >= greatestRate) break;
    rate = Math.min(next, greatestRate);
  }
  return served;
}

function nextRate(served: number | undefined, unserved: number | undefined): number | undefined {
  if (unserved === undefined) return Math.round((served ?? LEAST_RATE) * STEP);
  if (served === undefined)
    return unserved <= LEAST_RATE ? undefined : Math.max(LEAST_RATE, Math.round(unserved / STEP));
  if (unserved / served <= PRECISION) return undefined;
  return Math.round(Math.sqrt(served * unserved));
}
