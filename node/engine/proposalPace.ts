import type { Timers } from './timers.js';

/** Bytes of transactions decided a second, up to which a leader proposes as soon as it may: about 200 single payments. */
const CALM_BYTES_PER_SECOND = 48_000;
/** From here on it waits the longest: about 2,000 single payments a second. */
const BUSY_BYTES_PER_SECOND = 480_000;
/** How long what was decided counts, about. */
const MEMORY_MS = 500;

export interface ProposalPaceOptions {
  /**
   * Between the timestamps of two blocks, at the most: half of it is what a transaction waits on average. A fraction of the first
   * round's timeout, which runs meanwhile at validators that have heard of less.
   */
  readonly longestMs: number;
}

/**
 * How long after its parent a leader proposes a block, beyond what the network's parameters ask for. A block has a price of its own
 * on every node, however little it holds: where much is decided, few large ones leave more time for transactions than many
 * small ones; where little is, nobody waits.
 */
export class ProposalPace {
  /** Bytes that were decided of late, the older the less. */
  private recentBytes = 0;
  private lastMs: number;

  constructor(
    private readonly options: ProposalPaceOptions,
    private readonly timers: Pick<Timers, 'now' | 'monotonic'>,
  ) {
    this.lastMs = timers.monotonic();
  }

  /** A block with so many bytes of transactions was decided. */
  decided(bytes: number): void {
    const nowMs = this.timers.monotonic();
    this.recentBytes = this.recentBytes * Math.exp((this.lastMs - nowMs) / MEMORY_MS) + bytes;
    this.lastMs = nowMs;
  }

  /** How much of the interval is left, in milliseconds. */
  remainingMs(parentTimestampMs: number): number {
    const bytesPerSecond = (this.recentBytes * 1_000) / MEMORY_MS;
    const share = (bytesPerSecond - CALM_BYTES_PER_SECOND) / (BUSY_BYTES_PER_SECOND - CALM_BYTES_PER_SECOND);
    const intervalMs = Math.floor(this.options.longestMs * Math.min(1, Math.max(0, share)));
    // Where clocks disagree, the interval is what it is at the most.
    return Math.min(intervalMs, Math.max(0, intervalMs - (this.timers.now() - parentTimestampMs)));
  }
}
