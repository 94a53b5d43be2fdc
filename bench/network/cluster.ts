import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BlockJson } from '../../api/values.js';
import { type DevnetLayout, devnetLayout } from '../../cli/devnet/layout.js';
import { NodeProcess } from '../../cli/devnet/nodeProcess.js';
import { NodeConnection } from '../../client/connection.js';
import { invariant, isCodedError } from '../../primitives/errors.js';
import type { SignatureBackend } from '../../primitives/types.js';
import { BenchError } from '../errors.js';
import { InstrumentedNode } from '../instrument/instrumentedNode.js';
import { type NodeCounters, readNodeCounters } from './nodeCounters.js';
import { cpuUsOf, diskBytesOf } from './processCost.js';
import { observerOf, type Preparation, type ProvisionedNetwork, provisionNetwork, validatorsOf } from './provision.js';

const PROCESS_LIMITS = { startTimeoutMs: 180_000, stopTimeoutMs: 20_000 } as const;
const REQUEST_TIMEOUT_MS = 10_000;
const READY_TIMEOUT_MS = 60_000;
const POLL_MS = 50;

/** What the nodes have used so far, together. */
export interface NodeCost {
  /** Undefined where the system does not tell. */
  readonly cpuUs: number | undefined;
  readonly diskBytes: number;
  /** Of each node. */
  readonly counters: readonly NodeCounters[];
}

/** A node that follows. */
export interface RunningObserver {
  readonly connection: NodeConnection;
  /** Processor time that it has used; undefined where the system does not tell. */
  readonly cpuUs: () => Promise<number | undefined>;
}

/** A module that every thread of the first so many nodes loads before all others (`bench/instrument`). */
export interface Instrument {
  readonly module: URL;
  readonly nodes: number;
}

/** Four validators as processes of their own in a temporary directory. */
export class Cluster {
  readonly connections: NodeConnection[];
  readonly #closed = new AbortController();
  readonly #processes: NodeProcess[];

