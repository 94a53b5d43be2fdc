import type { TimerHandle, Timers } from '../engine/timers.js';
import { type NextTurn, systemTurn } from '../ops/nextTurn.js';
import { DutyCycle } from './dutyCycle.js';
import { ExecutionError } from './errors.js';
import { METRIC } from './metrics.js';
import type { ExecutionNews } from './news.js';

/**
 * Consensus waits for `urgent` requests. A `view` and a `simulation` run contracts for anybody who asks, whose work no
 * signature or quota bounds: each of the two has at most a quarter of the time. A `query` reads rows.
 */
export type RequestRank = 'urgent' | 'query' | PacedRank;
export type PacedRank = 'view' | 'simulation';

export interface RequestQueueOptions {
  /** How many may wait. */
  readonly limits: Readonly<Record<RequestRank, number>>;
  /** The runtime's unless told. */
  readonly nextTurn?: NextTurn;
  /** What time work takes. Where nobody tells, as in a simulator where it takes none, nothing rests. */
  readonly timers?: Pick<Timers, 'monotonic' | 'set' | 'clear'>;
  /** Where to count what waited and what was refused. */
  readonly news?: ExecutionNews;
}

interface Waiting {
  readonly number: number;
  readonly sinceMs: number;
  run(): Promise<void>;
  refuse(error: ExecutionError): void;
}

interface Lane {
  readonly rank: RequestRank;
  readonly waiting: Waiting[];
  readonly duty?: DutyCycle;
}

/**
 * Runs requests one at a time: every urgent one before any other, those in the order of their arrival, but for what has to
 * rest first. One request has the database to itself, so that a query sees one committed height, never half of a commit.
 */
export class RequestQueue {
  readonly #options: RequestQueueOptions;
  readonly #lanes: Readonly<Record<RequestRank, Lane>> = {
    urgent: { rank: 'urgent', waiting: [] },
    query: { rank: 'query', waiting: [] },
    view: { rank: 'view', waiting: [], duty: new DutyCycle() },
    simulation: { rank: 'simulation', waiting: [], duty: new DutyCycle() },
  };
  #count = 0;
  #running: Promise<void> | undefined;
  #wake: TimerHandle | undefined;
  #closed = false;

  constructor(options: RequestQueueOptions) {
    this.#options = options;
  }

  /** @throws ExecutionError `EXECUTOR_BUSY`, `EXECUTOR_NOT_RUNNING`, or what the work throws */
  add<T>(rank: RequestRank, work: () => T | Promise<T>): Promise<T> {
    const { waiting, duty } = this.#lanes[rank];
    const limit = this.#options.limits[rank];
    if (this.#closed) return Promise.reject(notRunning());
    if (waiting.length >= limit) {
      if (duty !== undefined) this.#options.news?.count(METRIC.refused, 1, { work: rank });
      return Promise.reject(busy(rank, limit));
    }
    return new Promise<T>((resolve, reject) => {
      waiting.push({
        number: this.#count++,
        sinceMs: this.#nowMs(),
        run: async () => {
          try {
            resolve(await work());
          } catch (error) {
            reject(error);
          }
        },
        refuse: reject,
      });
      this.#start();
    });
  }

  /** Refuses what waits, and resolves when the request that runs has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const { waiting } of Object.values(this.#lanes)) {
      for (const { refuse } of waiting.splice(0)) refuse(notRunning());
    }
    await this.#running;
    this.#sleep();
  }

  #start(): void {
    if (this.#running !== undefined) return;
    const lane = this.#next();
    if (lane === undefined) this.#sleep();
    else this.#running = this.#drain(lane);
  }

  async #drain(first: Lane): Promise<void> {
    const { nextTurn = systemTurn } = this.#options;
    for (let lane: Lane | undefined = first; lane !== undefined; lane = this.#next()) {
      await this.#runFirst(lane);
      // Lets requests that arrived meanwhile be ranked before the next one is taken.
      await nextTurn();
    }
    this.#running = undefined;
    this.#sleep();
  }

  async #runFirst({ rank, waiting, duty }: Lane): Promise<void> {
    const fromMs = this.#nowMs();
    const next = waiting.shift();
    await next?.run();
    duty?.note(fromMs, this.#nowMs());
    if (duty === undefined || next === undefined || this.#options.timers === undefined) return;
    this.#options.news?.count(METRIC.waited, (fromMs - next.sinceMs) / 1_000, { work: rank });
  }

  /** Where the next one to run is. */
  #next(): Lane | undefined {
    const { urgent, query, view, simulation } = this.#lanes;
    if (urgent.waiting.length > 0) return urgent;
    const nowMs = this.#nowMs();
    return [query, view, simulation]
      .filter(({ waiting, duty }) => waiting.length > 0 && (duty?.restMs(nowMs) ?? 0) === 0)
      .sort((a, b) => numberOf(a) - numberOf(b))[0];
  }

  /** Until the first of those that rest may go on; for good where nothing waits. */
  #sleep(): void {
    const { timers } = this.#options;
    if (timers === undefined) return;
    if (this.#wake !== undefined) timers.clear(this.#wake);
    this.#wake = undefined;
    const nowMs = timers.monotonic();
    const rests = Object.values(this.#lanes).flatMap(({ waiting, duty }) =>
      waiting.length > 0 && duty !== undefined ? [duty.restMs(nowMs)] : [],
    );
    if (rests.length === 0) return;
    const onWake = () => {
      this.#wake = undefined;
      this.#start();
    };
    this.#wake = timers.set(onWake, Math.min(...rests));
  }

  #nowMs(): number {
    return this.#options.timers?.monotonic() ?? 0;
  }
}

function numberOf({ waiting }: Lane): number {
  return waiting[0]?.number ?? Number.POSITIVE_INFINITY;
}

function busy(rank: RequestRank, limit: number): ExecutionError {
  return new ExecutionError('EXECUTOR_BUSY', `expected at most ${limit} waiting requests (${rank}), found one more`, {
    expected: `at most ${limit} waiting`,
    actual: `${limit + 1}`,
    hint: 'try again later, or ask another node',
  });
}

function notRunning(): ExecutionError {
  return new ExecutionError('EXECUTOR_NOT_RUNNING', 'expected a running executor, found one that is stopped', {
    hint: 'start it first; a stopped executor is not started again',
  });
}
