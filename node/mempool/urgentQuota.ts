import type { TimestampMs } from '../../primitives/types.js';

/**
 * Urgent transactions of each member that the quota window of this time holds already, as far as this node saw it: after a
 * start in its middle there may be more, which the first block that meets the limit tells.
 */
export class UrgentQuota {
  private readonly counts = new Map<string, number>();
  private window = -1;

  constructor(private readonly windowMs: number) {}

  /** A block of this time holds one more of each of these. */
  onBlock(timestampMs: TimestampMs, members: readonly string[]): void {
    this.enter(this.windowOf(timestampMs));
    for (const member of members) this.counts.set(member, (this.counts.get(member) ?? 0) + 1);
  }

  /** The window is known to hold no more of the member's. */
  exhaust(member: string, nowMs: TimestampMs): void {
    this.enter(this.windowOf(nowMs));
    this.counts.set(member, Number.MAX_SAFE_INTEGER);
  }

  used(member: string, nowMs: TimestampMs): number {
    return this.windowOf(nowMs) === this.window ? (this.counts.get(member) ?? 0) : 0;
  }

  nextWindowMs(nowMs: TimestampMs): TimestampMs {
    return (this.windowOf(nowMs) + 1) * this.windowMs;
  }

  private windowOf(timeMs: TimestampMs): number {
    return Math.floor(timeMs / this.windowMs);
  }

  private enter(window: number): void {
    if (window <= this.window) return;
    this.window = window;
    this.counts.clear();
  }
}
