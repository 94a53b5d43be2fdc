import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FinalityVerifier } from '../../client/verifier.js';
import { trustedChain } from '../../genesis/genesis.js';
import { nativeSha256 } from '../../node/nativeSha256.js';
import { chooseBackend } from '../../node/signatures/chooseBackend.js';
import { chooseBulkHasher } from '../../node/state/bulkHasher.js';
import { writeAccounts } from '../network/accountsFile.js';
import { Cluster } from '../network/cluster.js';
import { validatorsOf } from '../network/layout.js';
import { cpuUsOf } from '../network/processCost.js';
import { shareGenesisState } from '../network/provision.js';
import type { LoadMode, LoadOptions } from '../options.js';
import { GeneratorPool } from './generator/generatorPool.js';
import { ExpectedLedger, type LedgerCheck } from './ledger.js';
import { TransactionPreparer } from './preparedTransactions.js';
import { Settlement } from './settlement.js';
import { type Observation, reportWindow, type WindowLoad, type WindowReport } from './windowReport.js';
import type { WindowTally } from './windowTally.js';

const IDLE_BOUND_MS = 30_000;
const DRAIN_BOUND_MS = 15_000;
/** Between the order to send and the first transaction. */
const LEAD_MS = 200;
const SECOND_MS = 1_000;

/** What a network is at, before any load. */
export interface SessionFigures {
  /** Making keys, genesis and the state of height 0. */
  readonly provisionMs: number;
  /** From the start of the processes until every node is ready. */
  readonly startMs: number;
  /** Memory of each node then. */
  readonly rssBytes: readonly number[];
  /** Opening balances through the network. */
  readonly openingMs: number;
}

export type SessionOptions = Pick<
  LoadOptions,
  'validators' | 'accounts' | 'delayMs' | 'dead' | 'mix' | 'batchSize' | 'signatureWorkers' | 'generators'
>;

/** A network under load, and all that must be right about it in the end: windows are run on it one after the other. */
export class LoadSession {
  private constructor(
    private readonly options: SessionOptions,
    /** For scenarios that take nodes away and bring them back. */
    readonly cluster: Cluster,
    private readonly pool: GeneratorPool,
    private readonly ledger: ExpectedLedger,
    readonly figures: SessionFigures,
  ) {}

  /** Makes a network and its generators, starts them and opens the accounts. @throws BenchError; DevnetError */
  static async start(options: SessionOptions, note: (text: string) => void): Promise<LoadSession> {
    const { backend } = chooseBackend();
    const { hasher } = chooseBulkHasher();
    note(`making ${options.validators} validators and ${options.accounts} accounts`);
    const cluster = await Cluster.start(options, backend, (layout) => ({
      genesisMs: Date.now(),
      withObserver: false,
      signatureWorkers: options.signatureWorkers,
      prepare: ({ genesis }) =>
        shareGenesisState(
          genesis,
          validatorsOf(layout).map(({ home }) => join(home, 'data')),
        ),
    }));
    let pool: GeneratorPool | undefined;
    try {
      for (let killed = 0; killed < options.dead; killed++) await cluster.killLast();
      const { provisionMs, startMs } = cluster.figures;
      const rssBytes = (await cluster.sampleProcesses()).map((sample) => sample?.rssBytes ?? 0);
      const { genesis, accounts, central } = cluster.network;
      const trust = trustedChain(genesis);
      const accountsFile = join(cluster.directory, 'accounts.bin');
      await writeAccounts(accountsFile, accounts);
      const { batchSize, mix } = options;
      const nodeUrls = cluster.connections.map(({ url }) => url);
      pool = await GeneratorPool.start(options.generators, { nodeUrls, trust, accountsFile, batchSize, mix });
      note(`made in ${seconds(provisionMs)}, up in ${seconds(startMs)}; opening the business day and the accounts`);
      const ledger = new ExpectedLedger(accounts);
      const preparer = new TransactionPreparer(
        { chainId: trust.chainId, genesisHash: trust.genesisHash, batchSize },
        { backend, hasher, nowMs: () => Date.now() },
      );
      const verifier = new FinalityVerifier(trust, { backend, sha256: nativeSha256, hasher });
      const beginMs = performance.now();
      await ledger.open(central, preparer, new Settlement(cluster.connections, verifier, cluster.closed));
      const openingMs = Math.round(performance.now() - beginMs);
      return new LoadSession(options, cluster, pool, ledger, { provisionMs, startMs, rssBytes, openingMs });
    } catch (error) {
      await pool?.stop();
      await cluster.stop();
      throw error;
    }
  }

