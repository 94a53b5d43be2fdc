import { calendarDayOf } from '../../contracts/api/calendar.js';
import { callOf } from '../../contracts/api/method.js';
import { actions, cash, payments } from '../../contracts/index.js';
import { genesisHash } from '../../genesis/genesis.js';
import { ChainExecutor } from '../../node/execution/chainExecutor.js';
import { chooseBackend } from '../../node/signatures/chooseBackend.js';
import { chooseBulkHasher } from '../../node/state/bulkHasher.js';
import { mergeTables } from '../../node/storage/mergeTables.js';
import { CURRENCY, type PreparedTransaction, TransactionPreparer } from '../load/preparedTransactions.js';
import type { LoadAccount } from '../network/accounts.js';
import { ChainMaker } from '../network/chainMaker.js';
import { copyChain, type ProvisionedNetwork } from '../network/provision.js';
import type { InterestOptions } from '../options.js';
import { type InterestReport, requireSum } from './figures.js';
import { CALLS_PER_TRANSACTION, Notes, type NotesSize } from './notes.js';

const OPENING_BALANCE = 1_000_000_000_000n;
/** In consensus time: quotas of inclusion are for so many transactions a minute. */
const BLOCK_INTERVAL_MS = 1_000;
const TRANSACTIONS_PER_BLOCK = 500;
const PAYMENTS_PER_BLOCK = 100;
/** As many as the state's pages and values wait for at most: registers are older than the minutes in which these are written. */
const BLOCKS_OF_REST = 1_100;
/** In which accounts get their balances, at most. */
const OPENING_BLOCKS = 20;
const TELL_INSTRUMENTS = 10;

/** Consensus time that a chain with so many notes uses up while it is made. */
export function consensusTimeMs({ instruments, holders }: NotesSize): number {
  const issues = Math.ceil(holders / (CALLS_PER_TRANSACTION * TRANSACTIONS_PER_BLOCK)) + 1;
  // Of each instrument, and of fewer for the warm-up: issued, changed, declared, and worked out on a copy.
  const blocks = BLOCKS_OF_REST + OPENING_BLOCKS + 2 * instruments * (2 * issues + 2);
  return blocks * BLOCK_INTERVAL_MS;
}

/** Makes a chain that has the notes and the declared interest, and works it out on a copy of it. */
export class PreparedNotes {
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
    await mergeTables(first);
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
    const { all } = this.#notes;
    for (const instrument of all) {
      await appendAll(append, this.#notes.issue(instrument));
      await appendAll(append, this.#notes.change(instrument));
      if ((instrument + 1) % TELL_INSTRUMENTS === 0) this.note(`${instrument + 1} of ${all.length} instruments issued`);
    }
    const nowMs = Date.now();
    for (const instrument of all) await append([this.#notes.declare(instrument, nowMs)]);
    for (let block = 0; block < BLOCKS_OF_REST; block++) await append([]);
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
    const { counted, warmUp, all, count } = this.#notes;
    const block = (instrument: number) => [
      this.#notes.accrue(instrument),
      ...this.#preparer.prepare('single', PAYMENTS_PER_BLOCK, this.network.accounts),
    ];
    for (const instrument of warmUp) await append(block(instrument));
    const blocks = counted.map(block);
    const [startMs, startCpu] = [performance.now(), process.cpuUsage()];
    for (const each of blocks) await append(each);
    const seconds = (performance.now() - startMs) / 1_000;
    const { user, system } = process.cpuUsage(startCpu);
    for (const instrument of all) {
      const { contract, method, args } = callOf(actions.methods.action, { id: this.#notes.idOf(instrument) });
      const found = actions.methods.action.returns?.decode(await executor.view(contract, method, args));
      requireSum(found?.entitled, instrument, this.#notes);
    }
    const notesPerSecond = Math.round(count / seconds);
    this.note(`one node: ${notesPerSecond} notes/s`);
    return {
      seconds,
      notesPerSecond,
      cpuUsPerNote: (user + system) / count,
      payments: counted.length * PAYMENTS_PER_BLOCK,
    };
  }
}

type Append = (transactions: readonly PreparedTransaction[]) => Promise<void>;

async function appendAll(append: Append, transactions: readonly PreparedTransaction[]): Promise<void> {
  for (let at = 0; at < transactions.length; at += TRANSACTIONS_PER_BLOCK) {
    await append(transactions.slice(at, at + TRANSACTIONS_PER_BLOCK));
  }
}
