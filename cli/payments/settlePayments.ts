import type { FinalTransaction, TransactionOutcome } from '../../client/outcomes.js';
import type { SignedTransaction } from '../../client/transactions.js';
import { invariant } from '../../primitives/errors.js';
import type { Call, TransactionBody, TransactionPriority } from '../../primitives/types.js';
import { errorData, standardCodecs } from '../decoding.js';
import { EXIT, exitCodeOf } from '../exitCodes.js';
import { batchOutcomes } from './batchOutcomes.js';
import { type EarlierClaim, originalOf, settleEarlier } from './earlierRun.js';
import { paymentCall } from './paymentCall.js';
import { explainRefusal, type PaymentOutcome } from './paymentOutcome.js';
import { batchReference, type PlannedPayment, paymentReference, referenceBehind } from './paymentPlan.js';
import { batchWaves, type PaymentGroup, singleWaves } from './paymentWaves.js';
import type { SettlementSession } from './settlementSession.js';

export interface SettleOptions {
  /** The business day, YYYYMMDD, on which a payment in this currency may settle. */
  readonly businessDayOf: (currency: string) => number;
  /** Group one debtor's payments under one signature, each settling or failing on its own. */
  readonly batch: boolean;
  readonly priority: TransactionPriority;
  readonly nowMs: () => number;
  /** Stands in each transaction before its payment: a payment is made only where this does not fail. */
  readonly before?: readonly Call[];
  /** Told how many payments have an outcome. */
  readonly onProgress: (done: number) => void;
}

interface Job {
  readonly payments: PaymentGroup;
  readonly attempt: number;
}

interface SignedJob extends Job {
  readonly body: TransactionBody;
  readonly signed: SignedTransaction;
}

/** Transactions signed and sent before the next ones are: what is under way is bounded. */
const JOBS_AT_ONCE = 2_000;
const BATCHES_AT_ONCE = 8;
const TRANSACTIONS_PER_TIMEOUT = 500;
/** Transactions of earlier runs that failed before a payment is left to a later run. */
const MAX_ATTEMPTS = 16;

/**
 * Settles payments and says what became of each, in their order. Run again with the same payments on the same business
 * day it finds what is settled and pays nothing twice.
 *
 * @throws KeyError, ClientError, ProofError: what stops all of them
 */
export async function settlePayments(
  session: SettlementSession,
  planned: readonly PlannedPayment[],
  options: SettleOptions,
): Promise<readonly PaymentOutcome[]> {
  const run = new SettlementRun(session, options);
  const atOnce = options.batch ? BATCHES_AT_ONCE : JOBS_AT_ONCE;
  for (const wave of options.batch ? batchWaves(planned) : singleWaves(planned)) {
    const jobs = wave.map((payments) => ({ payments, attempt: 0 }));
    for (let start = 0; start < jobs.length; start += atOnce) await run.settle(jobs.slice(start, start + atOnce));
  }
  return planned.map((payment) => run.outcomeOf(payment));
}

class SettlementRun {
  private readonly outcomes = new Map<PlannedPayment, PaymentOutcome>();
  /** Transaction's id → time from sending to its verified proof. */
  private readonly finalAfterMs = new Map<string, number>();

  constructor(
    private readonly session: SettlementSession,
    private readonly options: SettleOptions,
  ) {}

  outcomeOf(payment: PlannedPayment): PaymentOutcome {
    const outcome = this.outcomes.get(payment);
    invariant(outcome !== undefined, 'every planned payment stands in one wave');
    return outcome;
  }

  async settle(jobs: readonly Job[]): Promise<void> {
    let open = jobs;
    while (open.length > 0) {
      const signed: SignedJob[] = [];
      for (const job of open) signed.push(await this.sign(job));
      open = await this.send(signed);
    }
  }

  private async sign(job: Job): Promise<SignedJob> {
    const { client, keyring } = this.session;
    const [first] = job.payments as [PlannedPayment];
    const businessDay = this.options.businessDayOf(first.row.currency);
    const signers = await keyring.signersOf(first.debtor);
    const { before = [] } = this.options;
    const reference = this.options.batch
      ? batchReference(job.payments, businessDay, job.attempt)
      : paymentReference(first, businessDay, job.attempt);
    const body = client.buildTransaction({
      sender: first.debtor.account,
      signers: signers.map(({ address }) => address),
      calls: [...before, paymentCall(job.payments, businessDay, this.options.batch)],
      reference: referenceBehind(reference, before),
      priority: this.options.priority,
    });
    return { ...job, body, signed: await client.sign(body, signers) };
  }

