import { API_LIMITS } from '../api/limits.js';
import type { Hex } from '../primitives/bytes.js';
import type { ManyOptions } from './clientOptions.js';
import type { NodePool } from './nodePool.js';
import { type FinalTransaction, finalTransactions, type TransactionOutcome } from './outcomes.js';
import type { SettlementStream } from './settlementStream.js';
import type { Submission, Submitter } from './submitter.js';
import type { SignedTransaction } from './transactions.js';
import type { FinalityVerifier } from './verifier.js';
import { tolerated, type Waiter } from './waiter.js';

/** What is still open is submitted again after so long. */
const RESUBMIT_MS = 15_000;

export interface SettlementRunOptions extends Omit<ManyOptions, 'timeoutMs'> {
  readonly deadlineMs: number;
}

export interface SettlementModules {
  readonly pool: NodePool;
  readonly submitter: Submitter;
  readonly waiter: Waiter;
  readonly verifier: FinalityVerifier;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

/**
 * Settles the transactions of one request: gives them to f + 1 nodes, of which one streams the proofs; asks others where
 * that stream ends early or proves nothing; and gives the same bytes again while any stays open, which is always safe.
 */
export class SettlementRun {
  readonly #transactions: readonly SignedTransaction[];
  readonly #options: SettlementRunOptions;
  readonly #modules: SettlementModules;
  readonly #outcomes = new Map<Hex, TransactionOutcome>();
  readonly #mayBeIncluded = new Set<Hex>();
  /** Answers that are being read. */
  readonly #streams = new Set<Promise<void>>();
  readonly #reading = new Set<SettlementStream>();
  /** Resolves when there is nothing left to wait for: everything is settled, or what was told ends the run. */
  readonly #over: Promise<void>;
  #tellOver: () => void = () => undefined;
  #open: readonly SignedTransaction[];
  /** What ends the run: a fork of the chain, whichever node told of it. */
  #fault: { readonly error: unknown } | undefined;
  #hasEnded = false;

