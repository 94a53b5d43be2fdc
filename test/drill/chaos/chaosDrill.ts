import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Member } from '../../support/processes/processNetwork.js';
import { pause } from '../../support/processes/until.js';
import { type Autopsy, DrillNetwork } from '../drillNetwork.js';
import { PaymentLoad } from '../load.js';
import { SeededRandom } from '../random.js';
import { bicOf, ProxyMesh } from './proxyMesh.js';
import { type Episode, type Fault, nextEpisode } from './schedule.js';

export interface ChaosOptions {
  /** Faults begin in this time; what has begun is ended, and all is mended and checked, after it. */
  readonly durationMs: number;
  readonly seed: number;
  readonly paymentsPerSecond: number;
}

export interface ChaosReport {
  readonly seconds: number;
  readonly episodes: number;
  /** Episodes in which more validators were hit than may fail. */
  readonly storms: number;
  readonly faultsByKind: Readonly<Record<string, number>>;
  /** Longest time in which no payment became final while at most f validators were hit. */
  readonly longestGapMs: number;
  /** The same from the end of a storm to the first payment after it. */
  readonly longestReturnMs: number;
  readonly offered: number;
  readonly settled: number;
  readonly refused: number;
  readonly skipped: number;
  readonly autopsy: Autopsy;
  readonly faults: readonly string[];
}

/**
 * Payments at a steady rate while validators are killed, stopped, cut off, muted, slowed and robbed of their data, one
 * at a time most of the time and sometimes several; then the disks of all must tell one story.
 */
export async function runChaosDrill(options: ChaosOptions, note: (text: string) => void): Promise<ChaosReport> {
  let mesh: ProxyMesh | undefined;
  const drill = await DrillNetwork.start(async (network) => {
    mesh = await ProxyMesh.between(network);
  });
  try {
    return await new ChaosDrill(options, drill, mesh as ProxyMesh, note).run();
  } finally {
    await drill.remove();
    await mesh?.close();
  }
}

class ChaosDrill {
  private readonly random: SeededRandom;
  private readonly load: PaymentLoad;
  private readonly kinds = new Map<string, number>();
  private readonly faults: string[] = [];
  private readonly gaps: GapWatch;
  private episodes = 0;
  private storms = 0;

  constructor(
    private readonly options: ChaosOptions,
    private readonly drill: DrillNetwork,
    private readonly mesh: ProxyMesh,
    private readonly note: (text: string) => void,
  ) {
    this.random = new SeededRandom(options.seed);
    this.load = new PaymentLoad(
      { name: 'CHAOS', ratePerSecond: options.paymentsPerSecond, maxOpen: 1_000 },
      drill.book,
    );
    this.gaps = new GapWatch(() => this.load.settled);
  }

  async run(): Promise<ChaosReport> {
    const startMs = performance.now();
    const elapsedMs = (): number => performance.now() - startMs;
    this.load.start();
    this.gaps.start();
    const { validators, network } = this.drill;
    const nodes = { validators: validators.map(bicOf), observer: bicOf(network.observer) };
    while (elapsedMs() < this.options.durationMs) {
      const episode = nextEpisode(this.random, nodes);
      await this.play(episode, Math.round(elapsedMs() / 1_000));
    }
    this.gaps.stop();
    await this.load.stop();
    await this.drill.untilWhole();
    const autopsy = await this.drill.stopAndExamine(this.load.refused);
    return {
      seconds: Math.round(elapsedMs() / 1_000),
      episodes: this.episodes,
      storms: this.storms,
      faultsByKind: Object.fromEntries(this.kinds),
      longestGapMs: Math.round(this.gaps.longestMs),
      longestReturnMs: Math.round(this.gaps.longestReturnMs),
      offered: this.load.sent,
      settled: this.load.settled,
      refused: this.load.refused.length,
      skipped: this.load.skipped,
      autopsy,
      faults: [...this.faults, ...this.load.failures, ...autopsy.faults],
    };
  }

