import type { TimestampMs } from '../../primitives/types.js';
import type { PendingEntry } from './pendingEntry.js';

const BUCKET_MS = 1_000;

/** Waiting transactions by the second in which they expire: what has expired is found without looking at the rest. */
export class ExpiryIndex {
  private readonly buckets = new Map<number, Set<PendingEntry>>();

  add(entry: PendingEntry): void {
    const key = bucketOf(entry.expiresAt);
    const bucket = this.buckets.get(key);
    if (bucket === undefined) this.buckets.set(key, new Set([entry]));
    else bucket.add(entry);
  }

  delete(entry: PendingEntry): void {
    const key = bucketOf(entry.expiresAt);
    const bucket = this.buckets.get(key);
    if (bucket?.delete(entry) && bucket.size === 0) this.buckets.delete(key);
  }

  /** Those that expire before this time. There are no more buckets than seconds in the window. */
  expiredBefore(timeMs: TimestampMs): readonly PendingEntry[] {
    const expired: PendingEntry[] = [];
    const last = bucketOf(timeMs);
    for (const [key, bucket] of this.buckets) {
      if (key > last) continue;
      for (const entry of bucket) if (entry.expiresAt < timeMs) expired.push(entry);
    }
    return expired;
  }
}

function bucketOf(timeMs: TimestampMs): number {
  return Math.floor(timeMs / BUCKET_MS);
}