  /** @returns jobs to be sent again: an earlier run's transaction of theirs is on the chain and failed */
  private async send(jobs: readonly SignedJob[]): Promise<readonly Job[]> {
    const results = await this.submit(jobs);
    const claims: { readonly job: SignedJob; readonly claim: EarlierClaim }[] = [];
    for (const [i, result] of results.entries()) {
      const job = jobs[i] as SignedJob;
      const originalId = result.status === 'final' ? undefined : originalOf(result.error);
      if (originalId !== undefined) claims.push({ job, claim: { originalId, body: job.body } });
      else await this.record(job, result);
    }
    const earlier = await settleEarlier(
      this.session,
      claims.map(({ claim }) => claim),
    );
    const again: Job[] = [];
    for (const [i, outcome] of earlier.entries()) {
      const { job, claim } = claims[i] as (typeof claims)[number];
      if (outcome.status === 'unknown')
        this.setAll(job, (payment) => ({ status: 'unknown', payment, transactionId: claim.originalId }));
      else if (outcome.final.success) await this.recordFinal(job, outcome.final, true);
      else if (job.attempt + 1 < MAX_ATTEMPTS) again.push({ payments: job.payments, attempt: job.attempt + 1 });
      else await this.recordFinal(job, outcome.final, true);
    }
    this.options.onProgress(this.outcomes.size);
    return again;
  }

  private submit(jobs: readonly SignedJob[]): Promise<TransactionOutcome[]> {
    const { nowMs, onProgress } = this.options;
    const sizes = new Map(jobs.map(({ signed, payments: { length } }) => [signed.id, length]));
    const startMs = nowMs();
    let done = this.outcomes.size;
    return this.session.client.submitAndWaitMany(
      jobs.map(({ signed }) => signed),
      {
        timeoutMs: this.timeoutMs(jobs.length),
        onFinal: (finals) => {
          for (const { id } of finals) {
            this.finalAfterMs.set(id, nowMs() - startMs);
            done += sizes.get(id) ?? 0;
          }
          onProgress(done);
        },
      },
    );
  }

  /** The setting is for one transaction; many take longer, and so do the blocks that hold them. */
  private timeoutMs(transactions: number): number {
    return this.session.settings.timeoutMs * Math.ceil(transactions / TRANSACTIONS_PER_TIMEOUT);
  }

  private async record(job: SignedJob, result: TransactionOutcome): Promise<void> {
    if (result.status === 'final') return this.recordFinal(job, result.final, false);
    // A node that could not be reached has refused nothing.
    if (result.status === 'unknown' || exitCodeOf(result.error) === EXIT.unreachable) {
      return this.setAll(job, (payment) => ({ status: 'unknown', payment, transactionId: result.id }));
    }
    const { code, message } = result.error;
    this.setAll(job, (payment) => ({ status: 'refused', payment, code, message, transactionId: undefined }));
  }

  private async recordFinal(job: Job, final: FinalTransaction, earlier: boolean): Promise<void> {
    const { id: transactionId, height } = final;
    if (!final.success) {
      const { code } = final;
      const message = failureMessage(final);
      this.setAll(job, (payment) => ({ status: 'refused', payment, code, message, transactionId }));
      return;
    }
    const codes = this.options.batch ? await batchOutcomes(this.session, final, job.payments.length) : [''];
    const finalAfterMs = earlier ? undefined : this.finalAfterMs.get(transactionId);
    for (const [i, payment] of job.payments.entries()) {
      const code = codes[i] ?? '';
      this.outcomes.set(
        payment,
        code === ''
          ? { status: 'settled', payment, transactionId, height, earlier, finalAfterMs }
          : { status: 'refused', payment, code, message: explainRefusal(code) ?? code, transactionId },
      );
    }
  }

  private setAll(job: Job, outcomeOf: (payment: PlannedPayment) => PaymentOutcome): void {
    for (const payment of job.payments) this.outcomes.set(payment, outcomeOf(payment));
  }
}

function failureMessage({ code, receipt }: FinalTransaction): string {
  const data = errorData(receipt, standardCodecs());
  const details = data === null || data === undefined ? '' : ` ${JSON.stringify(data)}`;
  return `${explainRefusal(code) ?? `${receipt.failedCall} refused it`}${details}`;
}
