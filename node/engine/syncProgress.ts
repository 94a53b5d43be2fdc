import type { SyncPeerStatus } from './syncPeers.js';

/** How far a node is behind, and how long it takes. */
export interface SyncStatus {
  readonly height: number;
  /** The height that peers say they have: that of more peers than may be faulty, where so many speak. */
  readonly targetHeight: number;
  /** Blocks a second, over the newest 15 seconds; 0 while that is not known. */
  readonly blocksPerSecond: number;
  /** Undefined while that is not known. */
  readonly secondsLeft: number | undefined;
  readonly peers: readonly SyncPeerStatus[];
}

interface Sample {
  readonly atMs: number;
  readonly height: number;
  readonly targetHeight: number;
}

const SAMPLE_MS = 500;
const WINDOW_MS = 15_000;

/** The pace of catching up, of heights that are told with the time. */
export class SyncProgress {
  private readonly samples: Sample[] = [];

  /** Notes where the chain is; the newest quarter of a minute is kept. */
  note(height: number, targetHeight: number, nowMs: number): void {
    const last = this.samples.at(-1);
    if (last !== undefined && nowMs - last.atMs < SAMPLE_MS) return;
    if (last !== undefined && nowMs - last.atMs > WINDOW_MS) this.reset();
    this.samples.push({ atMs: nowMs, height, targetHeight });
    while (nowMs - (this.samples[0]?.atMs ?? nowMs) > WINDOW_MS) this.samples.shift();
  }

  /** Forgets the pace: what comes next is a catching up of its own. */
  reset(): void {
    this.samples.length = 0;
  }

  /**
   * @returns the pace as whole blocks a second, and the seconds that are left at it, the target's own pace taken into
   *   account: undefined where nothing is known yet, or the target runs away
   */
  pace(height: number, targetHeight: number, nowMs: number): Pick<SyncStatus, 'blocksPerSecond' | 'secondsLeft'> {
    const left = Math.max(0, targetHeight - height);
    const [first] = this.samples;
    const last = this.samples.at(-1);
    // What was caught up with long ago tells nothing of now.
    const isStale = last === undefined || nowMs - last.atMs > WINDOW_MS;
    if (first === undefined || isStale || nowMs - first.atMs < SAMPLE_MS) {
      return { blocksPerSecond: 0, secondsLeft: left === 0 ? 0 : undefined };
    }
    const elapsedMs = nowMs - first.atMs;
    const gained = height - first.height;
    const closed = gained - (first.targetHeight === 0 ? 0 : Math.max(0, targetHeight - first.targetHeight));
    return {
      blocksPerSecond: Math.max(0, Math.round((gained * 1_000) / elapsedMs)),
      secondsLeft: left === 0 ? 0 : closed <= 0 ? undefined : Math.ceil((left * elapsedMs) / (closed * 1_000)),
    };
  }
}
