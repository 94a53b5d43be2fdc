import type { BlockJson } from '../../../api/values.js';
import type { Finding } from '../../../cli/doctor/finding.js';
import { onlyOf } from '../../support/processes/bankBook.js';
import type { Member } from '../../support/processes/processNetwork.js';
import { pause, until } from '../../support/processes/until.js';
import { bicOf } from '../chaos/proxyMesh.js';
import { type Autopsy, DrillNetwork } from '../drillNetwork.js';
import { PaymentLoad } from '../load.js';

export interface StallOptions {
  /** How long two of four validators are away. */
  readonly awayMs: number;
  /** How long one of four is away after that, to see what its turns cost. */
  readonly silentMs: number;
  readonly paymentsPerSecond: number;
}

export interface StallReport {
  readonly awaySeconds: number;
  /** What the doctor said while no block came. */
  readonly doctor: string;
  /** From the moment at which a quorum ran again to the first block. */
  readonly returnMs: number;
  /** The same to the first payment that waited meanwhile. */
  readonly firstPaymentMs: number;
  /** Between the timestamps of two blocks, where the silent validator's turn was missed before it, and elsewhere. */
  readonly missedTurnMs: number;
  readonly otherTurnMs: number;
  readonly missedTurns: number;
  readonly roundTimeoutMs: number;
  readonly settled: number;
  readonly refused: number;
  readonly autopsy: Autopsy;
  readonly faults: readonly string[];
}

/** What was in flight is decided by then, or never. */
const SETTLING_MS = 2_000;
/** By then a silent validator has been seen as such, and a block is overdue. */
const NOTICED_MS = 12_000;

/**
 * Takes the quorum away for long and gives it back: nothing may be decided meanwhile, the doctor must name who is away,
 * and the first block must come at once afterwards. Then takes one validator away, and measures what its turns cost.
 */
export async function runStallDrill(options: StallOptions, note: (text: string) => void): Promise<StallReport> {
  const drill = await DrillNetwork.start();
  try {
    return await new StallDrill(options, drill, note).run();
  } finally {
    await drill.remove();
  }
}

class StallDrill {
  private readonly faults: string[] = [];
  private readonly stopped: Member;
  private readonly killed: Member;
  private readonly rest: readonly Member[];

  constructor(
    private readonly options: StallOptions,
    private readonly drill: DrillNetwork,
    private readonly note: (text: string) => void,
  ) {
    const [first, second, stopped, killed] = drill.validators as [Member, Member, Member, Member];
    this.rest = [first, second];
    this.stopped = stopped;
    this.killed = killed;
  }

  async run(): Promise<StallReport> {
    const { awayMs, paymentsPerSecond: ratePerSecond } = this.options;
    const before = new PaymentLoad({ name: 'BEFORE', ratePerSecond, maxOpen: 200 }, this.drill.book);
    before.start();
    await until('payments that flow', () => before.settled >= 10);
    await before.stop();
    process.kill(this.stopped.process.pid as number, 'SIGSTOP');
    await this.killed.process.kill();
    this.note(`${bicOf(this.stopped)} is stopped and ${bicOf(this.killed)} killed: no quorum for ${awayMs / 1_000} s`);
    await pause(SETTLING_MS);
    const height = await this.drill.height(this.rest);
    await pause(Math.max(NOTICED_MS, awayMs) - SETTLING_MS);
    const doctor = await this.consult();
    const reached = await this.drill.height(this.rest);
    if (reached !== height) this.faults.push(`without a quorum the chain went from height ${height} to ${reached}`);
    const back = await this.giveBack(height);
    const turns = await this.silentTurns();
    await this.drill.untilWhole();
    const autopsy = await this.drill.stopAndExamine(back.load.refused);
    return {
      awaySeconds: Math.round(Math.max(NOTICED_MS, awayMs) / 1_000),
      doctor,
      returnMs: back.returnMs,
      firstPaymentMs: back.firstPaymentMs,
      ...turns,
      roundTimeoutMs: this.drill.network.genesis.parameters.roundTimeoutBaseMs,
      settled: this.drill.book.final.size,
      refused: back.load.refused.length,
      autopsy,
      faults: [...this.faults, ...before.failures, ...back.load.failures, ...autopsy.faults],
    };
  }

