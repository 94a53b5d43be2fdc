import { type NextTurn, systemTurn } from '../ops/nextTurn.js';
import { ExecutionError } from './errors.js';

/** Consensus waits for `urgent` requests; everything else is a query. */
export type RequestRank = 'urgent' | 'query';

export interface RequestQueueOptions {
  readonly maxUrgent: number;
  readonly maxQueries: number;
  /** The runtime's unless told. */
  readonly nextTurn?: NextTurn;
}

interface Waiting {
  run(): Promise<void>;
  refuse(error: ExecutionError): void;
}

/**
 * Runs requests one at a time: every urgent one before any query, each rank in the order of its arrival. One request
 * has the database to itself, so that a query sees one committed height, never half of a commit.
 */
export class RequestQueue {
  readonly #options: RequestQueueOptions;
  readonly #urgent: Waiting[] = [];
  readonly #queries: Waiting[] = [];
  #running: Promise<void> | undefined;
  #closed = false;

  constructor(options: RequestQueueOptions) {
    this.#options = options;
  }

  /** @throws ExecutionError `EXECUTOR_BUSY`, `EXECUTOR_NOT_RUNNING`, or what the work throws */
  add<T>(rank: RequestRank, work: () => T | Promise<T>): Promise<T> {
    const queue = rank === 'urgent' ? this.#urgent : this.#queries;
    const limit = rank === 'urgent' ? this.#options.maxUrgent : this.#options.maxQueries;
    if (this.#closed) return Promise.reject(notRunning());
    if (queue.length >= limit) return Promise.reject(busy(rank, limit));
    return new Promise<T>((resolve, reject) => {
      queue.push({
        run: async () => {
          try {
            resolve(await work());
          } catch (error) {
            reject(error);
          }
        },
        refuse: reject,
      });
      this.#running ??= this.#drain();
    });
  }

  /** Refuses what waits, and resolves when the request that runs has ended. */
  async close(): Promise<void> {
    this.#closed = true;
    for (const waiting of [...this.#urgent.splice(0), ...this.#queries.splice(0)]) waiting.refuse(notRunning());
    await this.#running;
  }

  async #drain(): Promise<void> {
    const { nextTurn = systemTurn } = this.#options;
    for (let next = this.#next(); next !== undefined; next = this.#next()) {
      await next.run();
      // Lets requests that arrived meanwhile be ranked before the next one is taken.
      await nextTurn();
    }
    this.#running = undefined;
  }

  #next(): Waiting | undefined {
    return this.#urgent.shift() ?? this.#queries.shift();
  }
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