  constructor(transactions: readonly SignedTransaction[], options: SettlementRunOptions, modules: SettlementModules) {
    this.#transactions = transactions;
    this.#options = options;
    this.#modules = modules;
    this.#open = transactions;
    this.#over = new Promise((resolve) => {
      this.#tellOver = resolve;
    });
  }

  /** One outcome for each, in order. @throws ClientError `CHAIN_FORKED` */
  async run(): Promise<TransactionOutcome[]> {
    try {
      let toSubmit = this.#transactions;
      for (let round = 0; !this.#isOver && (round === 0 || this.#mayGoOn); round++) {
        toSubmit = await this.#round(toSubmit, round);
      }
    } finally {
      this.#hasEnded = true;
      for (const stream of this.#reading) stream.close();
    }
    if (this.#fault !== undefined) throw this.#fault.error;
    return this.#transactions.map(({ id }) => this.#outcomes.get(id) ?? { status: 'unknown', id, error: undefined });
  }

  /** @returns those to submit in the next round */
  async #round(toSubmit: readonly SignedTransaction[], round: number): Promise<readonly SignedTransaction[]> {
    const { submitter, verifier, pool, now } = this.#modules;
    const waitMs = Math.floor(Math.max(1, Math.min(this.#options.deadlineMs - now(), RESUBMIT_MS, API_LIMITS.waitMs)));
    const submitting = submitter.submit(toSubmit, { timeoutMs: waitMs, since: verifier.light.updateFrom });
    this.#follow(submitting.then(({ stream }) => stream));
    // Streams of earlier rounds may tell of the last ones while a slow node still judges.
    const submitted = await Promise.race([submitting, this.#over]);
    if (submitted === undefined) return [];
    const { submissions } = submitted;
    this.#note(toSubmit, submissions);
    const busy = toSubmit.filter((_, index) => submissions[index]?.status === 'busy');
    const pauseMs = busy.length > 0 ? pool.backoffMs(round + 1) : RESUBMIT_MS;
    await this.#waitUntil(Math.min(this.#options.deadlineMs, now() + pauseMs), busy.length > 0);
    const stillBusy = busy.filter((transaction) => this.#isOpen(transaction));
    return stillBusy.length > 0 ? stillBusy : this.#open;
  }

  /** For the streams; then, at other nodes, for what they left open. */
  async #waitUntil(untilMs: number, isBusy: boolean): Promise<void> {
    const { waiter, now, sleep } = this.#modules;
    // A stream ends by itself: only who has more to submit before looks at the clock.
    const pause = isBusy ? [sleep(Math.max(0, untilMs - now()))] : [];
    while (!this.#isOver && this.#streams.size > 0 && now() < untilMs && !this.#modules.pool.isClosed) {
      await Promise.race([this.#over, ...this.#streams, ...pause]);
    }
    if (this.#isOver || this.#streams.size > 0) return;
    const ids = this.#open.map(({ id }) => id);
    const { final } = await waiter.wait(ids, untilMs, this.#options);
    this.#settle([...final.values()]);
  }

  /** Reads an answer beside everything else. What it tells that ends the run is kept: nobody may be waiting just then. */
  #follow(stream: Promise<SettlementStream | undefined>): void {
    const reading: Promise<void> = this.#read(stream)
      .catch((error: unknown) => {
        this.#fault ??= { error };
        this.#tellOver();
      })
      .finally(() => this.#streams.delete(reading));
    this.#streams.add(reading);
  }

  /** @throws ClientError `CHAIN_FORKED`; what a node does wrong otherwise only ends its answer */
  async #read(pending: Promise<SettlementStream | undefined>): Promise<void> {
    const stream = await pending;
    if (stream === undefined) return;
    if (this.#hasEnded) {
      stream.close();
      return;
    }
    this.#reading.add(stream);
    try {
      for (let proof = await stream.next(); proof !== undefined; proof = await stream.next()) {
        const proven = finalTransactions(this.#modules.verifier.verifyReceipts(proof, stream.since));
        const fresh = this.#settle(proven);
        if (fresh.length > 0) this.#options.onFinal?.(fresh);
      }
    } catch (fault) {
      if (!this.#hasEnded) tolerated(fault);
    } finally {
      stream.close();
      this.#reading.delete(stream);
    }
  }

  /** @returns those that were open */
  #settle(final: readonly FinalTransaction[]): FinalTransaction[] {
    const open = new Set(this.#open.map(({ id }) => id));
    const fresh = final.filter(({ id }) => open.has(id));
    for (const one of fresh) this.#outcomes.set(one.id, { status: 'final', id: one.id, final: one });
    if (fresh.length > 0) this.#keepOpen();
    return fresh;
  }

  #note(submitted: readonly SignedTransaction[], submissions: readonly Submission[]): void {
    const refused: TransactionOutcome[] = [];
    for (const [index, submission] of submissions.entries()) {
      const { id } = submitted[index] as SignedTransaction;
      if (submission.status !== 'rejected' && submission.status !== 'busy') this.#mayBeIncluded.add(id);
      // Proofs may have come before the door of a slower node answered.
      if (this.#outcomes.get(id)?.status === 'final') continue;
      const outcome = outcomeOf(id, submission, this.#mayBeIncluded.has(id));
      this.#outcomes.set(id, outcome);
      if (outcome.status === 'rejected') refused.push(outcome);
    }
    if (refused.length > 0) this.#options.onRefused?.(refused);
    this.#keepOpen();
  }

  #keepOpen(): void {
    this.#open = this.#open.filter((transaction) => this.#isOpen(transaction));
    if (this.#open.length === 0) this.#tellOver();
  }

  #isOpen({ id }: SignedTransaction): boolean {
    return (this.#outcomes.get(id)?.status ?? 'unknown') === 'unknown';
  }

  get #isOver(): boolean {
    return this.#open.length === 0 || this.#fault !== undefined;
  }

  get #mayGoOn(): boolean {
    return !this.#modules.pool.isClosed && this.#modules.now() < this.#options.deadlineMs;
  }
}

/** What a node may have taken in earlier may still be included by it: its later refusal is no rejection. */
function outcomeOf(id: Hex, submission: Submission, mayBeIncluded: boolean): TransactionOutcome {
  if (submission.status === 'rejected' && !mayBeIncluded) return { status: 'rejected', id, error: submission.error };
  return { status: 'unknown', id, error: 'error' in submission ? submission.error : undefined };
}
