import { ApiError } from '../../api/errors.js';
import { invariant } from '../../primitives/errors.js';
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

/** Room for a wait that may begin later: it counts as one until it is turned into the wait, or given back. */
export interface Reservation {
  /** Transactions that the wait may be for. */
  readonly count: number;
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
 * transaction of a block, and one call for each wait that has some of them.
 */
export class FinalityWaiter {
  readonly #options: FinalityWaiterOptions;
  readonly #modules: FinalityWaiterModules;
  readonly #waits = new Set<OpenWait>();
  readonly #byKey = new Map<IdKey, Waiting>();
  readonly #recent: RecentBlocks;
  readonly #reservations = new Set<Reservation>();
  #waitedIds = 0;
  #reservedIds = 0;
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

  /** Whether nothing will be told any more. */
  get isStopped(): boolean {
    return this.#stopped;
  }

  /** Where the blocks stand now: a wait that begins later can look at those that were written since. */
  get mark(): number {
    return this.#recent.mark;
  }

  /** Keeps room for a wait, so that it cannot be refused any more. @throws ApiError `TOO_MANY_WAITS`, `SHUTTING_DOWN` */
  reserve(count: number): Reservation {
    if (this.#stopped) throw new ApiError('SHUTTING_DOWN', 'this node is stopping: ask another one', {});
    const { maxWaits, maxWaitedIds } = this.#options;
    const waits = this.#waits.size + this.#reservations.size;
    const ids = this.#waitedIds + this.#reservedIds;
    if (waits >= maxWaits || ids + count > maxWaitedIds) {
      throw new ApiError('TOO_MANY_WAITS', `expected at most ${maxWaits} waits for ${maxWaitedIds} transactions`, {
        expected: `at most ${maxWaits} waits for ${maxWaitedIds} transactions`,
        actual: `${waits} waits for ${ids}`,
        hint: 'ask again a little later, for many transactions in one wait, or another node',
      });
    }
    const reservation: Reservation = { count };
    this.#reservations.add(reservation);
    this.#reservedIds += count;
    this.#tellDemand();
    return reservation;
  }

  /** Gives room back of which no wait was made; of one that was, it changes nothing. */
  release(reservation: Reservation): void {
    if (this.#takeBack(reservation)) this.#tellDemand();
  }

  /**
   * Begins to wait, in room that was kept for it. Where any block was written after `mark`, those that stand in a block
   * that is still held are told before it returns; whether all blocks after the mark are, `covers` says.
   */
  open(reservation: Reservation, keys: ReadonlySet<IdKey>, mark: number, listener: WaitListener): Wait {
    invariant(keys.size <= reservation.count, 'a wait is for no more than its room was kept for');
    invariant(this.#takeBack(reservation), 'room is kept for a wait before it begins');
    const wait = new OpenWait(keys, listener);
    this.#waits.add(wait);
    for (const key of keys) this.#byKey.set(key, { wait, next: this.#byKey.get(key) });
    wait.missing = keys.size;
    this.#waitedIds += keys.size;
    if (mark < this.#recent.mark) this.#tellRecent(wait, keys);
    this.#report();
    return wait;
  }

  /** Whether every block after a mark is still held. */
  covers(mark: number): boolean {
    return this.#recent.covers(mark);
  }

  /** Whether a wait was not told of one. */
  isMissing(wait: Wait, key: IdKey): boolean {
    for (let one = this.#byKey.get(key); one !== undefined; one = one.next) if (one.wait === wait) return true;
    return false;
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

  #takeBack(reservation: Reservation): boolean {
    if (!this.#reservations.delete(reservation)) return false;
    this.#reservedIds -= reservation.count;
    return true;
  }

  #tellRecent(wait: OpenWait, keys: ReadonlySet<IdKey>): void {
    const found = new Map<RecentBlock, number[]>();
    for (const key of keys) {
      const place = this.#recent.find(key);
      if (place === undefined || !this.#take(key, wait)) continue;
      const indices = found.get(place.block);
      if (indices === undefined) found.set(place.block, [place.index]);
      else indices.push(place.index);
    }
    for (const [block, indices] of [...found].sort(([a], [b]) => a.height - b.height)) {
      indices.sort((a, b) => a - b);
      wait.listener.onFinal(block, indices);
    }
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
    this.#tellDemand();
    this.#modules.metrics.gauge(METRIC.waits, this.#waits.size);
    this.#modules.metrics.gauge(METRIC.waitedIds, this.#waitedIds);
  }

  /** Blocks may hold what is being taken in before its wait begins. */
  #tellDemand(): void {
    this.#modules.demand?.tell(this.#waitedIds + this.#reservedIds > 0);
  }
}
