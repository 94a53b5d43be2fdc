import type { Member } from '../../support/processes/processNetwork.js';
import { until } from '../../support/processes/until.js';
import { type Autopsy, DrillNetwork } from '../drillNetwork.js';
import { PaymentLoad } from '../load.js';
import { type ArmedFailpoint, FAILPOINTS, type Failpoint } from '../node/failpoints.js';
import { SeededRandom } from '../random.js';

export interface FailpointDrillOptions {
  readonly kills: number;
  readonly seed: number;
  readonly paymentsPerSecond: number;
  /** Of which to die, in turn; all of them unless told. */
  readonly points?: readonly Failpoint[];
}

export interface FailpointReport {
  readonly kills: number;
  readonly killsByPoint: Readonly<Record<string, number>>;
  /** From the start of a killed node until it had what the others had and its vote left it again. */
  readonly slowestReturnMs: number;
  readonly medianReturnMs: number;
  readonly seconds: number;
  readonly settled: number;
  readonly refused: number;
  readonly skipped: number;
  readonly autopsy: Autopsy;
  readonly faults: readonly string[];
}

/** Passages of a point before the node dies: under load every point is passed several times a second. */
const MAX_COUNT = 12;

/**
 * Kills validators at points around journal, votes, bodies and commits, one after the other under load. After each the
 * node is started again and must catch up and vote; at the end the disks of all must tell one story.
 */
export async function runFailpointDrill(
  options: FailpointDrillOptions,
  note: (text: string) => void,
): Promise<FailpointReport> {
  const drill = await DrillNetwork.start();
  try {
    return await new FailpointDrill(options, drill, note).run();
  } finally {
    await drill.remove();
  }
}

class FailpointDrill {
  private readonly random: SeededRandom;
  private readonly load: PaymentLoad;
  private readonly killsByPoint = new Map<Failpoint, number>();
  private readonly returnsMs: number[] = [];

  constructor(
    private readonly options: FailpointDrillOptions,
    private readonly drill: DrillNetwork,
    private readonly note: (text: string) => void,
  ) {
    this.random = new SeededRandom(options.seed);
    const { paymentsPerSecond: ratePerSecond } = options;
    this.load = new PaymentLoad({ name: 'FAIL', ratePerSecond, maxOpen: 500 }, drill.book);
  }

  async run(): Promise<FailpointReport> {
    const startMs = performance.now();
    this.load.start();
    const { points = FAILPOINTS, kills } = this.options;
    for (let kill = 0; kill < kills; kill++) {
      const point = points[kill % points.length] as Failpoint;
      const victim = this.drill.validators[kill % this.drill.validators.length] as Member;
      await this.killOnce(victim, point, kill);
    }
    await this.load.stop();
    await this.drill.untilWhole();
    const seconds = (performance.now() - startMs) / 1_000;
    const autopsy = await this.drill.stopAndExamine(this.load.refused);
    const sorted = [...this.returnsMs].sort((a, b) => a - b);
    return {
      kills,
      killsByPoint: Object.fromEntries(this.killsByPoint),
      slowestReturnMs: Math.round(sorted.at(-1) ?? 0),
      medianReturnMs: Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0),
      seconds: Math.round(seconds),
      settled: this.load.settled,
      refused: this.load.refused.length,
      skipped: this.load.skipped,
      autopsy,
      faults: [...this.load.failures, ...autopsy.faults],
    };
  }

  private async killOnce(victim: Member, point: Failpoint, kill: number): Promise<void> {
    const isAtStart = point.startsWith('start.');
    const armed: ArmedFailpoint = { point, count: isAtStart ? 1 : this.random.between(1, MAX_COUNT) };
    if (isAtStart) await this.dieAtStart(victim, armed);
    else await this.dieAtWork(victim, armed);
    this.killsByPoint.set(point, (this.killsByPoint.get(point) ?? 0) + 1);
    const returnMs = await this.comeBack(victim);
    const { bic } = victim.node.member;
    const progress = `${kill + 1}/${this.options.kills}`;
    this.note(
      `${progress} ${bic} died at ${point}, passage ${armed.count}; votes again after ${Math.round(returnMs)} ms`,
    );
  }

  private async dieAtWork(victim: Member, armed: ArmedFailpoint): Promise<void> {
    await this.drill.arm(victim, armed);
    await until(`${victim.node.member.bic} to die at ${armed.point}`, () => !victim.process.running);
  }

  private async dieAtStart(victim: Member, armed: ArmedFailpoint): Promise<void> {
    await victim.process.kill();
    await this.drill.arm(victim, armed);
    await victim.process.start().then(
      () => Promise.reject(new RangeError(`${victim.node.member.bic} started without passing ${armed.point}`)),
      () => undefined,
    );
  }

  /** @returns how long it took */
  private async comeBack(victim: Member): Promise<number> {
    await this.drill.arm(victim, undefined);
    const startMs = performance.now();
    await victim.process.start();
    const others = this.drill.validators.filter((member) => member !== victim);
    const height = await this.drill.height(others);
    await this.drill.untilHeight(victim, height);
    await until(`a vote of ${victim.node.member.bic} above height ${height}`, async () => {
      const votes = await this.drill.sentVotes(victim);
      return votes.some((vote) => vote.height > height && vote.type !== 'proposal');
    });
    const returnMs = performance.now() - startMs;
    this.returnsMs.push(returnMs);
    return returnMs;
  }
}
