/** Milliseconds, to a tenth; undefined when there was nothing to measure. */
export interface LatencySummary {
  readonly count: number;
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly maxMs: number | undefined;
}

/** Percentiles by nearest rank: each is a latency that was measured, none is interpolated. */
export function summarise(latenciesMs: readonly number[]): LatencySummary {
  const sorted = Float64Array.from(latenciesMs).sort();
  const rank = (percent: number): number | undefined => {
    const value = sorted[Math.max(0, Math.ceil((sorted.length * percent) / 100) - 1)];
    return value === undefined ? undefined : Math.round(value * 10) / 10;
  };
  return { count: sorted.length, p50Ms: rank(50), p99Ms: rank(99), maxMs: rank(100) };
}
