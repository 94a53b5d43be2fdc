import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { FinalityVerifier } from '../../client/verifier.js';
import { calendarDayOf } from '../../contracts/api/calendar.js';
import { callOf } from '../../contracts/api/method.js';
import { actions, cash, payments } from '../../contracts/index.js';
import { genesisHash, trustedChain } from '../../genesis/genesis.js';
import { ChainExecutor } from '../../node/execution/chainExecutor.js';
import { nativeSha256 } from '../../node/nativeSha256.js';
import { chooseBackend } from '../../node/signatures/chooseBackend.js';
import { chooseBulkHasher } from '../../node/state/bulkHasher.js';
import { markerPath } from '../../node/storage/marker.js';
import { BenchError } from '../errors.js';
import { LatencyHistogram, type LatencySummary } from '../load/histogram.js';
import { type Measured, runOpenLoop } from '../load/openLoop.js';
import { CURRENCY, type PreparedTransaction, TransactionPreparer } from '../load/preparedTransactions.js';
import { makeSchedule } from '../load/schedule.js';
import { Settlement } from '../load/settlement.js';
import type { LoadAccount } from '../network/accounts.js';
import { ChainMaker } from '../network/chainMaker.js';
import { Cluster } from '../network/cluster.js';
import { validatorsOf } from '../network/layout.js';
import type { ProvisionedNetwork } from '../network/provision.js';
import type { InterestOptions } from '../options.js';
import { Notes } from './notes.js';

/** How fast interest was worked out, and what the payments took meanwhile. */
export interface InterestFigures {
  readonly seconds: number;
  readonly notesPerSecond: number;
  /** Processor time of one node for each note, with what its payments cost. */
  readonly cpuUsPerNote: number;
}

export interface InterestReport {
  readonly notes: number;
  /** The sum that every ledger has, and that was worked out apart. */
  readonly interest: string;
  readonly oneNode: InterestFigures & { readonly payments: number };
  readonly network: (InterestFigures & { readonly payments: PaymentFigures }) | undefined;
}

interface PaymentFigures {
  readonly latency: LatencySummary;
  readonly offered: number;
  readonly proven: number;
}

const VALIDATORS = 4;
const OPENING_BALANCE = 1_000_000_000_000n;
const BLOCK_INTERVAL_MS = 10;
const TRANSACTIONS_PER_BLOCK = 500;
const PAYMENTS_PER_BLOCK = 100;
const TELL_INSTRUMENTS = 10;
const WARM_UP_SECONDS = 3;
const WINDOW_SECONDS = 5;
const LEAD_MS = 50;
/** Transactions of the run that are under way at a time. */
const UNDER_WAY = 4;
const SETTLE_TIMEOUT_MS = 60_000;
const REQUEST_TIMEOUT_MS = 10_000;

/**
 * A day's interest on very many holdings: in one node's executor, with its database, and on four nodes while payments settle. No figure
 * is given unless the ledger's sums are those that were worked out apart.
 *
 * @throws BenchError; DevnetError
 */
export async function runInterestBench(
  options: InterestOptions,
  note: (text: string) => void,
): Promise<InterestReport> {
  const { backend } = chooseBackend();
  const made: { preparer?: TransactionPreparer; notes?: Notes; oneNode?: InterestReport['oneNode'] } = {};
  const cluster = await Cluster.start({ validators: VALIDATORS, accounts: options.holders }, backend, (layout) => ({
    genesisMs: Date.now() - 3_600_000,
    withObserver: false,
    prepare: async (network, keys) => {
      const directories = validatorsOf(layout).map(({ home }) => join(home, 'data', 'chain'));
      const maker = new PreparedNotes(options, network, keys, note);
      Object.assign(made, await maker.prepare(directories, join(layout.home, 'scratch')));
    },
  }));
  try {
    const { preparer, notes, oneNode } = made;
    if (preparer === undefined || notes === undefined || oneNode === undefined) {
      throw new BenchError('SETUP_FAILED', 'there are no notes', {});
    }
    const network = options.single ? undefined : await new NetworkRun(options, cluster, preparer, notes, note).run();
    const interest = sumOf(options, notes).toString();
    return { notes: notes.count, interest, oneNode, network };
  } finally {
    await cluster.stop();
  }
}

function sumOf({ instruments }: InterestOptions, notes: Notes): bigint {
  return Array.from({ length: instruments }, (_, each) => notes.expected(each)).reduce((a, b) => a + b, 0n);
}

