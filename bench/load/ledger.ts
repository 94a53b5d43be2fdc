import { calendarDayOf } from '../../contracts/api/calendar.js';
import { cash, payments } from '../../contracts/index.js';
import { LIMITS } from '../../primitives/limits.js';
import { BenchError } from '../errors.js';
import type { LoadAccount } from '../network/accounts.js';
import type { Cluster } from '../network/cluster.js';
import type { Measured } from './openLoop.js';
import { AMOUNT, CURRENCY, type PreparedTransaction, type TransactionPreparer } from './preparedTransactions.js';
import type { Settlement } from './settlement.js';

/** More than any account pays in all windows together. */
const OPENING_BALANCE = 1_000_000_000_000n;
const SETUP_TIMEOUT_MS = 60_000;
const REQUEST_TIMEOUT_MS = 10_000;
/** Accounts whose balance is asked for after a run, evenly spread. */
const CHECKED_ACCOUNTS = 200;

/** What the accounts must hold by all that was proven. */
export class ExpectedLedger {
  readonly #balances: bigint[];
  /** A transaction whose outcome is not known makes every balance uncertain. */
  #certain = true;

  constructor(private readonly accounts: readonly LoadAccount[]) {
    this.#balances = accounts.map(() => OPENING_BALANCE);
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

  note(measured: readonly Measured[]): void {
    for (const { transaction, settled } of measured) {
      const { debtor, creditors } = transaction;
      // The outcome of a batch that is not the expected one is not known payment by payment.
      if (settled.status === 'unknown' || settled.code === 'OUTCOMES_DIFFER') this.#certain = false;
      if (settled.status !== 'final' || settled.code !== '' || debtor === undefined) continue;
      this.#add(debtor, -AMOUNT * BigInt(creditors.length));
      for (const creditor of creditors) this.#add(creditor, AMOUNT);
    }
  }

  #add(index: number, amount: bigint): void {
    this.#balances[index] = (this.#balances[index] ?? 0n) + amount;
  }

  /**
   * Compares balances of accounts all over the list, asked of the nodes in turn.
   *
   * @returns how many were compared: none when the outcome of some transaction is not known
   * @throws BenchError `LEDGER_WRONG`
   */
  async check({ connections }: Cluster): Promise<number> {
    if (!this.#certain) return 0;
    const count = Math.min(CHECKED_ACCOUNTS, this.accounts.length);
    for (let i = 0; i < count; i++) {
      const index = Math.floor((i * this.accounts.length) / count);
      const { address: account } = this.accounts[index] as LoadAccount;
      const { contract, method, args, returns } = cash.methods.balance;
      const node = connections[i % connections.length];
      const request = { contract, method, args: args.toJson({ currency: CURRENCY, account }) };
      const answer = await node?.call('view', request, REQUEST_TIMEOUT_MS);
      const found = returns?.parseJson(answer?.value ?? null, '$');
      if (found === this.#balances[index]) continue;
      throw new BenchError('LEDGER_WRONG', `account ${account} must hold ${this.#balances[index]}, it holds ${found}`, {
        expected: String(this.#balances[index]),
        actual: String(found),
      });
    }
    return count;
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
