import { API_LIMITS } from '../api/limits.js';
import type { SettlementVerdict } from '../api/settlement.js';
import type { Hex } from '../primitives/bytes.js';
import type { CodedError } from '../primitives/errors.js';
import { isCodedError } from '../primitives/errors.js';
import { isBusy, type NodeConnection, tookNothing } from './connection.js';
import { ClientError, NodeError, OutcomeUnknownError, TransportError } from './errors.js';
import type { NodePool } from './nodePool.js';
import type { SettlementStream } from './settlementStream.js';
import type { SignedTransaction } from './transactions.js';

export interface SubmitterOptions {
  /** Nodes that get each transaction: f + 1, so that one of them at least is honest. */
  readonly submitTo: number;
}

/** What the nodes said of one transaction at the door. */
export type Submission =
  | { readonly status: 'accepted' | 'known' }
  /** Every node that could be asked refuses it, for good, and one of them at least is honest. */
  | { readonly status: 'rejected'; readonly error: CodedError }
  /** No node took it now, and too few refuse it for good; the same bytes may be taken a little later. */
  | { readonly status: 'busy'; readonly error: CodedError }
  /** A node that gave no answer may have it. */
  | { readonly status: 'unknown'; readonly error: CodedError };

/** One node's answer for one transaction. */
type Verdict =
  | { readonly status: 'accepted' | 'known' }
  /** `isOpen` where the answer leaves open whether the node has the transaction. */
  | { readonly error: CodedError; readonly isOpen: boolean };

/** What waits for proofs at one of the nodes. */
export interface SettlementWait {
  /** How long that node tells what becomes of the transactions; 0 for not at all. */
  readonly timeoutMs: number;
  /** Height up to which this client knows the changes of validators. */
  readonly since: number;
}

export interface Submitted {
  /** One for each transaction, in order. */
  readonly submissions: readonly Submission[];
  /** The answer of the node that waits, once it has judged the transactions; undefined where none does. Never rejects. */
  readonly stream: Promise<SettlementStream | undefined>;
}

/** One node's answer for all of them. */
interface Answer {
  readonly answered: boolean;
  readonly verdicts: readonly Verdict[];
  readonly stream?: SettlementStream;
}

const NO_WAIT: SettlementWait = { timeoutMs: 0, since: 0 };

/** Gives transactions to several nodes at once. Giving the same bytes again is always safe. */
export class Submitter {
  readonly #options: SubmitterOptions;
  readonly #pool: NodePool;

  constructor(options: SubmitterOptions, pool: NodePool) {
    this.#options = options;
    this.#pool = pool;
  }

  /**
   * Gives the transactions of one request. Answers as soon as some node has each of them; the others still get them, and
   * a further node takes the place of one that gave no answer. What nodes do wrong is told in the answers, not thrown.
   */
  submit(transactions: readonly SignedTransaction[], wait: SettlementWait = NO_WAIT): Promise<Submitted> {
    const reserve = [...this.#pool.inTurn()];
    const answers: (readonly Verdict[])[] = [];
    const isTaken = (index: number) => answers.some((given) => 'status' in (given[index] as Verdict));
    const submitted = (stream: Submitted['stream']): Submitted => ({
      submissions: combined(transactions, answers, this.#options.submitTo),
      stream,
    });
    return new Promise((resolve, reject) => {
      let tell: (stream: SettlementStream | undefined) => void = () => undefined;
      const stream = new Promise<SettlementStream | undefined>((done) => {
        tell = done;
      });
      let asked = 0;
      const askNext = (mine: SettlementWait): void => {
        const node = reserve.shift();
        if (node === undefined) {
          if (mine !== NO_WAIT) tell(undefined);
          return;
        }
        asked++;
        this.#submitTo(node, transactions, mine).then((answer) => {
          answers.push(answer.verdicts);
          if (!answer.answered) askNext(mine);
          else if (mine !== NO_WAIT) tell(answer.stream);
          if (answers.length === asked || transactions.every((_, index) => isTaken(index))) resolve(submitted(stream));
        }, reject);
      };
      for (let i = 0; i < this.#options.submitTo; i++) askNext(i === 0 ? wait : NO_WAIT);
      if (wait === NO_WAIT) tell(undefined);
    });
  }

  async #submitTo(
    node: NodeConnection,
    transactions: readonly SignedTransaction[],
    { timeoutMs, since }: SettlementWait,
  ): Promise<Answer> {
    try {
      const request = { timeoutMs, since, transactions: transactions.map(({ bytes }) => bytes) };
      const stream = await this.#pool.settle(node, request);
      // All that it says has come: reading on lets go of the connection.
      if (timeoutMs === 0) stream.next().catch(() => undefined);
      return { answered: true, verdicts: stream.verdicts.map((verdict) => verdictOf(node.url, verdict)), stream };
    } catch (error) {
      if (!isCodedError(error)) throw error;
      // It says nothing of any transaction by itself: another node is asked for its word on them.
      const verdict = { error, isOpen: isOpen(error) || (error instanceof NodeError && !tookNothing(error)) };
      return { answered: false, verdicts: transactions.map(() => verdict) };
    }
  }
}

function verdictOf(url: string, verdict: SettlementVerdict): Verdict {
  if ('status' in verdict) return verdict;
  const { code, message, details } = verdict.error;
  const error = new NodeError(url, code, message, details);
  return { error, isOpen: isOpen(error) };
}

function combined(
  transactions: readonly SignedTransaction[],
  answers: readonly (readonly Verdict[])[],
  needed: number,
): readonly Submission[] {
  return transactions.map(({ id }, index) => {
    const verdicts = answers.map((given) => given[index] as Verdict);
    return combine(id, verdicts, needed);
  });
}

/** True when this answer leaves open whether the node has the transaction. */
function isOpen(error: CodedError): boolean {
  if (error instanceof TransportError) return error.mayBeDelivered;
  return error instanceof ClientError || error.code === 'INTERNAL';
}

/**
 * A node that is busy or away has not judged it, and of fewer than `needed` that refuse it every one may lie: then nothing
 * is decided.
 */
function combine(id: Hex, verdicts: readonly Verdict[], needed: number): Submission {
  const refusals: CodedError[] = [];
  let open: CodedError | undefined;
  let passing: CodedError | undefined;
  for (const verdict of verdicts) {
    if ('status' in verdict) return verdict;
    const { error } = verdict;
    if (verdict.isOpen) open ??= error;
    else if (error instanceof NodeError && !isBusy(error)) refusals.push(error);
    else passing = isBusy(error) ? error : (passing ?? error);
  }
  if (open !== undefined) {
    return { status: 'unknown', error: new OutcomeUnknownError(id, open.message, { cause: open.code }) };
  }
  const [refusal] = refusals;
  const isJudged = refusals.length >= needed && (passing === undefined || !isBusy(passing));
  if (refusal !== undefined && isJudged) return { status: 'rejected', error: refusal };
  return { status: 'busy', error: passing ?? refusal ?? new ClientError('UNREACHABLE', 'no node was asked') };
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
