import { API_LIMITS } from '../api/limits.js';
import type { SubmissionJson } from '../api/values.js';
import { type Hex, toHex } from '../primitives/bytes.js';
import type { CodedError } from '../primitives/errors.js';
import { isCodedError } from '../primitives/errors.js';
import { isBusy, type NodeConnection, TransportError } from './connection.js';
import { ClientError, NodeError, OutcomeUnknownError } from './errors.js';
import type { NodePool } from './nodePool.js';
import type { SignedTransaction } from './transactions.js';

export interface SubmitterOptions {
  /** Nodes that get each transaction: f + 1, so that one of them at least is honest. */
  readonly submitTo: number;
}

/** What the nodes said of one transaction at the door. */
export type Submission =
  | { readonly status: 'accepted' | 'known' }
  /** Every node that was asked refuses it, for good. */
  | { readonly status: 'rejected'; readonly error: CodedError }
  /** No node took it now; the same bytes may be taken a little later. */
  | { readonly status: 'busy'; readonly error: CodedError }
  /** A node that gave no answer may have it. */
  | { readonly status: 'unknown'; readonly error: CodedError };

/** One node's answer for one transaction. */
type Verdict = { readonly status: 'accepted' | 'known' } | { readonly error: CodedError };

/** Gives transactions to several nodes at once. Giving the same bytes again is always safe. */
export class Submitter {
  readonly #options: SubmitterOptions;
  readonly #pool: NodePool;

  constructor(options: SubmitterOptions, pool: NodePool) {
    this.#options = options;
    this.#pool = pool;
  }

  /**
   * One answer for each transaction of one request, in order. Answers as soon as some node has each of them; the others
   * still get them, and a further node takes the place of one that gave no answer. What nodes do wrong is told in the
   * answers, not thrown.
   */
  async submit(transactions: readonly SignedTransaction[]): Promise<Submission[]> {
    const answers = await this.#gather(transactions);
    return transactions.map(({ id }, index) => {
      return combine(
        id,
        answers.map((verdicts) => verdicts[index] as Verdict),
      );
    });
  }

  #gather(transactions: readonly SignedTransaction[]): Promise<readonly Verdict[][]> {
    const reserve = [...this.#pool.inTurn()];
    const answers: Verdict[][] = [];
    const isTaken = (index: number) => answers.some((given) => 'status' in (given[index] as Verdict));
    return new Promise((resolve, reject) => {
      let asked = 0;
      const askNext = (): void => {
        const node = reserve.shift();
        if (node === undefined) return;
        asked++;
        this.#submitTo(node, transactions).then(({ answered, verdicts }) => {
          answers.push(verdicts);
          if (!answered) askNext();
          if (answers.length === asked || transactions.every((_, index) => isTaken(index))) resolve([...answers]);
        }, reject);
      };
      for (let i = 0; i < this.#options.submitTo; i++) askNext();
    });
  }

  async #submitTo(node: NodeConnection, transactions: readonly SignedTransaction[]) {
    const request = { transactions: transactions.map(({ bytes }) => toHex(bytes)) };
    try {
      const { results } = await this.#pool.callOne(node, 'submitMany', request);
      if (results.length !== transactions.length) {
        const actual = `${results.length} results`;
        throw new ClientError('RESPONSE_INVALID', `expected ${transactions.length} results, found ${actual}`, {
          actual,
        });
      }
      return { answered: true, verdicts: results.map((result) => verdictOf(node.url, result)) };
    } catch (error) {
      if (!isCodedError(error)) throw error;
      const verdicts = transactions.map((): Verdict => ({ error }));
      return { answered: error instanceof NodeError && !isBusy(error), verdicts };
    }
  }
}

function verdictOf(url: string, { status, error }: SubmissionJson): Verdict {
  if (status !== undefined) return { status };
  if (error === undefined)
    return { error: new ClientError('RESPONSE_INVALID', `${url} gave neither status nor error`) };
  return { error: new NodeError(url, error.code, error.message, error.details) };
}

/** True when this answer leaves open whether the node has the transaction. */
function isOpen(error: CodedError): boolean {
  if (error instanceof TransportError) return error.mayBeDelivered;
  return error instanceof ClientError || error.code === 'INTERNAL';
}

function combine(id: Hex, verdicts: readonly Verdict[]): Submission {
  const errors: CodedError[] = [];
  for (const verdict of verdicts) {
    if ('status' in verdict) return verdict;
    errors.push(verdict.error);
  }
  const open = errors.find(isOpen);
  if (open !== undefined) {
    return { status: 'unknown', error: new OutcomeUnknownError(id, open.message, { cause: open.code }) };
  }
  const refused = errors.find((error) => error instanceof NodeError && !isBusy(error));
  if (refused !== undefined) return { status: 'rejected', error: refused };
  return { status: 'busy', error: errors[0] ?? new ClientError('UNREACHABLE', 'no node was asked') };
}

/** Splits transactions into requests that a node takes. */
export function inRequests(transactions: readonly SignedTransaction[], maxCount: number): SignedTransaction[][] {
  const requests: SignedTransaction[][] = [];
  let current: SignedTransaction[] = [];
  let bytes = 0;
  for (const transaction of transactions) {
    const isFull = current.length >= maxCount || bytes + transaction.bytes.length > API_LIMITS.submittedBytes;
    if (isFull && current.length > 0) {
      requests.push(current);
      current = [];
      bytes = 0;
    }
    current.push(transaction);
    bytes += transaction.bytes.length;
  }
  if (current.length > 0) requests.push(current);
  return requests;
}
