import type { InputBody, ScheduleTimerEffect } from '../../consensus/types.js';
import type { Metrics } from '../ops/ports.js';
import type { LeaderLinks } from './leaderLinks.js';
import { METRIC } from './metrics.js';
import type { TimerHandle, Timers } from './timers.js';

export interface RoundTimerOptions {
  /** How long a leader without a connection is waited for in round 0; twice as long in each round after it. */
  readonly leaderGraceMs: number;
  /** For so long after the start, connections are still being made and every leader is waited for. */
  readonly leaderSettleMs: number;
}

export interface RoundTimerModules {
  readonly timers: Timers;
  readonly leaders: Pick<LeaderLinks, 'isAway'>;
  /** Whether a proposal of this round is here: it may be decided without its leader. */
  readonly isProposed: (height: number, round: number) => boolean;
  readonly give: (input: InputBody) => void;
  readonly metrics: Metrics;
}

/** A round whose timer runs; times are monotonic milliseconds. */
interface RunningRound {
  readonly height: number;
  readonly round: number;
  readonly endsAtMs: number;
  /** Since when its leader has been away, as far as this round is concerned. */
  awaySinceMs: number | undefined;
  dueAtMs: number;
  handle: TimerHandle;
}

/** Above it the grace is longer than any timeout that may be set. */
const MAX_DOUBLINGS = 32;

/**
 * The timer of a round. It runs out early where the leader is away: what consensus asks for is the longest that it takes
 * (PROTOCOL §Consensus rule 5).
 */
export class RoundTimer {
  private running: RunningRound | undefined;
  private readonly settledAtMs: number;

  constructor(
    private readonly options: RoundTimerOptions,
    private readonly modules: RoundTimerModules,
  ) {
    this.settledAtMs = modules.timers.monotonic() + options.leaderSettleMs;
  }

  schedule({ height, round, durationMs }: ScheduleTimerEffect): void {
    this.cancel();
    const endsAtMs = this.modules.timers.monotonic() + durationMs;
    const awaySinceMs = this.awaySinceMs(height, round, undefined);
    const dueAtMs = this.dueAtMs(round, endsAtMs, awaySinceMs);
    this.running = { height, round, endsAtMs, awaySinceMs, dueAtMs, handle: this.arm(dueAtMs) };
  }

  cancel(): void {
    if (this.running !== undefined) this.modules.timers.clear(this.running.handle);
    this.running = undefined;
  }

  /** A connection was made or ended: the leader may be back, or away. */
  linksChanged(): void {
    const { running } = this;
    if (running === undefined) return;
    const { height, round, endsAtMs } = running;
    running.awaySinceMs = this.awaySinceMs(height, round, running.awaySinceMs);
    this.move(running, this.dueAtMs(round, endsAtMs, running.awaySinceMs));
  }

  private awaySinceMs(height: number, round: number, sinceMs: number | undefined): number | undefined {
    if (!this.modules.leaders.isAway(height, round)) return undefined;
    return sinceMs ?? Math.max(this.modules.timers.monotonic(), this.settledAtMs);
  }

  private dueAtMs(round: number, endsAtMs: number, awaySinceMs: number | undefined): number {
    if (awaySinceMs === undefined) return endsAtMs;
    return Math.min(endsAtMs, awaySinceMs + this.options.leaderGraceMs * 2 ** Math.min(round, MAX_DOUBLINGS));
  }

  private move(running: RunningRound, dueAtMs: number): void {
    if (dueAtMs === running.dueAtMs) return;
    this.modules.timers.clear(running.handle);
    running.dueAtMs = dueAtMs;
    running.handle = this.arm(dueAtMs);
  }

  private arm(dueAtMs: number): TimerHandle {
    const { timers } = this.modules;
    return timers.set(() => this.due(), Math.max(0, dueAtMs - timers.monotonic()));
  }

  private due(): void {
    const { running } = this;
    if (running === undefined) return;
    const { height, round, endsAtMs, dueAtMs } = running;
    const isEarly = dueAtMs < endsAtMs;
    if (isEarly && this.modules.isProposed(height, round)) {
      this.move(running, endsAtMs);
      return;
    }
    this.running = undefined;
    if (isEarly) this.modules.metrics.count(METRIC.earlyTimeouts, 1);
    this.modules.give({ type: 'timeout', height, round });
  }
}
