import { FinalityVerifier } from '../../client/verifier.js';
import { trustedChain } from '../../genesis/genesis.js';
import { nativeSha256 } from '../../node/engine/nativeSha256.js';
import { chooseBackend } from '../../node/signatures/chooseBackend.js';
import { chooseBulkHasher } from '../../node/state/bulkHasher.js';
import { BenchError } from '../errors.js';
import { Cluster } from '../network/cluster.js';
import { type LoadMode, type LoadOptions, MAX_WINDOW_TRANSACTIONS } from '../options.js';
import { ExpectedLedger } from './ledger.js';
import { type Measured, runOpenLoop, type WindowResult } from './openLoop.js';
import { TransactionPreparer } from './preparedTransactions.js';
import { searchRate } from './rateSearch.js';
import { Settlement } from './settlement.js';
import { reportWindow, type WindowReport } from './windowReport.js';

const IDLE_BOUND_MS = 15_000;
const IDLE_TIMEOUT_MS = 5_000;
/** No window of a mode's search begins after it. */
const SEARCH_BOUND_MS = 40_000;
const DRAIN_BOUND_MS = 15_000;
/** Payments of a warm-up, so that code is compiled and connections stand before anything counts. */
const WARM_UP_SECONDS = 2;
const FIRST_RATE: Readonly<Record<LoadMode, number>> = { single: 250, batch: 5_000 };

export interface LoadReport {
  /** One payment at a time on a network that has nothing else to do. */
  readonly idle: WindowReport;
  readonly windows: readonly WindowReport[];
  /** Whose balances were as the proofs say; 0 when the outcome of some payment is not known. */
  readonly checkedAccounts: number;
  readonly nodes: number;
}

/**
 * Runs a network of its own under load and stops it. Every figure comes from verified proofs, and none is given when the
 * ledger does not agree with them.
 *
 * @param note takes progress for people
 * @throws BenchError; DevnetError
 */
export async function runLoadBench(options: LoadOptions, note: (text: string) => void): Promise<LoadReport> {
  const { backend } = chooseBackend();
  note(`making four validators and ${options.accounts} accounts`);
  const cluster = await Cluster.start(options.accounts, backend);
  const interrupted = interruption();
  const failed = cluster.failure();
  const work = new LoadBench(options, cluster, note).run();
  // Whichever is late has nobody who waits for it.
  for (const promise of [interrupted, failed, work]) promise.catch(() => undefined);
  try {
    return await Promise.race([work, interrupted, failed]);
  } finally {
    await cluster.stop();
  }
}

class LoadBench {
  readonly #preparer: TransactionPreparer;
  readonly #settlement: Settlement;
  readonly #ledger: ExpectedLedger;

  constructor(
    private readonly options: LoadOptions,
    private readonly cluster: Cluster,
    private readonly note: (text: string) => void,
  ) {
    const { backend } = chooseBackend();
    const trust = trustedChain(cluster.network.genesis);
    this.#preparer = new TransactionPreparer(
      { chainId: trust.chainId, genesisHash: trust.genesisHash, batchSize: options.batchSize },
      { backend, hasher: chooseBulkHasher().hasher, nowMs: () => Date.now() },
    );
    this.#settlement = new Settlement(
      cluster.connections,
      new FinalityVerifier(trust, { backend, sha256: nativeSha256, hasher: chooseBulkHasher().hasher }),
      cluster.closed,
    );
    this.#ledger = new ExpectedLedger(cluster.network.accounts);
  }

  async run(): Promise<LoadReport> {
    this.note('opening the business day and the accounts');
    await this.#ledger.open(this.cluster.network.central, this.#preparer, this.#settlement);
    await this.#window('single', 50, WARM_UP_SECONDS);
    const idle = await this.#idle();
    this.note(`idle: p50 ${idle.latency.p50Ms} ms, p99 ${idle.latency.p99Ms} ms`);
    const windows: WindowReport[] = [];
    for (const mode of this.options.modes) windows.push(...(await this.#measure(mode)));
    await this.cluster.requireOneLedger();
    const checkedAccounts = await this.#ledger.check(this.cluster);
    return { idle, windows, checkedAccounts, nodes: this.cluster.size };
  }

  async #measure(mode: LoadMode): Promise<readonly WindowReport[]> {
    const { rate, seconds } = this.options;
    if (rate !== undefined) return [(await this.#measureRate(mode, rate)).report];
    if (mode === 'batch') await this.#window('batch', FIRST_RATE.batch, WARM_UP_SECONDS);
    const perTransaction = mode === 'batch' ? this.options.batchSize : 1;
    const greatest = Math.floor((MAX_WINDOW_TRANSACTIONS * perTransaction) / seconds);
    return searchRate({
      firstRate: Math.min(FIRST_RATE[mode], greatest),
      deadlineMs: performance.now() + SEARCH_BOUND_MS,
      nowMs: () => performance.now(),
      run: (next) => this.#measureRate(mode, Math.min(next, greatest)),
    });
  }

  async #measureRate(mode: LoadMode, rate: number) {
    const report = await this.#window(mode, rate, this.options.seconds);
    this.note(
      `${mode} ${rate}/s offered: ${report.committed} of ${report.offered} proven, p50 ${report.latency.p50Ms} ms, p99 ${report.latency.p99Ms} ms`,
    );
    return { report, canGoOn: await this.cluster.whenDrained(DRAIN_BOUND_MS) };
  }

  /** One window at a fixed rate, in payments a second; at least one transaction. */
  async #window(mode: LoadMode, rate: number, seconds: number): Promise<WindowReport> {
    const transactionsPerSecond = rate / (mode === 'batch' ? this.options.batchSize : 1);
    const count = Math.max(1, Math.round(transactionsPerSecond * seconds));
    const transactions = this.#preparer.prepare(mode, count, this.cluster.network.accounts);
    return this.#observe({ mode, offeredPerSecond: rate }, () =>
      runOpenLoop(transactions, transactionsPerSecond, this.#settlement),
    );
  }

  async #idle(): Promise<WindowReport> {
    const transactions = this.#preparer.prepare('single', this.options.idlePayments, this.cluster.network.accounts);
    return this.#observe({ mode: 'single', offeredPerSecond: 0 }, async () => {
      const startMs = performance.now();
      const measured: Measured[] = [];
      for (const transaction of transactions) {
        const sentMs = performance.now();
        if (sentMs - startMs > IDLE_BOUND_MS) break;
        await this.#settlement.settle([transaction], sentMs + IDLE_TIMEOUT_MS, (_, settled) => {
          measured.push({ transaction, settled, latencyMs: performance.now() - sentMs });
        });
      }
      return { measured, durationMs: performance.now() - startMs, senderLagMs: 0 };
    });
  }

  async #observe(load: Pick<WindowReport, 'mode' | 'offeredPerSecond'>, run: () => Promise<WindowResult>) {
    const before = await this.cluster.cost();
    const cpu = process.cpuUsage();
    const result = await run();
    const { user, system } = process.cpuUsage(cpu);
    const after = await this.cluster.cost();
    this.#ledger.note(result.measured);
    return reportWindow(load, result, { before, after, nodes: this.cluster.size, clientCpuUs: user + system });
  }
}

/** Rejects at the first Ctrl-C or polite request to end. */
function interruption(): Promise<never> {
  return new Promise((_, reject) => {
    const interrupt = (): void => reject(new BenchError('INTERRUPTED', 'interrupted: no figures', {}));
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, interrupt);
  });
}