/** @throws BenchError `LEDGER_WRONG` unless the ledger has what was worked out apart */
function requireSum(found: bigint | undefined, instrument: number, notes: Notes): void {
  const expected = notes.expected(instrument);
  if (found === expected) return;
  throw new BenchError(
    'LEDGER_WRONG',
    `interest of instrument ${instrument}: expected ${expected}, found ${found}`,
    {},
  );
}

/** Makes a chain that has the notes and the declared interest, and works it out on a copy of it. */
class PreparedNotes {
  readonly #clock: { nowMs: number; isLive: boolean };
  readonly #preparer: TransactionPreparer;
  readonly #notes: Notes;

  constructor(
    private readonly options: InterestOptions,
    private readonly network: ProvisionedNetwork,
    private readonly keys: readonly LoadAccount[],
    private readonly note: (text: string) => void,
  ) {
    const { genesis, accounts } = network;
    this.#clock = { nowMs: genesis.timestamp, isLive: false };
    this.#preparer = new TransactionPreparer(
      { chainId: genesis.chainId, genesisHash: genesisHash(genesis), batchSize: 1 },
      {
        backend: chooseBackend().backend,
        hasher: chooseBulkHasher().hasher,
        nowMs: () => (this.#clock.isLive ? Date.now() : this.#clock.nowMs),
      },
    );
    this.#notes = new Notes(options, accounts, this.#preparer);
  }

  async prepare(directories: readonly string[], scratch: string) {
    const [first = '', ...others] = directories;
    await this.#onChain(first, (append) => this.#fill(append));
    await copyChain(first, scratch);
    const oneNode = await this.#onChain(scratch, (append, executor) => this.#measure(append, executor));
    if (!this.options.single) for (const other of others) await copyChain(first, other);
    this.#clock.isLive = true;
    return { preparer: this.#preparer, notes: this.#notes, oneNode };
  }

  async #onChain<T>(databasePath: string, use: (append: Append, executor: ChainExecutor) => Promise<T>): Promise<T> {
    const { genesis } = this.network;
    const fail = (error: unknown): void => {
      throw error;
    };
    const executor = new ChainExecutor({ genesis, databasePath, onFatal: fail });
    await executor.start();
    const maker = new ChainMaker(executor, genesisHash(genesis), this.keys);
    const append: Append = (transactions) => {
      this.#clock.nowMs += BLOCK_INTERVAL_MS;
      return maker.append(transactions, this.#clock.nowMs);
    };
    try {
      return await use(append, executor);
    } finally {
      await executor.stop();
    }
  }

  async #fill(append: Append): Promise<void> {
    for (const opening of this.#openings()) await append([opening]);
    const { instruments } = this.options;
    for (let instrument = 0; instrument < instruments; instrument++) {
      const issues = this.#notes.issue(instrument);
      for (let at = 0; at < issues.length; at += TRANSACTIONS_PER_BLOCK) {
        await append(issues.slice(at, at + TRANSACTIONS_PER_BLOCK));
      }
      if ((instrument + 1) % TELL_INSTRUMENTS === 0)
        this.note(`${instrument + 1} of ${instruments} instruments issued`);
    }
    const nowMs = Date.now();
    for (let instrument = 0; instrument < instruments; instrument++) {
      await append([this.#notes.declare(instrument, nowMs)]);
    }
  }

  #openings(): readonly PreparedTransaction[] {
    const { central, accounts } = this.network;
    const treasury = accounts[0] as LoadAccount;
    const amount = OPENING_BALANCE * BigInt(accounts.length);
    const day = { currency: CURRENCY, day: calendarDayOf(Date.now()) };
    const reserve = { currency: CURRENCY, account: treasury.address, amount, reserveReference: 'BENCH-OPENING' };
    const rows = accounts.slice(1).map(({ address: creditor }, index) => ({
      ...{ creditor, amount: OPENING_BALANCE, reference: `OPENING-${index}` },
    }));
    const batches = Array.from({ length: Math.ceil(rows.length / 5_000) }, (_, part) =>
      this.#preparer.call(treasury, payments.methods.payBatch, {
        ...({ debtor: treasury.address, currency: CURRENCY, mode: 'all' } as const),
        payments: rows.slice(part * 5_000, (part + 1) * 5_000),
      }),
    );
    return [
      this.#preparer.call(central, cash.methods.openBusinessDay, day),
      this.#preparer.call(central, cash.methods.issue, reserve),
      ...batches,
    ];
  }