  /** Payments one after the other, on a network that has nothing else to do. */
  async idle(payments: number): Promise<WindowReport> {
    const before = await this.cluster.cost();
    const clientBefore = await this.#clientCpuUs();
    const tally = await this.pool.idle(payments, IDLE_BOUND_MS);
    const clientCpuUs = (await this.#clientCpuUs()) - clientBefore;
    const after = await this.cluster.cost();
    this.ledger.note(tally);
    const load = {
      kind: 'idle',
      mode: 'single',
      offeredPerSecond: 0,
      seconds: 0,
      warmUpSeconds: 0,
      repeat: 1,
    } as const;
    const signing = { signingUsPerTransaction: 0, bytesPerPayment: 0 };
    return reportWindow(load, tally, { before, after, clientCpuUs, ...signing, cpuUsBySecond: [] });
  }

  /**
   * One run at a fixed rate, of which the part after the warm-up is measured.
   *
   * @param during what happens to the network meanwhile, given when the window begins
   */
  async window(load: WindowLoad, during: () => Promise<void> = async () => undefined): Promise<WindowReport> {
    const { mode, offeredPerSecond, seconds: length, warmUpSeconds } = load;
    const payments = paymentsOf(mode, this.options.batchSize);
    const spec = { perSecond: offeredPerSecond / payments, warmUpSeconds, seconds: length };
    const prepared = await this.pool.prepare(mode, spec);
    const startAtMs = Date.now() + LEAD_MS;
    const running = this.pool.run(startAtMs);
    running.catch(() => undefined);
    const [tally, seen] = await Promise.all([running, this.#observe(load, startAtMs, running, during)]);
    this.ledger.note(tally);
    return reportWindow(load, tally, {
      ...seen,
      signingUsPerTransaction: prepared.cpuUsPerTransaction,
      bytesPerPayment: prepared.bytes / prepared.transactions / payments,
    });
  }

  /** Waits until nothing waits at any node. @returns false when that takes too long */
  settle(): Promise<boolean> {
    return this.cluster.whenDrained(DRAIN_BOUND_MS);
  }

  /** Rejects when a node or a generator ends that was not asked to. */
  failure(): Promise<never> {
    return Promise.race([this.cluster.failure(), this.pool.failure()]);
  }

  /**
   * Compares the nodes with each other, then stops them and adds up all balances in the database of the first.
   *
   * @throws BenchError `LEDGER_WRONG`: no figure of the session counts then
   */
  async check(): Promise<LedgerCheck> {
    await this.cluster.requireOneLedger();
    const askedAccounts = await this.ledger.ask(this.cluster);
    await this.pool.stop();
    await this.cluster.stopNodes();
    return { askedAccounts, ...(await this.ledger.sum(this.cluster.network.genesis, this.cluster.firstDataDirectory)) };
  }

  async stop(): Promise<void> {
    await this.pool.stop();
    await this.cluster.stop();
  }

  async #observe(
    { warmUpSeconds, seconds: length }: WindowLoad,
    startAtMs: number,
    running: Promise<WindowTally>,
    during: () => Promise<void>,
  ): Promise<Omit<Observation, 'signingUsPerTransaction' | 'bytesPerPayment'>> {
    const until = (second: number): Promise<unknown> =>
      Promise.race([sleep(Math.max(0, startAtMs + second * SECOND_MS - Date.now())), running]);
    const cpuUs: number[] = [];
    const follow = async (from: number, to: number): Promise<void> => {
      for (let second = from; second < to; second++) {
        await until(second + 1);
        cpuUs.push(await this.cluster.cpuUs());
      }
    };
    await until(0);
    cpuUs.push(await this.cluster.cpuUs());
    await follow(0, warmUpSeconds);
    const before = await this.cluster.cost();
    const clientBefore = await this.#clientCpuUs();
    await Promise.all([follow(warmUpSeconds, warmUpSeconds + length), during()]);
    const after = await this.cluster.cost();
    const clientCpuUs = (await this.#clientCpuUs()) - clientBefore;
    const cpuUsBySecond = cpuUs.slice(1).map((used, index) => used - (cpuUs[index] as number));
    return { before, after, clientCpuUs, cpuUsBySecond };
  }

  async #clientCpuUs(): Promise<number> {
    const used = await Promise.all(this.pool.pids.map(cpuUsOf));
    return used.reduce((sum: number, each) => sum + (each ?? 0), 0);
  }
}

function paymentsOf(mode: LoadMode, batchSize: number): number {
  return mode === 'batch' ? batchSize : 1;
}

function seconds(ms: number): string {
  return `${(ms / SECOND_MS).toFixed(1)} s`;
}
