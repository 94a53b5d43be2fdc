import { isFatalFault } from './errors.js';
import type { MonotonicClock } from './throttle.js';

/** See NetworkLimits for the meaning and unit of each. */
export interface ScoreLimits {
  readonly faultLimit: number;
  readonly faultDecayMs: number;
  readonly banBaseMs: number;
  readonly banCapMs: number;
  readonly banForgetMs: number;
}

interface Score {
  faults: number;
  faultsAtMs: number;
  bans: number;
  bannedUntilMs: number;
}

/**
 * Faults of peers. A malformed or oversized frame bans at once, others only when they gather faster than they are
 * forgiven. Bans end by themselves and grow with each repetition, up to a cap: a repaired peer must always come back.
 */
export class PeerScores {
  private readonly scores = new Map<string, Score>();

  constructor(
    private readonly limits: ScoreLimits,
    private readonly clock: MonotonicClock,
  ) {}

  /** Counts a fault. @returns for how long the peer is banned for it, 0 when it is not. */
  fault(peerId: string, code: string): number {
    const nowMs = this.clock();
    const score = this.scores.get(peerId) ?? { faults: 0, faultsAtMs: nowMs, bans: 0, bannedUntilMs: 0 };
    this.scores.set(peerId, score);
    const forgiven = (nowMs - score.faultsAtMs) / this.limits.faultDecayMs;
    score.faults = Math.max(0, score.faults - forgiven) + 1;
    score.faultsAtMs = nowMs;
    if (!isFatalFault(code) && score.faults <= this.limits.faultLimit) return 0;
    if (nowMs - score.bannedUntilMs >= this.limits.banForgetMs) score.bans = 0;
    const banMs = Math.min(this.limits.banBaseMs * 2 ** score.bans, this.limits.banCapMs);
    score.bans++;
    score.faults = 0;
    score.bannedUntilMs = nowMs + banMs;
    return banMs;
  }

  isBanned(peerId: string): boolean {
    const score = this.scores.get(peerId);
    return score !== undefined && this.clock() < score.bannedUntilMs;
  }

  /** Forgets all peers but these: the map is no longer than the allow-list. */
  retain(peerIds: ReadonlySet<string>): void {
    for (const peerId of this.scores.keys()) if (!peerIds.has(peerId)) this.scores.delete(peerId);
  }
}
