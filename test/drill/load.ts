import type { VostroClient } from '../../client/client.js';
import type { SignedTransaction } from '../../client/transactions.js';
import { isCodedError } from '../../primitives/errors.js';
import type { BankBook } from '../support/processes/bankBook.js';
import { pause } from '../support/processes/until.js';

export interface PaymentLoadOptions {
  /** First part of every reference. */
  readonly name: string;
  readonly ratePerSecond: number;
  /** Payments that may be on their way at once; what is due beyond them is not sent, and counted. */
  readonly maxOpen: number;
}

/** How long one try waits for finality before the same bytes are sent again. */
const TRY_MS = 15_000;
const RETRY_PAUSE_MS = 250;

/**
 * Payments at a fixed rate, whatever becomes of those before: each is sent again, the same bytes, until it is final or
 * the network says that it can never be.
 */
export class PaymentLoad {
  /** Ids that can never be included any more: they were too old when a quorum came back. */
  readonly refused: string[] = [];
  /** What no client should ever see. */
  readonly failures: string[] = [];
  sent = 0;
  settled = 0;
  /** Due while too many were open. */
  skipped = 0;
  private readonly open = new Set<Promise<void>>();
  private timer: NodeJS.Timeout | undefined;
  private dueMs = 0;

  constructor(
    private readonly options: PaymentLoadOptions,
    private readonly book: BankBook,
    private readonly client: VostroClient = book.client,
  ) {}

  start(): void {
    this.dueMs = performance.now();
    const stepMs = 1_000 / this.options.ratePerSecond;
    this.timer = setInterval(
      () => {
        for (; this.dueMs <= performance.now(); this.dueMs += stepMs) this.offer();
      },
      Math.min(100, stepMs),
    );
  }

  /** Payments on their way. */
  get openCount(): number {
    return this.open.size;
  }

  /** Offers nothing more, and returns when nothing is on its way. */
  async stop(): Promise<void> {
    clearInterval(this.timer);
    while (this.open.size > 0) await Promise.all(this.open);
  }

  private offer(): void {
    if (this.open.size >= this.options.maxOpen) {
      this.skipped++;
      return;
    }
    const number = this.sent++;
    const payment = this.settle(number).catch((error: unknown) => {
      this.failures.push(error instanceof Error ? error.message : String(error));
    });
    const noted: Promise<void> = payment.finally(() => this.open.delete(noted));
    this.open.add(noted);
  }

  private async settle(number: number): Promise<void> {
    const { banks } = this.book;
    const from = banks[number % banks.length] as string;
    const to = banks[(number + 1 + (number % (banks.length - 1))) % banks.length] as string;
    const amount = BigInt(1 + (number % 7));
    const transaction = await this.book.sign(from, to, amount, `${this.options.name}-${number}`);
    const final = await this.untilFinal(transaction);
    if (final === undefined) return;
    this.settled++;
    this.book.book(from, to, amount, final);
  }

  private async untilFinal(transaction: SignedTransaction) {
    for (;;) {
      try {
        return await this.client.submitAndWait(transaction, TRY_MS);
      } catch (error) {
        if (!isCodedError(error)) throw error;
        if (error.code === 'TRANSACTION_EXPIRED') {
          this.refused.push(transaction.id);
          return undefined;
        }
        if (!PASSING.has(error.code)) throw error;
        await pause(RETRY_PAUSE_MS);
      }
    }
  }
}

/** What says nothing of a payment but that somebody is not there now. */
const PASSING: ReadonlySet<string> = new Set([
  'OUTCOME_UNKNOWN',
  'UNREACHABLE',
  'RESPONSE_INVALID',
  'MEMPOOL_BUSY',
  'MEMPOOL_FULL',
  'EXECUTOR_NOT_RUNNING',
  'SHUTTING_DOWN',
  'INTERNAL',
]);
