import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type CatchUpJson, describeCatchUp } from '../../api/catchUp.js';
import type { StatusJson } from '../../api/values.js';
import { FinalityVerifier } from '../../client/verifier.js';
import { trustedChain } from '../../genesis/genesis.js';
import { nativeSha256 } from '../../node/nativeSha256.js';
import { chooseBackend } from '../../node/signatures/chooseBackend.js';
import { BenchError } from '../errors.js';
import { LatencyHistogram, type LatencySummary } from '../load/histogram.js';
import { type Measured, runOpenLoop } from '../load/openLoop.js';
import type { TransactionPreparer } from '../load/preparedTransactions.js';
import { makeSchedule } from '../load/schedule.js';
import { Settlement } from '../load/settlement.js';
import { Cluster, type RunningObserver } from '../network/cluster.js';
import { validatorsOf } from '../network/layout.js';
import type { CatchUpOptions } from '../options.js';
import { BLOCK_INTERVAL_MS, prepareChain } from './preparedChain.js';

/** What a payment of the load took, from the intended send time to the verified proof. */
export interface LoadFigures {
  readonly latency: LatencySummary;
  readonly offered: number;
  readonly proven: number;
}

/** What the node said of the time left, against what it then took. */
export interface EtaFigures {
  readonly samples: number;
  /** Half of the answers were no further off, in percent of the time that was left. */
  readonly medianErrorPercent: number | undefined;
  /** At a quarter, half and three quarters of the way: seconds said, and seconds it took. */
  readonly said: readonly { readonly said: number | null; readonly took: number }[];
}

export interface CatchUpReport {
  readonly blocks: number;
  readonly paymentsPerBlock: number;
  readonly rate: number;
  readonly seconds: number;
  readonly blocksPerSecond: number;
  readonly observerCpuUsPerBlock: number | undefined;
  readonly before: LoadFigures;
  readonly during: LoadFigures;
  readonly eta: EtaFigures;
  /** Of the five nodes, at one height. */
  readonly stateRoot: string;
  readonly height: number;
}

interface Sample {
  readonly atMs: number;
  readonly height: number;
  readonly catchUp: CatchUpJson | undefined;
}

const VALIDATORS = 4;
const ACCOUNTS = 200;
const BEFORE_SECONDS = 15;
const WINDOW_SECONDS = 5;
const LEAD_MS = 50;
const POLL_MS = 500;
const TELL_MS = 5_000;
const REQUEST_TIMEOUT_MS = 10_000;
const LIMIT_MS = 1_800_000;
const DRAIN_BOUND_MS = 15_000;
/** Behind the network by no more blocks than it makes between two looks. */
const CAUGHT_UP_BLOCKS = 50;

/**
 * An empty node catches up with four validators of a long chain that go on settling payments. Every payment counts only
 * when its proof was verified, and no figure is given when the five nodes do not end with one state.
 *
 * @throws BenchError; DevnetError
 */
export async function runCatchUpBench(options: CatchUpOptions, note: (text: string) => void): Promise<CatchUpReport> {
  const { backend } = chooseBackend();
  let preparer: TransactionPreparer | undefined;
  note(`making a chain of ${options.blocks} blocks`);
  const cluster = await Cluster.start({ validators: VALIDATORS, accounts: ACCOUNTS }, backend, (layout) => ({
    genesisMs: Date.now() - options.blocks * BLOCK_INTERVAL_MS,
    withObserver: true,
    prepare: async (network, keys) => {
      const dataDirectories = validatorsOf(layout).map(({ home }) => join(home, 'data'));
      preparer = await prepareChain({ ...options, dataDirectories }, network, keys, note);
    },
  }));
  try {
    if (preparer === undefined) throw new BenchError('SETUP_FAILED', 'there is no chain', {});
    return await new CatchUpBench(options, cluster, preparer, note).run();
  } finally {
    await cluster.stop();
  }
}

class CatchUpBench {
  readonly #settlement: Settlement;

  constructor(
    private readonly options: CatchUpOptions,
    private readonly cluster: Cluster,
    private readonly preparer: TransactionPreparer,
    private readonly note: (text: string) => void,
  ) {
    const verifier = new FinalityVerifier(trustedChain(cluster.network.genesis), {
      backend: chooseBackend().backend,
      sha256: nativeSha256,
    });
    this.#settlement = new Settlement([...cluster.connections], verifier, cluster.closed);
  }

