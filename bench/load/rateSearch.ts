import { isServed, type WindowReport } from './windowReport.js';

const MAX_WINDOWS = 9;
/** Windows between the highest rate that was served and the lowest that was not. */
const REFINEMENTS = 2;

export interface RateSearch {
  readonly firstRate: number;
  /** No window begins after it, in terms of `nowMs`. */
  readonly deadlineMs: number;
  readonly nowMs: () => number;
  /** Runs one window; false in `canGoOn` when the network did not recover from it. */
  readonly run: (rate: number) => Promise<{ readonly report: WindowReport; readonly canGoOn: boolean }>;
}

/** Doubles the rate until it is not served, then halves the distance, within bounds of windows and time. */
export async function searchRate({ firstRate, deadlineMs, nowMs, run }: RateSearch): Promise<WindowReport[]> {
  const reports: WindowReport[] = [];
  let [served, unserved] = [0, Number.POSITIVE_INFINITY];
  let [rate, refined] = [firstRate, 0];
  while (reports.length < MAX_WINDOWS && refined <= REFINEMENTS && nowMs() < deadlineMs) {
    const { report, canGoOn } = await run(rate);
    reports.push(report);
    if (isServed(report)) served = rate;
    else unserved = rate;
    if (!canGoOn) break;
    if (unserved === Number.POSITIVE_INFINITY) {
      rate *= 2;
      continue;
    }
    rate = Math.round((served + unserved) / 2);
    refined++;
  }
  return reports;
}

/** The highest rate that was served; undefined when none was. */
export function bestOf(reports: readonly WindowReport[]): WindowReport | undefined {
  return reports
    .filter(isServed)
    .reduce<WindowReport | undefined>(
      (best, report) => (best === undefined || report.offeredPerSecond > best.offeredPerSecond ? report : best),
      undefined,
    );
}
