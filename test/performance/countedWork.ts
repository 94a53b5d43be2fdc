import { setTimeout } from 'node:timers/promises';
import { InstrumentedLoad } from '../../bench/instrument/instrumentedLoad.js';
import type { InstrumentedNode } from '../../bench/instrument/instrumentedNode.js';
import type { NodeAnswer } from '../../bench/instrument/threadAnswers.js';
import { readNodeCounters } from '../../bench/network/nodeCounters.js';
import type { LoadMode } from '../../bench/options.js';
import { invariant } from '../../primitives/errors.js';

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
export const ACCOUNTS = 200;
const ANSWER_TIMEOUT_MS = 30_000;
const DRAIN_MS = 30_000;
const CLIENT_WRITES = 'client writes';
/** Signature checks without those of proposals, which have a bound of their own. */
export const OTHER_CHECKS = 'other signature checks';
/** Between two looks at whether anything goes on; empty blocks are seconds apart. */
const REST_MS = 250;
const MAX_LOOKS = 40;
/** What a block that is on its way adds to. */
const BLOCK_COUNTS = ['blocks', 'database writes', 'fsyncs'];
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
    const before = await this.#totalsAtRest();
    const startMs = performance.now();
    const payments = await this.load.runInTurn(mode, requests, transactionsPerRequest);
    // Whoever waits for the queues to be empty asks for it, and is answered: that is no cost of a payment.
    const clientWrites = (await this.#counted()).get(CLIENT_WRITES) ?? 0;
    await this.load.cluster.whenDrained(DRAIN_MS);
    const after = (await this.#totalsAtRest()).set(CLIENT_WRITES, clientWrites);
    const seconds = (performance.now() - startMs) / 1_000;
    const counts = new Map([...after].map(([name, total]) => [name, (total - (before.get(name) ?? 0)) / NODES]));
    const ofProposals = counts.get('checked proposal') ?? 0;
    counts.set(OTHER_CHECKS, (counts.get('signature checks') ?? 0) - ofProposals);
    const blocks = counts.get('blocks') ?? 0;
    const rounds = blocks + (counts.get('sent roundChange') ?? 0) / (NODES - 1);
    const transactions = payments / (mode === 'batch' ? batchSize : 1);
    return { payments, transactions, requests, blocks, rounds, seconds, counts };
  }

  /** The totals at a moment at which no block is on its way: what one node has counted of it, another has not. */
  async #totalsAtRest(): Promise<Map<string, number>> {
    for (let last = await this.#totals(), looks = 1; ; looks++) {
      await setTimeout(REST_MS);
      const next = await this.#totals();
      if (BLOCK_COUNTS.every((name) => next.get(name) === last.get(name))) return next;
      invariant(looks < MAX_LOOKS, 'the network comes to rest between two workloads', { actual: `${looks} looks` });
      last = next;
    }
  }

  /** The nodes' own counters first: to be asked for them costs a write. */
  async #totals(): Promise<Map<string, number>> {
    const counters = await Promise.all(this.load.cluster.connections.map(({ url }) => readNodeCounters(url)));
    return totalOf([...counters, await this.#counted()]);
  }

  /** What the instruments have counted. */
  async #counted(): Promise<Map<string, number>> {
    const answers = await Promise.all(this.#nodes.map((node) => node.ask(ANSWER_TIMEOUT_MS)));
    return totalOf(answers.map(countsOf));
  }
}

function totalOf(parts: readonly Iterable<readonly [string, number]>[]): Map<string, number> {
  const totals = new Map<string, number>();
  for (const part of parts) for (const [name, value] of part) totals.set(name, (totals.get(name) ?? 0) + value);
  return totals;
}

/** Counts of a node by name, thread after thread. */
function countsOf({ threads }: NodeAnswer): [string, number][] {
  return threads.flatMap(({ value }) => Object.entries(value as Record<string, number>));
}
