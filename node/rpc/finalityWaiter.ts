import { ApiError } from '../../api/errors.js';
import type { ReceiptDemand } from '../execution/receiptDemand.js';
import type { CommitResult } from '../execution/types.js';
import type { Metrics } from '../ops/ports.js';
import { METRIC } from './metrics.js';
import type { CommitFeed } from './ports.js';
import { type IdKey, type RecentBlock, RecentBlocks, type RecentBlocksOptions } from './recentBlocks.js';

export interface FinalityWaiterOptions extends RecentBlocksOptions {
  readonly maxWaits: number;
  /** Transactions of all waits together. */
  readonly maxWaitedIds: number;
}

export interface FinalityWaiterModules {
  readonly commits: CommitFeed;
  readonly metrics: Metrics;
  readonly demand?: ReceiptDemand;
}

/** Whoever waits. Neither may throw. */
export interface WaitListener {
  /** Transactions that were waited for stand in this block, at these indices, ascending. Each is told once. */
  onFinal(block: RecentBlock, indices: readonly number[]): void;
  /** The node stops: nothing more will be told. */
  onStop(): void;
}

/** A wait that is open until it is closed. */
export interface Wait {
  /** Transactions that are not known to be final. */
  readonly missing: number;
}

class OpenWait implements Wait {
  missing = 0;
  /** Of the block that is being told. */
  fresh: number[] = [];

  constructor(
    readonly keys: Iterable<IdKey>,
    readonly listener: WaitListener,
  ) {}
}

/** One of those that wait for a transaction. */
interface Waiting {
  readonly wait: OpenWait;
  next: Waiting | undefined;
}

/**
 * Tells whoever waits for transactions of the blocks that hold them, as they are written: one look into a map for each
 * transaction of a block, one call for each wait that it ends.
 */
export class FinalityWaiter {
  readonly #options: FinalityWaiterOptions;
  readonly #modules: FinalityWaiterModules;
  readonly #waits = new Set<OpenWait>();
  readonly #byKey = new Map<IdKey, Waiting>();
  readonly #recent: RecentBlocks;
  #waitedIds = 0;
  #unsubscribe: (() => void) | undefined;
  #stopped = false;

  constructor(options: FinalityWaiterOptions, modules: FinalityWaiterModules) {
    this.#options = options;
    this.#modules = modules;
    this.#recent = new RecentBlocks(options);
  }

  start(): void {
    this.#unsubscribe = this.#modules.commits.subscribe((result) => this.#onCommit(result));
  }

  /** Ends every wait with what is known. */
  stop(): void {
    this.#stopped = true;
    this.#unsubscribe?.();
    for (const { listener } of [...this.#waits]) listener.onStop();
  }

  /** Where the blocks stand now: a wait that begins later can look at those that were written since. */
  get mark(): number {
    return this.#recent.mark;
  }

  /** @throws ApiError `TOO_MANY_WAITS`, `SHUTTING_DOWN` */
  requireRoom(count: number): void {
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

  /**
   * Begins to wait. Blocks that were written after `mark` and are still held are told before it returns; whether that
   * were all of them, `covers` says.
   *
   * @throws what `requireRoom` throws
   */
  open(keys: ReadonlySet<IdKey>, mark: number, listener: WaitListener): Wait {
    this.requireRoom(keys.size);
    const wait = new OpenWait(keys, listener);
    this.#waits.add(wait);
    for (const key of keys) this.#byKey.set(key, { wait, next: this.#byKey.get(key) });
    wait.missing = keys.size;
    this.#waitedIds += keys.size;
    for (const block of this.#recent.since(Math.max(0, mark))) this.#tellOf(block, wait, keys);
    this.#report();
    return wait;
  }

  /** Whether every block after a mark is still held. */
  covers(mark: number): boolean {
    return this.#recent.covers(mark);
  }

  /** Counts one as final of which a wait was not told: it was looked up. @returns false when it had been told */
  settle(wait: Wait, key: IdKey): boolean {
    return wait instanceof OpenWait && this.#take(key, wait);
  }

  close(wait: Wait): void {
    if (!(wait instanceof OpenWait) || !this.#waits.delete(wait)) return;
    if (wait.missing > 0) for (const key of wait.keys) this.#take(key, wait);
    this.#report();
  }

  #tellOf(block: RecentBlock, wait: OpenWait, keys: ReadonlySet<IdKey>): void {
    if (wait.missing === 0) return;
    const indices: number[] = [];
    for (const key of keys) {
      const index = block.indexOf(key);
      if (index !== undefined && this.#take(key, wait)) indices.push(index);
    }
    if (indices.length > 0)
      wait.listener.onFinal(
        block,
        indices.sort((a, b) => a - b),
      );
  }

  /** Takes one wait off a key. */
  #take(key: IdKey, wait: OpenWait): boolean {
    let before: Waiting | undefined;
    for (let one = this.#byKey.get(key); one !== undefined; before = one, one = one.next) {
      if (one.wait !== wait) continue;
      if (before !== undefined) before.next = one.next;
      else if (one.next !== undefined) this.#byKey.set(key, one.next);
      else this.#byKey.delete(key);
      wait.missing--;
      this.#waitedIds--;
      return true;
    }
    return false;
  }

  #onCommit(result: CommitResult): void {
    const block = this.#recent.add(result);
    if (this.#byKey.size === 0) return;
    const told: OpenWait[] = [];
    block.keys.forEach((key, index) => {
      const first = this.#byKey.get(key);
      if (first === undefined) return;
      this.#byKey.delete(key);
      for (let one: Waiting | undefined = first; one !== undefined; one = one.next) {
        const { wait } = one;
        if (wait.fresh.length === 0) told.push(wait);
        wait.fresh.push(index);
        wait.missing--;
        this.#waitedIds--;
      }
    });
    for (const wait of told) {
      const indices = wait.fresh;
      wait.fresh = [];
      wait.listener.onFinal(block, indices);
    }
    if (told.length > 0) this.#report();
  }

  #report(): void {
    this.#modules.demand?.tell(this.#waitedIds > 0);
    this.#modules.metrics.gauge(METRIC.waits, this.#waits.size);
    this.#modules.metrics.gauge(METRIC.waitedIds, this.#waitedIds);
  }
}