  private async play(episode: Episode, atSeconds: number): Promise<void> {
    this.episodes++;
    if (episode.isStorm) this.storms++;
    const told = episode.faults.map(
      ({ kind, target, durationMs }) => `${kind} ${target} ${(durationMs / 1_000).toFixed(1)} s`,
    );
    this.note(`${atSeconds} s: ${episode.isStorm ? 'STORM: ' : ''}${told.join(', ')} (${this.load.settled} settled)`);
    this.gaps.enter(episode.isStorm);
    await Promise.all(episode.faults.map((fault) => this.inflict(fault)));
    this.gaps.leave(episode.isStorm);
    await pause(episode.calmMs);
  }

  private async inflict(fault: Fault): Promise<void> {
    this.kinds.set(fault.kind, (this.kinds.get(fault.kind) ?? 0) + 1);
    const { kind, target, other, durationMs, delayMs } = fault;
    const member = this.drill.network.member(target);
    switch (kind) {
      case 'kill':
      case 'wipe':
        await this.restart(member, durationMs, kind === 'wipe');
        return;
      case 'pause':
        signal(member, 'SIGSTOP');
        await pause(durationMs);
        signal(member, 'SIGCONT');
        return;
      case 'isolate':
        this.mesh.isolate(target);
        break;
      case 'cut':
        this.mesh.cut(target, other);
        break;
      case 'mute':
        this.mesh.mute(target);
        break;
      case 'deafen':
        this.mesh.deafen(target);
        break;
      case 'slow':
        this.mesh.slow(target, delayMs);
        break;
    }
    await pause(durationMs);
    this.mesh.mend(target);
  }

  /** Keys and journal stay where they are: without its data a node fetches the chain from the others. */
  private async restart(member: Member, downMs: number, losesData: boolean): Promise<void> {
    await member.process.kill();
    if (losesData) {
      const bytes = await this.drill.network.evidenceBytes(member).catch(() => 0);
      if (bytes > 0) this.faults.push(`${bicOf(member)} kept ${bytes} bytes of evidence before it lost its data`);
      await rm(join(member.node.home, 'data'), { recursive: true, force: true });
    }
    await pause(downMs);
    await member.process.start();
  }
}

/** To the process that the drill started, and to no other. */
function signal({ process: child }: Member, name: 'SIGSTOP' | 'SIGCONT'): void {
  if (child.running && child.pid !== undefined) process.kill(child.pid, name);
}

const LOOK_MS = 100;

/** Measures how long no payment becomes final, apart for storms and for everything else. */
class GapWatch {
  longestMs = 0;
  longestReturnMs = 0;
  private timer: NodeJS.Timeout | undefined;
  private settled = 0;
  private sinceMs = 0;
  private isStorm = false;
  /** Since the end of a storm after which nothing became final yet. */
  private stormEndedMs: number | undefined;

  constructor(private readonly count: () => number) {}

  start(): void {
    this.settled = this.count();
    this.sinceMs = performance.now();
    this.timer = setInterval(() => this.look(), LOOK_MS);
  }

  stop(): void {
    clearInterval(this.timer);
  }

  enter(isStorm: boolean): void {
    this.look();
    this.isStorm = isStorm;
  }

  leave(isStorm: boolean): void {
    this.look();
    this.isStorm = false;
    if (!isStorm) return;
    this.stormEndedMs = this.sinceMs = performance.now();
  }

  private look(): void {
    const nowMs = performance.now();
    const gapMs = nowMs - this.sinceMs;
    if (this.stormEndedMs !== undefined)
      this.longestReturnMs = Math.max(this.longestReturnMs, nowMs - this.stormEndedMs);
    else if (!this.isStorm) this.longestMs = Math.max(this.longestMs, gapMs);
    if (this.count() === this.settled && !this.isStorm) return;
    this.settled = this.count();
    this.sinceMs = nowMs;
    if (!this.isStorm) this.stormEndedMs = undefined;
  }
}
