/** Buckets of a power of two: a value is told to within 1/128 of itself. */
const SUB_BITS = 7;
const SUB_BUCKETS = 1 << SUB_BITS;
/** Twice 128 exact buckets below 256 µs, and 128 for each power of two above, up to 2^30 µs (18 minutes). */
const MAX_BITS = 30;
const BUCKETS = (MAX_BITS - SUB_BITS + 1) * SUB_BUCKETS;
const MAX_VALUE_US = 2 ** MAX_BITS - 1;

/** A histogram as it crosses processes and stands in reports: bucket and count in turn, empty buckets left out. */
export interface HistogramData {
  readonly buckets: readonly number[];
  /** Exact; 0 of an empty one. */
  readonly minUs: number;
  readonly maxUs: number;
  readonly sumUs: number;
}

/** Milliseconds, to a hundredth; undefined when there was nothing to measure. */
export interface LatencySummary {
  readonly count: number;
  readonly meanMs: number | undefined;
  readonly p50Ms: number | undefined;
  readonly p90Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly p999Ms: number | undefined;
  readonly maxMs: number | undefined;
}

/** Latencies in log-linear buckets, microseconds: memory and merging do not depend on how many there are. */
export class LatencyHistogram {
  readonly #counts = new Float64Array(BUCKETS);
  #count = 0;
  #minUs = Number.POSITIVE_INFINITY;
  #maxUs = 0;
  #sumUs = 0;

  /** Values that were recorded. */
  get count(): number {
    return this.#count;
  }

  /** Takes a latency in milliseconds; a negative one counts as 0, one beyond 18 minutes as that. */
  record(latencyMs: number, times = 1): void {
    const valueUs = Math.min(MAX_VALUE_US, Math.max(0, Math.round(latencyMs * 1_000)));
    const bucket = bucketOf(valueUs);
    this.#counts[bucket] = (this.#counts[bucket] as number) + times;
    this.#count += times;
    this.#minUs = Math.min(this.#minUs, valueUs);
    this.#maxUs = Math.max(this.#maxUs, valueUs);
    this.#sumUs += valueUs * times;
  }

  /** Adds everything of another. */
  add({ buckets, minUs, maxUs, sumUs }: HistogramData): void {
    for (let i = 0; i + 1 < buckets.length; i += 2) {
      const [bucket, times] = [buckets[i] as number, buckets[i + 1] as number];
      this.#counts[bucket] = (this.#counts[bucket] as number) + times;
      this.#count += times;
    }
    if (buckets.length > 0) this.#minUs = Math.min(this.#minUs, minUs);
    this.#maxUs = Math.max(this.#maxUs, maxUs);
    this.#sumUs += sumUs;
  }

  /** The nearest rank's bucket, by its upper end, never above the greatest value. @returns undefined of an empty one */
  percentileMs(percent: number): number | undefined {
    if (this.#count === 0) return undefined;
    const rank = Math.max(1, Math.ceil((this.#count * percent) / 100));
    let seen = 0;
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      seen += this.#counts[bucket] as number;
      if (seen >= rank) return hundredths(Math.min(this.#maxUs, upperEndUs(bucket)) / 1_000);
    }
    return hundredths(this.#maxUs / 1_000);
  }

  summary(): LatencySummary {
    const has = this.#count > 0;
    return {
      count: this.#count,
      meanMs: has ? hundredths(this.#sumUs / this.#count / 1_000) : undefined,
      p50Ms: this.percentileMs(50),
      p90Ms: this.percentileMs(90),
      p99Ms: this.percentileMs(99),
      p999Ms: this.percentileMs(99.9),
      maxMs: has ? hundredths(this.#maxUs / 1_000) : undefined,
    };
  }

  toData(): HistogramData {
    const buckets: number[] = [];
    this.#counts.forEach((times, bucket) => {
      if (times > 0) buckets.push(bucket, times);
    });
    return { buckets, minUs: this.#count === 0 ? 0 : this.#minUs, maxUs: this.#maxUs, sumUs: this.#sumUs };
  }
}

function bucketOf(valueUs: number): number {
  if (valueUs < 2 * SUB_BUCKETS) return valueUs;
  const shift = 31 - Math.clz32(valueUs) - SUB_BITS;
  return shift * SUB_BUCKETS + (valueUs >>> shift);
}

function upperEndUs(bucket: number): number {
  if (bucket < 2 * SUB_BUCKETS) return bucket;
  const shift = Math.floor(bucket / SUB_BUCKETS) - 1;
  return (bucket - shift * SUB_BUCKETS + 1) * 2 ** shift - 1;
}

function hundredths(value: number): number {
  return Math.round(value * 100) / 100;
}
