import { join } from 'node:path';
import { calendarDayOf } from '../../contracts/api/calendar.js';
import { cash, payments } from '../../contracts/index.js';
import type { Genesis } from '../../genesis/types.js';
import { ChainExecutor } from '../../node/execution/chainExecutor.js';
import { LIMITS } from '../../primitives/limits.js';
import { BenchError } from '../errors.js';
import type { LoadAccount } from '../network/accounts.js';
import type { Cluster } from '../network/cluster.js';
import { AMOUNT, CURRENCY, type PreparedTransaction, type TransactionPreparer } from './preparedTransactions.js';
import type { Settlement } from './settlement.js';
import type { WindowTally } from './windowTally.js';

/** More than any account pays in all windows together. */
const OPENING_BALANCE = 1_000_000_000_000n;
const SETUP_TIMEOUT_MS = 60_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** Accounts whose balance is asked for at running nodes, evenly spread. */
const ASKED_ACCOUNTS = 200;
/** Views that wait at once in the executor that reads all balances. */
const VIEWS_AT_ONCE = 256;

/** What was found to be right. */
export interface LedgerCheck {
  /** Whose balances, asked of running nodes in turn, were as the proofs say; 0 when some outcome is not known. */
  readonly askedAccounts: number;
  /** Whose balances were read from a node's database after the run, and added up. */
  readonly summedAccounts: number;
  /** What they added up to, and what was issued and never redeemed: the same. */
  readonly held: string;
  readonly issued: string;
  /** Whether each of the balances that were read is also what the proofs say. */
  readonly isEachProven: boolean;
}

/** What the accounts must hold by all that was proven. */
export class ExpectedLedger {
  readonly #changes: Float64Array;
  /** A transaction whose outcome is not known makes every balance uncertain. */
  #certain = true;

  constructor(private readonly accounts: readonly LoadAccount[]) {
    this.#changes = new Float64Array(accounts.length);
  }

  /** Opens the business day and gives every account its opening balance. @throws BenchError `SETUP_FAILED` */
  async open(central: LoadAccount, preparer: TransactionPreparer, settlement: Settlement): Promise<void> {
    const treasury = this.accounts[0] as LoadAccount;
    const amount = OPENING_BALANCE * BigInt(this.accounts.length);
    const reserve = { currency: CURRENCY, account: treasury.address, amount, reserveReference: 'BENCH-OPENING' };
    const day = calendarDayOf(Date.now());
    await settleAll(settlement, [
      preparer.call(central, cash.methods.openBusinessDay, { currency: CURRENCY, day }),
      preparer.call(central, cash.methods.issue, reserve),
    ]);
    for (let from = 1; from < this.accounts.length; from += LIMITS.paymentsPerBatch) {
      const part = this.accounts.slice(from, from + LIMITS.paymentsPerBatch);
      const rows = part.map(({ address: creditor }, index) => ({
        creditor,
        amount: OPENING_BALANCE,
        reference: `OPENING-${from + index}`,
      }));
      const batch = { debtor: treasury.address, currency: CURRENCY, mode: 'all', payments: rows } as const;
      await settleAll(settlement, [preparer.call(treasury, payments.methods.payBatch, batch)]);
    }
  }

  note({ changes, isCertain }: Pick<WindowTally, 'changes' | 'isCertain'>): void {
    if (!isCertain) this.#certain = false;
    changes.forEach((change, index) => {
      this.#changes[index] = (this.#changes[index] as number) + change;
    });
  }

  #expected(index: number): bigint {
    return OPENING_BALANCE + AMOUNT * BigInt(this.#changes[index] as number);
  }

  /**
   * Compares balances of accounts all over the list, asked of the nodes in turn.
   *
   * @returns how many were compared: none when the outcome of some transaction is not known
   * @throws BenchError `LEDGER_WRONG`
   */
  async ask({ connections }: Pick<Cluster, 'connections'>): Promise<number> {
    if (!this.#certain) return 0;
    const count = Math.min(ASKED_ACCOUNTS, this.accounts.length);
    for (let i = 0; i < count; i++) {
      const index = Math.floor((i * this.accounts.length) / count);
      const { address: account } = this.accounts[index] as LoadAccount;
      const { contract, method, args, returns } = cash.methods.balance;
      const node = connections[i % connections.length];
      const request = { contract, method, args: args.toJson({ currency: CURRENCY, account }) };
      const answer = await node?.call('view', request, REQUEST_TIMEOUT_MS);
      this.#require(index, returns?.parseJson(answer?.value ?? null, '$'));
    }
    return count;
  }

  /**
   * Reads every balance from the database of a node that has stopped, and what was issued.
   *
   * @throws BenchError `LEDGER_WRONG` when the balances are not what was issued, or one is not what the proofs say
   */
  async sum(genesis: Genesis, dataDirectory: string): Promise<Omit<LedgerCheck, 'askedAccounts'>> {
    const onFatal = (error: unknown): void => {
      throw error;
    };
    const executor = new ChainExecutor({ genesis, databasePath: join(dataDirectory, 'chain'), onFatal });
    await executor.start();
    try {
      const { supply } = cash.methods;
      const totals = supply.returns?.decode(
        await executor.view('cash', 'supply', supply.args.encode({ currency: CURRENCY })),
      );
      const issued = (totals?.issued ?? 0n) - (totals?.redeemed ?? 0n);
      const held = await this.#readAll(executor);
      if (held !== issued) {
        const details = { expected: String(issued), actual: String(held) };
        throw new BenchError('LEDGER_WRONG', `${issued} was issued, the accounts hold ${held}`, details);
      }
      const summedAccounts = this.accounts.length;
      return { summedAccounts, held: String(held), issued: String(issued), isEachProven: this.#certain };
    } finally {
      await executor.stop();
    }
  }

  async #readAll(executor: ChainExecutor): Promise<bigint> {
    const { args, returns } = cash.methods.balance;
    let held = 0n;
    for (let from = 0; from < this.accounts.length; from += VIEWS_AT_ONCE) {
      const part = this.accounts.slice(from, from + VIEWS_AT_ONCE);
      const answers = await Promise.all(
        part.map(({ address: account }) =>
          executor.view('cash', 'balance', args.encode({ currency: CURRENCY, account })),
        ),
      );
      for (const [offset, answer] of answers.entries()) {
        const balance = returns?.decode(answer);
        if (this.#certain) this.#require(from + offset, balance);
        held += balance ?? 0n;
      }
    }
    return held;
  }

  #require(index: number, found: bigint | undefined): void {
    const expected = this.#expected(index);
    if (found === expected) return;
    const { address } = this.accounts[index] as LoadAccount;
    throw new BenchError('LEDGER_WRONG', `account ${address} must hold ${expected}, it holds ${found}`, {
      expected: String(expected),
      actual: String(found),
    });
  }
}

async function settleAll(settlement: Settlement, transactions: readonly PreparedTransaction[]): Promise<void> {
  // One after the other: each needs what the one before it did.
  for (const transaction of transactions) {
    await settlement.settle([transaction], performance.now() + SETUP_TIMEOUT_MS, (_, { status, code }) => {
      if (status === 'final' && code === '') return;
      throw new BenchError('SETUP_FAILED', `a set-up transaction is ${status}: ${code}`, { actual: code });
    });
  }
}