  /** Blocks of one instrument's interest and payments each, in one executor with its database. */
  async #measure(append: Append, executor: ChainExecutor): Promise<InterestReport['oneNode']> {
    const { instruments } = this.options;
    const { accounts } = this.network;
    const blocks = Array.from({ length: instruments }, (_, instrument) => [
      this.#notes.accrue(instrument),
      ...this.#preparer.prepare('single', PAYMENTS_PER_BLOCK, accounts),
    ]);
    const [startMs, startCpu] = [performance.now(), process.cpuUsage()];
    for (const block of blocks) await append(block);
    const seconds = (performance.now() - startMs) / 1_000;
    const { user, system } = process.cpuUsage(startCpu);
    for (let instrument = 0; instrument < instruments; instrument++) {
      const { contract, method, args } = callOf(actions.methods.action, { id: this.#notes.idOf(instrument) });
      const found = actions.methods.action.returns?.decode(await executor.view(contract, method, args));
      requireSum(found?.entitled, instrument, this.#notes);
    }
    const notesPerSecond = Math.round(this.#notes.count / seconds);
    this.note(`one node: ${notesPerSecond} notes/s`);
    return {
      seconds,
      notesPerSecond,
      cpuUsPerNote: (user + system) / this.#notes.count,
      payments: instruments * PAYMENTS_PER_BLOCK,
    };
  }
}

type Append = (transactions: readonly PreparedTransaction[]) => Promise<void>;

async function copyChain(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true });
  await cp(markerPath(from), markerPath(to));
}

/** Works interest out on four nodes while payments settle, each proven. */
class NetworkRun {
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

  async run(): Promise<NonNullable<InterestReport['network']>> {
    const measured: Measured[] = [];
    await this.#load(WARM_UP_SECONDS);
    let isOver = false;
    const before = await this.cluster.cpuUs();
    const startMs = performance.now();
    const accrual = this.#accrue().then(() => {
      isOver = true;
      return { seconds: (performance.now() - startMs) / 1_000 };
    });
    accrual.catch(() => {
      isOver = true;
    });
    while (!isOver) measured.push(...(await this.#load(WINDOW_SECONDS)));
    const { seconds } = await accrual;
    const cpuUs = (await this.cluster.cpuUs()) - before;
    await this.cluster.requireOneLedger();
    await this.#requireSums();
    const { count } = this.notes;
    const cpuUsPerNote = cpuUs / VALIDATORS / count;
    return { seconds, notesPerSecond: Math.round(count / seconds), cpuUsPerNote, payments: figures(measured) };
  }

  async #load(seconds: number): Promise<readonly Measured[]> {
    const schedule = makeSchedule({ perSecond: this.options.rate, warmUpSeconds: 0, seconds, shares: 1, share: 0 });
    const transactions = this.preparer.prepare('single', schedule.count, this.cluster.network.accounts);
    const measured: Measured[] = [];
    await runOpenLoop(transactions, schedule, performance.now() + LEAD_MS, this.#settlement, (each) =>
      measured.push(each),
    );
    return measured;
  }

  async #accrue(): Promise<void> {
    const waiting = Array.from({ length: this.options.instruments }, (_, instrument) => instrument);
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
    for (let instrument = 0; instrument < this.options.instruments; instrument++) {
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

export function formatInterest({ notes, interest, oneNode, network }: InterestReport): string {
  const line = (where: string, { notesPerSecond, seconds, cpuUsPerNote }: InterestFigures): string =>
    `${where}: ${notesPerSecond.toLocaleString('en')} notes/s (${seconds.toFixed(1)} s, ${cpuUsPerNote.toFixed(1)} us of processor a note)`;
  const lines = [
    `interest on ${notes.toLocaleString('en')} notes, ${interest} minor units in all, as worked out apart`,
    `${line('one node, executor and database', oneNode)}, ${oneNode.payments} payments in the same blocks`,
  ];
  if (network !== undefined) {
    const { latency, proven, offered } = network.payments;
    lines.push(line('four nodes, each', network));
    lines.push(`payments meanwhile: ${proven} of ${offered} proven, p50 ${latency.p50Ms} ms, p99 ${latency.p99Ms} ms`);
  }
  return lines.join('\n');
}