  async run(): Promise<CatchUpReport> {
    await this.#load(WINDOW_SECONDS);
    const before = figures(await this.#load(BEFORE_SECONDS));
    this.note(`before: p50 ${before.latency.p50Ms} ms, p99 ${before.latency.p99Ms} ms`);
    const observer = await this.cluster.startObserver();
    const startMs = performance.now();
    let isOver = false;
    const following = this.#follow(observer, startMs).finally(() => {
      isOver = true;
    });
    following.catch(() => undefined);
    const measured: Measured[] = [];
    while (!isOver) measured.push(...(await this.#load(WINDOW_SECONDS)));
    const { samples, cpuUs } = await following;
    const during = figures(measured);
    if (!(await this.cluster.whenDrained(DRAIN_BOUND_MS))) this.note('the queues were not empty in the end');
    await this.cluster.requireOneLedger();
    const status = await observer.connection.call('status', {}, REQUEST_TIMEOUT_MS);
    return this.#report({ before, during, samples, cpuUs, status });
  }

  /** Asks the observer how far it is until it is there. */
  async #follow(observer: RunningObserver, startMs: number) {
    const samples: Sample[] = [];
    let toldMs = startMs;
    for (;;) {
      const { height, catchUp } = await observer.connection.call('status', {}, REQUEST_TIMEOUT_MS);
      const atMs = performance.now();
      samples.push({ atMs: atMs - startMs, height, catchUp });
      const target = catchUp?.targetHeight ?? height;
      if (height >= this.options.blocks && target - height <= CAUGHT_UP_BLOCKS) {
        return { samples, cpuUs: await observer.cpuUs() };
      }
      if (catchUp !== undefined && atMs - toldMs >= TELL_MS) {
        this.note(describeCatchUp(height, catchUp));
        toldMs = atMs;
      }
      if (atMs - startMs > LIMIT_MS) throw new BenchError('NETWORK_NOT_READY', 'the node did not catch up in time', {});
      await sleep(POLL_MS);
    }
  }

  async #load(seconds: number): Promise<readonly Measured[]> {
    const schedule = makeSchedule({ perSecond: this.options.rate, warmUpSeconds: 0, seconds, shares: 1, share: 0 });
    const transactions = this.preparer.prepare('single', schedule.count, this.cluster.network.accounts);
    const measured: Measured[] = [];
    const startMs = performance.now() + LEAD_MS;
    await runOpenLoop(transactions, schedule, startMs, this.#settlement, (each) => measured.push(each));
    return measured;
  }

  #report({
    before,
    during,
    samples,
    cpuUs,
    status,
  }: {
    readonly before: LoadFigures;
    readonly during: LoadFigures;
    readonly samples: readonly Sample[];
    readonly cpuUs: number | undefined;
    readonly status: StatusJson;
  }): CatchUpReport {
    const { blocks, paymentsPerBlock, rate } = this.options;
    const last = samples.at(-1) as Sample;
    return {
      ...{ blocks, paymentsPerBlock, rate, before, during },
      seconds: Math.round(last.atMs / 1_000),
      blocksPerSecond: Math.round((last.height * 1_000) / last.atMs),
      observerCpuUsPerBlock: cpuUs === undefined ? undefined : Math.round(cpuUs / last.height),
      eta: etaFigures(samples),
      stateRoot: status.stateRoot,
      height: status.height,
    };
  }
}

function figures(measured: readonly Measured[]): LoadFigures {
  const proven = measured.filter(({ settled }) => settled.status === 'final' && settled.code === '');
  const histogram = new LatencyHistogram();
  for (const { dueMs, endMs } of proven) histogram.record(endMs - dueMs);
  return {
    latency: histogram.summary(),
    offered: measured.length,
    proven: proven.length,
  };
}

function etaFigures(samples: readonly Sample[]): EtaFigures {
  const endMs = samples.at(-1)?.atMs ?? 0;
  const took = ({ atMs }: Sample): number => Math.round((endMs - atMs) / 1_000);
  const errors = samples
    .filter((sample) => sample.catchUp?.secondsLeft != null && took(sample) >= 5)
    .map((sample) => (Math.abs((sample.catchUp?.secondsLeft ?? 0) - took(sample)) * 100) / took(sample))
    .sort((a, b) => a - b);
  const median = errors[Math.floor(errors.length / 2)];
  const at = [1, 2, 3].map((quarter) => samples[Math.floor((samples.length * quarter) / 4)] as Sample);
  return {
    samples: errors.length,
    medianErrorPercent: median === undefined ? undefined : Math.round(median),
    said: at.map((sample) => ({ said: sample.catchUp?.secondsLeft ?? null, took: took(sample) })),
  };
}

/** The figures as a person reads them. */
export function formatCatchUp(report: CatchUpReport): string {
  const { before, during, eta } = report;
  const load = (name: string, { latency, offered, proven }: LoadFigures): string =>
    `${name.padEnd(14)} ${proven} of ${offered} payments proven, p50 ${latency.p50Ms} ms, p99 ${latency.p99Ms} ms`;
  const said = eta.said.map(({ said: text, took }) => `${text ?? '?'} s said, ${took} s taken`).join('; ');
  return [
    `${'chain'.padEnd(14)} ${report.blocks} blocks of ${report.paymentsPerBlock} payments, load ${report.rate} payments/s`,
    `${'caught up in'.padEnd(14)} ${report.seconds} s, ${report.blocksPerSecond} blocks/s, ${report.observerCpuUsPerBlock ?? '?'} µs of processor a block`,
    load('before', before),
    load('meanwhile', during),
    `${'time left'.padEnd(14)} median error ${eta.medianErrorPercent ?? '?'} %; ${said}`,
    `${'end'.padEnd(14)} five nodes, one state root ${report.stateRoot} at height ${report.height}`,
  ].join('\n');
}
