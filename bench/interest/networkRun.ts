import { setTimeout as sleep } from 'node:timers/promises';
import { FinalityVerifier } from '../../client/verifier.js';
import { actions } from '../../contracts/index.js';
import { trustedChain } from '../../genesis/genesis.js';
import { nativeSha256 } from '../../node/nativeSha256.js';
import { chooseBackend } from '../../node/signatures/chooseBackend.js';
import { BenchError } from '../errors.js';
import { LatencyHistogram } from '../load/histogram.js';
import { type Measured, runOpenLoop } from '../load/openLoop.js';
import { paymentCost } from '../load/paymentCost.js';
import type { TransactionPreparer } from '../load/preparedTransactions.js';
import { makeSchedule } from '../load/schedule.js';
import { Settlement } from '../load/settlement.js';
import type { Cluster } from '../network/cluster.js';
import { blockCost } from '../network/nodeCounters.js';
import type { InterestOptions } from '../options.js';
import { type NetworkFigures, type PaymentFigures, requireSum } from './figures.js';
import type { Notes } from './notes.js';

const TELL_INSTRUMENTS = 10;
/** Before anything counts, payments come so many times as fast: code is compiled by how often it runs. */
const WARM_UP_SECONDS = 15;
const WARM_UP_FACTOR = 4;
const WINDOW_SECONDS = 5;
const LEAD_MS = 50;
/** Transactions of the run that are under way at a time. */
const UNDER_WAY = 6;
const SETTLE_TIMEOUT_MS = 240_000;
const REQUEST_TIMEOUT_MS = 10_000;

/** Works interest out on four nodes while payments settle, each proven. */
export class NetworkRun {
  readonly #settlement: Settlement;

  constructor(
    private readonly options: InterestOptions,
    private readonly cluster: Cluster,
    private readonly preparer: TransactionPreparer,
    private readonly notes: Notes,
    private readonly note: (text: string) => void,
  ) {
    const verifier = new FinalityVerifier(trustedChain(cluster.network.genesis), {
      backend: chooseBackend().backend,
      sha256: nativeSha256,
    });
    this.#settlement = new Settlement([...cluster.connections], verifier, cluster.closed);
  }

  async run(): Promise<NetworkFigures> {
    await this.#load(WARM_UP_SECONDS, WARM_UP_FACTOR * this.options.rate);
    await this.#workOut(this.notes.warmUp);
    const before = await this.cluster.cost();
    const { seconds, measured, after } = await this.#workOut(this.notes.counted);
    await this.cluster.requireOneLedger();
    await this.#requireSums();
    const { count } = this.notes;
    const { cpuUs: cpuUsPerNote = Number.NaN, cpuUsByRoom } = paymentCost(before, after, count);
    const { blocks } = blockCost(before.counters, after.counters);
    const notesPerSecond = Math.round(count / seconds);
    return { seconds, notesPerSecond, cpuUsPerNote, cpuUsByRoom, blocks, payments: figures(measured) };
  }

  /** Works instruments out while payments settle: those count that were due meanwhile. */
  async #workOut(instruments: readonly number[]) {
    const measured: Measured[] = [];
    const startMs = performance.now();
    let isOver = false;
    const accrual = this.#accrue(instruments).then(async () => {
      isOver = true;
      const endMs = performance.now();
      return { endMs, after: await this.cluster.cost() };
    });
    accrual.catch(() => {
      isOver = true;
    });
    while (!isOver) measured.push(...(await this.#load(WINDOW_SECONDS)));
    const { endMs, after } = await accrual;
    return { seconds: (endMs - startMs) / 1_000, after, measured: measured.filter(({ dueMs }) => dueMs <= endMs) };
  }

  /** @returns payments with their times as `performance.now` has them */
  async #load(seconds: number, perSecond = this.options.rate): Promise<readonly Measured[]> {
    const schedule = makeSchedule({ perSecond, warmUpSeconds: 0, seconds, shares: 1, share: 0 });
    const transactions = this.preparer.prepare('single', schedule.count, this.cluster.network.accounts);
    const measured: Measured[] = [];
    const startMs = performance.now() + LEAD_MS;
    await runOpenLoop(transactions, schedule, startMs, this.#settlement, ({ dueMs, endMs, ...each }) =>
      measured.push({ ...each, dueMs: startMs + dueMs, endMs: startMs + endMs }),
    );
    return measured;
  }

  async #accrue(instruments: readonly number[]): Promise<void> {
    const waiting = [...instruments];
    const total = waiting.length;
    const work = async (): Promise<void> => {
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        await this.#settleOne(next);
        const left = waiting.length;
        if (left % TELL_INSTRUMENTS === 0) this.note(`${total - left} of ${total} instruments worked out`);
      }
    };
    await Promise.all(Array.from({ length: UNDER_WAY }, work));
  }

  async #settleOne(instrument: number): Promise<void> {
    const deadlineMs = performance.now() + SETTLE_TIMEOUT_MS;
    const ends: string[] = [];
    await this.#settlement.settle([this.notes.accrue(instrument)], deadlineMs, (_, { status, code }) => {
      if (status !== 'final' || code !== '') ends.push(`${status} ${code}`);
    });
    if (ends.length === 0) return;
    throw new BenchError('LEDGER_WRONG', `interest of instrument ${instrument} was not worked out: ${ends.join()}`, {});
  }

  async #requireSums(): Promise<void> {
    const { action } = actions.methods;
    for (const instrument of this.notes.all) {
      const args = { contract: 'actions', method: 'action', args: { id: this.notes.idOf(instrument) } };
      const [node] = this.cluster.connections;
      const answer = await node?.call('view', args, REQUEST_TIMEOUT_MS);
      const result = action.returns?.parseJson(answer?.value);
      requireSum(result?.entitled, instrument, this.notes);
      await sleep(0);
    }
  }
}

function figures(measured: readonly Measured[]): PaymentFigures {
  const proven = measured.filter(({ settled }) => settled.status === 'final' && settled.code === '');
  const histogram = new LatencyHistogram();
  for (const { dueMs, endMs } of proven) histogram.record(endMs - dueMs);
  return { latency: histogram.summary(), offered: measured.length, proven: proven.length };
}
