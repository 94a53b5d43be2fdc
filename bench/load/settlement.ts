import { setTimeout as sleep } from 'node:timers/promises';
import { isTemporary } from '../../api/errors.js';
import { API_LIMITS } from '../../api/limits.js';
import type { NodeConnection } from '../../client/connection.js';
import { ClientError, NodeError } from '../../client/errors.js';
import type { FinalityVerifier } from '../../client/verifier.js';
import { equalBytes, type Hex, toHex } from '../../primitives/bytes.js';
import { isCodedError } from '../../primitives/errors.js';
import type { VerifiedFinality } from '../../primitives/finality.js';
import { BenchError } from '../errors.js';
import type { PreparedTransaction } from './preparedTransactions.js';

const REQUEST_TIMEOUT_MS = 15_000;
/** Longest wait of one request: transactions that come late are asked for again. */
const POLL_MS = 2_000;
const RETRY_MS = 50;

/** What became of one transaction. */
export type Settled =
  | { readonly status: 'final'; readonly height: number; readonly code: string }
  | { readonly status: 'refused'; readonly code: string }
  | { readonly status: 'unknown'; readonly code: string };

export type OnSettled = (transaction: PreparedTransaction, settled: Settled) => void;

/** Submits transactions and waits for verified proofs, at one node for each call, as a client of that node would. */
export class Settlement {
  #turn = 0;

  constructor(
    private readonly nodes: readonly NodeConnection[],
    private readonly verifier: FinalityVerifier,
    /** Ends everything that waits, with `INTERRUPTED`. */
    private readonly closed: AbortSignal,
  ) {}

  /**
   * Submits the transactions in one request to the next node in turn, once, and waits until each is proven or the
   * deadline (of `performance.now`) is over. Each is told as soon as it is known, and exactly once.
   */
  async settle(transactions: readonly PreparedTransaction[], deadlineMs: number, onSettled: OnSettled): Promise<void> {
    this.#requireOpen();
    const node = this.nodes[this.#turn++ % this.nodes.length] as NodeConnection;
    const open = new Map(transactions.map((transaction) => [transaction.id, transaction]));
    const end = (id: Hex, settled: Settled): void => {
      const transaction = open.get(id);
      if (transaction === undefined || !open.delete(id)) return;
      onSettled(transaction, settled);
    };
    const prove = (proven: readonly VerifiedFinality[]): void => {
      for (const facts of proven) {
        const id = toHex(facts.receipt.transactionId);
        const transaction = open.get(id);
        if (transaction !== undefined) end(id, finalOf(transaction, facts));
      }
    };
    let reason = await this.#stream(node, transactions, deadlineMs, end, prove);
    while (open.size > 0 && performance.now() < deadlineMs) {
      try {
        const timeoutMs = Math.max(1, Math.min(POLL_MS, Math.floor(deadlineMs - performance.now())));
        prove(await this.#wait(node, [...open.keys()], timeoutMs));
      } catch (error) {
        reason = requireBearable(error);
        this.#requireOpen();
        await sleep(RETRY_MS);
      }
    }
    for (const id of open.keys()) end(id, { status: 'unknown', code: reason });
  }

  #requireOpen(): void {
    if (this.closed.aborted) throw new BenchError('INTERRUPTED', 'the network is being stopped', {});
  }

  /** Submits, and reads proofs while they come. @returns why it is not known what became of those that stay open */
  async #stream(
    node: NodeConnection,
    transactions: readonly PreparedTransaction[],
    deadlineMs: number,
    end: (id: Hex, settled: Settled) => void,
    prove: (proven: readonly VerifiedFinality[]) => void,
  ): Promise<string> {
    const timeoutMs = Math.max(1, Math.min(API_LIMITS.waitMs, Math.floor(deadlineMs - performance.now())));
    const since = this.verifier.light.updateFrom;
    let isJudged = false;
    try {
      const request = { timeoutMs, since, transactions: transactions.map(({ bytes }) => bytes) };
      const stream = await node.settle(request, REQUEST_TIMEOUT_MS);
      isJudged = true;
      for (const [index, verdict] of stream.verdicts.entries()) {
        const id = transactions[index]?.id;
        if ('error' in verdict && id !== undefined) end(id, { status: 'refused', code: verdict.error.code });
      }
      for (let proof = await stream.next(); proof !== undefined; proof = await stream.next()) {
        prove(this.verifier.verifyReceipts(proof, since));
      }
      return 'NOT_FINAL_IN_TIME';
    } catch (error) {
      const code = requireBearable(error);
      if (!isJudged && error instanceof NodeError && isTemporary(code)) {
        for (const { id } of transactions) end(id, { status: 'refused', code });
      }
      return code;
    }
  }

  async #wait(node: NodeConnection, ids: readonly Hex[], timeoutMs: number): Promise<VerifiedFinality[]> {
    const request = { ids, timeoutMs, proofs: true };
    const { proofs } = await node.call('waitMany', request, timeoutMs + REQUEST_TIMEOUT_MS);
    return proofs.flatMap((block) => this.verifier.verifyBlock(block));
  }
}

/** A proof counts for a payment only when it proves what the payment was to do. */
function finalOf({ outcomesRoot }: PreparedTransaction, { header, receipt }: VerifiedFinality): Settled {
  const { height } = header;
  if (!receipt.success) return { status: 'final', height, code: receipt.code };
  const isWhole = outcomesRoot === undefined || equalBytes(outcomesRoot, receipt.outcomesRoot);
  return { status: 'final', height, code: isWhole ? '' : 'OUTCOMES_DIFFER' };
}

/** What an overloaded node may do; a bad proof or a fork ends the run. @returns its code */
function requireBearable(error: unknown): string {
  const isBearable = error instanceof NodeError || (error instanceof ClientError && error.code === 'UNREACHABLE');
  if (!isBearable || !isCodedError(error)) throw error;
  return error.code;
}
