import { InstrumentedLoad } from '../../bench/instrument/instrumentedLoad.js';
import type { InstrumentedNode } from '../../bench/instrument/instrumentedNode.js';
import type { NodeAnswer } from '../../bench/instrument/threadAnswers.js';
import { readNodeCounters } from '../../bench/network/nodeCounters.js';
import type { LoadMode } from '../../bench/options.js';

export interface Workload {
  readonly mode: LoadMode;
  readonly requests: number;
  readonly transactionsPerRequest: number;
  /** Payments under one signature in batch mode. */
  readonly batchSize: number;
}

/** What a workload came to. Counts are of one node, on average. */
export interface CountedWork {
  readonly payments: number;
  readonly transactions: number;
  readonly requests: number;
  readonly blocks: number;
  /** Attempts at a block: more than `blocks` where the machine was too slow for the timers of consensus. */
  readonly rounds: number;
  readonly seconds: number;
  /** By name, of all threads together. */
  readonly counts: ReadonlyMap<string, number>;
}

const NODES = 4;
const ACCOUNTS = 200;
const ANSWER_TIMEOUT_MS = 30_000;
const DRAIN_MS = 30_000;
const MODULE = new URL('../../bench/instrument/countingAgent.js', import.meta.url);

/** Four validators as processes, in which everything is counted that a thread asks of the machine. */
export class CountedNetwork {
  readonly #nodes: readonly InstrumentedNode[];

  private constructor(private readonly load: InstrumentedLoad) {
    this.#nodes = load.cluster.instrumented(NODES);
  }

  static async start(batchSize: number): Promise<CountedNetwork> {
    const options = { accounts: ACCOUNTS, batchSize };
    return new CountedNetwork(await InstrumentedLoad.start(options, { module: MODULE, nodes: NODES }));
  }

  stop(): Promise<void> {
    return this.load.stop();
  }

  /** Settles a workload and says what it took. */
  async settle({ mode, requests, transactionsPerRequest, batchSize }: Workload): Promise<CountedWork> {
    const before = await this.#totals();
    const startMs = performance.now();
    const payments = await this.load.runInTurn(mode, requests, transactionsPerRequest);
    await this.load.cluster.whenDrained(DRAIN_MS);
    const after = await this.#totals();
    const seconds = (performance.now() - startMs) / 1_000;
    const counts = new Map([...after].map(([name, total]) => [name, (total - (before.get(name) ?? 0)) / NODES]));
    const blocks = counts.get('blocks') ?? 0;
    const rounds = blocks + (counts.get('sent roundChange') ?? 0) / (NODES - 1);
    const transactions = payments / (mode === 'batch' ? batchSize : 1);
    return { payments, transactions, requests, blocks, rounds, seconds, counts };
  }

  async #totals(): Promise<Map<string, number>> {
    const { cluster } = this.load;
    const answers = await Promise.all(this.#nodes.map((node) => node.ask(ANSWER_TIMEOUT_MS)));
    const counters = await Promise.all(cluster.connections.map(({ url }) => readNodeCounters(url)));
    const totals = new Map<string, number>();
    for (const counted of [...answers.map(countsOf), ...counters]) {
      for (const [name, value] of counted) totals.set(name, (totals.get(name) ?? 0) + value);
    }
    return totals;
  }
}

/** Counts of a node by name, thread after thread. */
function countsOf({ threads }: NodeAnswer): [string, number][] {
  return threads.flatMap(({ value }) => Object.entries(value as Record<string, number>));
}
