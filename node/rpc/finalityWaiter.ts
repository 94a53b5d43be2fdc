import { ApiError } from '../../api/errors.js';
import type { FinalStatusJson } from '../../api/values.js';
import { type Hex, toHex } from '../../primitives/bytes.js';
import type { CommitResult, Executor } from '../execution/types.js';
import type { Metrics } from '../ops/ports.js';
import { METRIC } from './metrics.js';
import type { CommitFeed } from './ports.js';
import { proofsInParts } from './proofsInParts.js';

export interface FinalityWaiterOptions {
  readonly maxWaits: number;
  readonly maxWaitedIds: number;
  /** Final transactions that are remembered, so that most waits never ask the executor. */
  readonly recentFinals: number;
}

export interface FinalityWaiterModules {
  readonly executor: Pick<Executor, 'proofs'>;
  readonly commits: CommitFeed;
  readonly metrics: Metrics;
}

export interface WaitRequest {
  readonly ids: readonly Hex[];
  /** Ends the wait when so many are final. */
  readonly minimum: number;
  readonly timeoutMs: number;
  /** Ends the wait when the client is gone. */
  readonly signal: AbortSignal;
}

interface Wait {
  readonly missing: Set<Hex>;
  readonly final: Map<Hex, FinalStatusJson>;
  readonly needed: number;
  readonly end: () => void;
}

/** Wakes whoever waits for transactions to be final, from the blocks as they are written. */
export class FinalityWaiter {
  readonly #options: FinalityWaiterOptions;
  readonly #modules: FinalityWaiterModules;
  readonly #waits = new Set<Wait>();
  readonly #byId = new Map<Hex, Set<Wait>>();
  /** In the order in which they became final. */
  readonly #recent = new Map<Hex, FinalStatusJson>();
  #waitedIds = 0;
  #unsubscribe: (() => void) | undefined;
  #stopped = false;

  constructor(options: FinalityWaiterOptions, modules: FinalityWaiterModules) {
    this.#options = options;
    this.#modules = modules;
  }

  start(): void {
    this.#unsubscribe = this.#modules.commits.subscribe((result) => this.#onCommit(result));
  }

  /** Ends every wait with what is known. */
  stop(): void {
    this.#stopped = true;
    this.#unsubscribe?.();
    for (const wait of [...this.#waits]) wait.end();
  }

  /**
   * The statuses of those that are final when enough are, or when the time is over.
   *
   * @throws ApiError `TOO_MANY_WAITS`, `SHUTTING_DOWN`
   */
  async wait(request: WaitRequest): Promise<ReadonlyMap<Hex, FinalStatusJson>> {
    const ids = new Set(request.ids);
    this.#requireRoom(ids.size);
    const final = new Map<Hex, FinalStatusJson>();
    const missing = new Set<Hex>();
    for (const id of ids) {
      const recent = this.#recent.get(id);
      if (recent === undefined) missing.add(id);
      else final.set(id, recent);
    }
    const needed = Math.min(request.minimum, ids.size);
    if (final.size < needed) await this.#waitFor({ missing, final, needed }, request);
    return final;
  }

  #requireRoom(count: number): void {
    if (this.#stopped) throw new ApiError('SHUTTING_DOWN', 'this node is stopping: ask another one', {});
    const { maxWaits, maxWaitedIds } = this.#options;
    if (this.#waits.size >= maxWaits || this.#waitedIds + count > maxWaitedIds) {
      throw new ApiError('TOO_MANY_WAITS', `expected at most ${maxWaits} waits for ${maxWaitedIds} transactions`, {
        expected: `at most ${maxWaits} waits for ${maxWaitedIds} transactions`,
        actual: `${this.#waits.size} waits for ${this.#waitedIds}`,
        hint: 'ask again a little later, for many transactions in one wait, or another node',
      });
    }
  }

  async #waitFor(state: Omit<Wait, 'end'>, { timeoutMs, signal }: WaitRequest): Promise<void> {
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    const wait: Wait = { ...state, end };
    this.#add(wait);
    const timer = setTimeout(end, timeoutMs);
    signal.addEventListener('abort', end, { once: true });
    if (signal.aborted) end();
    try {
      // Only after the wait is registered: what is written meanwhile is told by the feed.
      const lookedUp = this.#lookUp(wait);
      await Promise.race([ended, lookedUp.then(() => ended)]);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      this.#remove(wait);
    }
  }

  async #lookUp(wait: Wait): Promise<void> {
    for await (const { header, receipts } of proofsInParts(this.#modules.executor, [...wait.missing])) {
      for (const { receipt, index } of receipts) {
        const id = toHex(receipt.transactionId);
        this.#settle(wait, { id, height: header.height, index, success: receipt.success, code: receipt.code });
      }
    }
  }

  #onCommit({ head, included }: CommitResult): void {
    const { height } = head.header;
    for (const [index, { id, success, code }] of included.entries()) {
      const status = { id: toHex(id), height, index, success, code };
      this.#recent.set(status.id, status);
      for (const wait of this.#byId.get(status.id) ?? []) this.#settle(wait, status);
    }
    for (const oldest of this.#recent.keys()) {
      if (this.#recent.size <= this.#options.recentFinals) break;
      this.#recent.delete(oldest);
    }
  }

  #settle(wait: Wait, status: FinalStatusJson): void {
    if (!wait.missing.delete(status.id)) return;
    wait.final.set(status.id, status);
    if (wait.final.size >= wait.needed) wait.end();
  }

  #add(wait: Wait): void {
    this.#waits.add(wait);
    this.#waitedIds += wait.missing.size;
    for (const id of wait.missing) {
      const waits = this.#byId.get(id);
      if (waits === undefined) this.#byId.set(id, new Set([wait]));
      else waits.add(wait);
    }
    this.#report();
  }

  #remove(wait: Wait): void {
    this.#waits.delete(wait);
    for (const id of [...wait.missing, ...wait.final.keys()]) {
      const waits = this.#byId.get(id);
      if (waits?.delete(wait) !== true) continue;
      this.#waitedIds--;
      if (waits.size === 0) this.#byId.delete(id);
    }
    this.#report();
  }

  #report(): void {
    this.#modules.metrics.gauge(METRIC.waits, this.#waits.size);
    this.#modules.metrics.gauge(METRIC.waitedIds, this.#waitedIds);
  }
}