  /** Asks the doctor at a node that runs: it must say that no block comes, and who is away. */
  private async consult(): Promise<string> {
    const [asked] = this.rest as [Member];
    const { exitCode, envelope } = await this.drill.network.operator(asked).run('doctor', '--rpc', asked.node.rpcUrl);
    const { findings } = envelope.data as { readonly findings: readonly Finding[] };
    const summary = findings.find(({ code }) => code === 'NO_BLOCK')?.summary ?? 'the doctor found no stall';
    this.note(`doctor: ${summary}`);
    for (const member of [this.stopped, this.killed]) {
      if (!summary.includes(`${bicOf(member)} (last heard`))
        this.faults.push(`the doctor does not name ${bicOf(member)}`);
    }
    for (const member of this.rest) {
      if (summary.includes(`${bicOf(member)} (`)) this.faults.push(`the doctor calls ${bicOf(member)} silent`);
    }
    if (exitCode !== 5) this.faults.push(`the doctor ended with code ${exitCode}`);
    return summary;
  }

  /** Offers payments, gives the quorum back, and looks how long the first block and the first payment take. */
  private async giveBack(height: number) {
    const { paymentsPerSecond: ratePerSecond } = this.options;
    const client = this.drill.network.client(this.rest);
    const load = new PaymentLoad({ name: 'BACK', ratePerSecond, maxOpen: 500 }, this.drill.book, client);
    load.start();
    await pause(SETTLING_MS);
    const startMs = performance.now();
    process.kill(this.stopped.process.pid as number, 'SIGCONT');
    await until('a block after the stall', async () => (await this.drill.height(this.rest)) > height);
    const returnMs = Math.round(performance.now() - startMs);
    await until('a payment after the stall', () => load.settled > 0);
    const firstPaymentMs = Math.round(performance.now() - startMs);
    this.note(`a block ${returnMs} ms after the quorum was back, a payment after ${firstPaymentMs} ms`);
    await load.stop();
    await this.killed.process.start();
    await this.drill.untilWhole();
    return { returnMs, firstPaymentMs, load };
  }

  /** One of four is away: how long a block takes whose first leader it is, and any other. */
  private async silentTurns(): Promise<Pick<StallReport, 'missedTurnMs' | 'otherTurnMs' | 'missedTurns'>> {
    const { silentMs, paymentsPerSecond: ratePerSecond } = this.options;
    await this.killed.process.kill();
    const members = this.drill.validators.filter((member) => member !== this.killed);
    await pause(SETTLING_MS);
    const from = (await this.drill.height(members)) + 1;
    const load = new PaymentLoad(
      { name: 'SILENT', ratePerSecond, maxOpen: 500 },
      this.drill.book,
      this.drill.network.client(members),
    );
    load.start();
    await pause(silentMs);
    await load.stop();
    const to = await this.drill.height(members);
    const blocks = await this.blocks(members[0] as Member, from, to);
    await this.killed.process.start();
    const intervals = blocks.slice(1).map((block, index) => ({
      isMissed: block.height % this.drill.validators.length === this.killed.seat,
      ms: block.timestamp - (blocks[index] as BlockJson).timestamp,
    }));
    const missed = intervals.filter(({ isMissed }) => isMissed).map(({ ms }) => ms);
    const other = intervals.filter(({ isMissed }) => !isMissed).map(({ ms }) => ms);
    this.faults.push(...load.failures);
    return { missedTurnMs: median(missed), otherTurnMs: median(other), missedTurns: missed.length };
  }

  private async blocks(member: Member, from: number, to: number): Promise<readonly BlockJson[]> {
    const client = onlyOf(this.drill.network, member);
    const blocks: BlockJson[] = [];
    for (let height = from; height <= to; height++) blocks.push(await client.call('block', { height }));
    return blocks;
  }
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}
