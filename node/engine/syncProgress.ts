import type { SyncPeerStatus } from './syncPeers.js';

/** How far a node is behind, and how long it takes. */
export interface SyncStatus {
  readonly height: number;
  /** The height that peers say they have: that of more peers than may be faulty, where so many speak. */
  readonly targetHeight: number;
  /** Blocks a second, over the newest half minute; 0 while that is not known. */
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
const WINDOW_SAMPLES = 60;

/** The pace of catching up, of heights that are told with the time. */
export class SyncProgress {
  private readonly samples: Sample[] = [];

  /** Notes where the chain is; the newest half minute is kept. */
  note(height: number, targetHeight: number, nowMs: number): void {
    const last = this.samples.at(-1);
    if (last !== undefined && nowMs - last.atMs < SAMPLE_MS) return;
    this.samples.push({ atMs: nowMs, height, targetHeight });
    if (this.samples.length > WINDOW_SAMPLES) this.samples.shift();
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
    if (first === undefined || nowMs - first.atMs < SAMPLE_MS) {
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

/** `height 41,200 of 100,312, 950 blocks/s, about 1 min left` */
export function describeProgress({
  height,
  targetHeight,
  blocksPerSecond,
  secondsLeft,
}: Omit<SyncStatus, 'peers'>): string {
  const left = secondsLeft === undefined ? 'time left not known yet' : `about ${describeSeconds(secondsLeft)} left`;
  return `height ${grouped(height)} of ${grouped(targetHeight)}, ${grouped(blocksPerSecond)} blocks/s, ${left}`;
}

/** A duration as a person says it: `40 s`, `3 min`, `2 h 5 min`. */
function describeSeconds(seconds: number): string {
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.round(seconds / 60);
  if (minutes < 60) return `${minutes} min`;
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

function grouped(value: number): string {
  return `${value}`.replace(/\B(?=(?:\d{3})+$)/g, ',');
}