  private constructor(
    private readonly layout: DevnetLayout,
    readonly network: ProvisionedNetwork,
    instrument: Instrument | undefined,
  ) {
    const nodes = validatorsOf(layout);
    this.#processes = nodes.map(({ member, home }, index) => {
      const isInstrumented = instrument !== undefined && index < instrument.nodes;
      const execArgv = isInstrumented ? ['--import', instrument.module.href] : [];
      return new NodeProcess({ name: member.name, home, execArgv, ...PROCESS_LIMITS });
    });
    this.connections = nodes.map(
      ({ rpcUrl }) => new NodeConnection(rpcUrl, (input, init) => fetch(input, init), this.#closed.signal),
    );
  }

  /**
   * Makes a network with so many accounts and starts it; nothing is left behind when that fails.
   *
   * @throws BenchError `NETWORK_NOT_READY`; DevnetError
   */
  static async start(
    accountCount: number,
    backend: SignatureBackend,
    preparation: (layout: DevnetLayout) => Preparation = () => ({ genesisMs: Date.now(), withObserver: false }),
    instrument?: Instrument,
  ): Promise<Cluster> {
    const home = await mkdtemp(join(tmpdir(), 'vostro-bench-'));
    let cluster: Cluster | undefined;
    try {
      const layout = devnetLayout(home, await freeBasePort());
      const network = await provisionNetwork(layout, accountCount, { backend }, preparation(layout));
      cluster = new Cluster(layout, network, instrument);
      await cluster.#start();
      return cluster;
    } catch (error) {
      await cluster?.stop();
      await rm(home, { recursive: true, force: true });
      throw error;
    }
  }

  /** The first so many nodes, which were started with an instrument. */
  instrumented(count: number): InstrumentedNode[] {
    return validatorsOf(this.layout)
      .slice(0, count)
      .map(({ member, home }, index) => {
        const pid = this.#processes[index]?.pid;
        invariant(pid !== undefined, 'the node runs');
        return new InstrumentedNode({ name: member.name, home, pid });
      });
  }

  /** Starts the node that observes, where it was given a home; it stops with the others. */
  async startObserver(): Promise<RunningObserver> {
    const { member, home, rpcUrl } = observerOf(this.layout);
    const process = new NodeProcess({ name: member.name, home, ...PROCESS_LIMITS });
    this.#processes.push(process);
    await process.start();
    const connection = new NodeConnection(rpcUrl, (input, init) => fetch(input, init), this.#closed.signal);
    this.connections.push(connection);
    return { connection, cpuUs: async () => (process.pid === undefined ? undefined : cpuUsOf(process.pid)) };
  }

  /** Aborted when the network is being stopped. */
  get closed(): AbortSignal {
    return this.#closed.signal;
  }

  get size(): number {
    return this.#processes.length;
  }

  async #start(): Promise<void> {
    await Promise.all(this.#processes.map((process) => process.start()));
    await Promise.all(
      this.connections.map((node) =>
        until(`${node.url} to be ready`, READY_TIMEOUT_MS, async () => {
          const { status } = await fetch(`${node.url}/readyz`, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
          return status === 200 ? true : undefined;
        }),
      ),
    );
  }

  /** Rejects when a node ends that was not asked to. */
  async failure(): Promise<never> {
    const name = await Promise.race(this.#processes.map((process) => process.whenExited().then(() => process.name)));
    throw new BenchError('NETWORK_NOT_READY', `the node of ${name} has stopped`, {
      hint: 'the run counts for nothing: start it again, and look at that node’s log with `vostro devnet run`',
    });
  }

  async cost(): Promise<NodeCost> {
    const pids = this.#processes.flatMap(({ pid }) => (pid === undefined ? [] : [pid]));
    const times = await Promise.all(pids.map(cpuUsOf));
    const homes = await Promise.all(validatorsOf(this.layout).map(({ home }) => diskBytesOf(home)));
    const cpuUs = times.every((time) => time !== undefined) ? times.reduce((sum, time) => sum + time, 0) : undefined;
    const counters = await Promise.all(this.connections.map(({ url }) => readNodeCounters(url)));
    return { cpuUs, diskBytes: homes.reduce((sum, bytes) => sum + bytes, 0), counters };
  }

  /** Waits until no node has anything waiting. @returns false when that takes longer */
  async whenDrained(timeoutMs: number): Promise<boolean> {
    try {
      await until('the queues to be empty', timeoutMs, async () => {
        const answers = await Promise.all(this.connections.map((node) => node.call('status', {}, REQUEST_TIMEOUT_MS)));
        return answers.every(({ waitingTransactions }) => waitingTransactions === 0) ? true : undefined;
      });
      return true;
    } catch (error) {
      if (error instanceof BenchError) return false;
      throw error;
    }
  }

  /**
   * Waits until every node has the newest block of any, and compares what they have.
   *
   * @throws BenchError `LEDGER_WRONG` when two have different blocks; `NETWORK_NOT_READY` when one lags
   */
  async requireOneLedger(): Promise<void> {
    const heights = await Promise.all(
      this.connections.map(async (node) => (await node.call('status', {}, REQUEST_TIMEOUT_MS)).height),
    );
    const height = Math.max(...heights);
    const blocks = await Promise.all(
      this.connections.map((node) =>
        until<BlockJson>(`block ${height} at ${node.url}`, READY_TIMEOUT_MS, () =>
          node.call('block', { height }, REQUEST_TIMEOUT_MS),
        ),
      ),
    );
    const found = new Set(blocks.map(({ blockHash, stateRoot }) => `${blockHash} ${stateRoot}`));
    if (found.size === 1) return;
    throw new BenchError('LEDGER_WRONG', `expected one block at height ${height}, found ${[...found].join(', ')}`, {});
  }

  /** Ends the processes and removes their files. */
  async stop(): Promise<void> {
    this.#closed.abort();
    await Promise.all(this.#processes.map((process) => process.stop()));
    await rm(this.layout.home, { recursive: true, force: true });
  }
}

/** Asks until there is an answer. @throws BenchError `NETWORK_NOT_READY` */
async function until<T>(what: string, timeoutMs: number, ask: () => Promise<T | undefined>): Promise<T> {
  const deadlineMs = performance.now() + timeoutMs;
  let last = 'no answer that will do';
  while (performance.now() < deadlineMs) {
    try {
      const answer = await ask();
      if (answer !== undefined) return answer;
    } catch (error) {
      last = isCodedError(error) ? error.code : String(error);
    }
    await sleep(POLL_MS);
  }
  throw new BenchError('NETWORK_NOT_READY', `waited ${timeoutMs} ms for ${what}: ${last}`, { actual: last });
}

/** Distance between the ports of peers and those of RPCs, and ports that a layout takes of each. */
const RPC_OFFSET = 100;
const PORTS = 5;
const FIRST_PORT = 28_000;
const PORT_STEP = 200;
const PORT_TRIES = 50;

/** The first base port whose ports are all free: other networks of this machine keep theirs. */
async function freeBasePort(): Promise<number> {
  for (let attempt = 0; attempt < PORT_TRIES; attempt++) {
    const base = FIRST_PORT + attempt * PORT_STEP;
    const ports = Array.from({ length: PORTS }, (_, index) => [base + index, base + RPC_OFFSET + index]).flat();
    const free = await Promise.all(ports.map(isFree));
    if (free.every(Boolean)) return base;
  }
  throw new BenchError('NETWORK_NOT_READY', `no free ports from ${FIRST_PORT} on`, { hint: 'stop other networks' });
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}
