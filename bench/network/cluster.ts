import { randomInt } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BlockJson } from '../../api/values.js';
import type { DevnetLayout } from '../../cli/devnet/layout.js';
import { NodeProcess } from '../../cli/devnet/nodeProcess.js';
import { NodeConnection } from '../../client/connection.js';
import { invariant, isCodedError } from '../../primitives/errors.js';
import type { SignatureBackend } from '../../primitives/types.js';
import { BenchError } from '../errors.js';
import { InstrumentedNode } from '../instrument/instrumentedNode.js';
import { DelayedLines } from './delayedLines.js';
import { benchLayout, observerOf, RPC_OFFSET, validatorsOf } from './layout.js';
import { type NodeCounters, readNodeCounters } from './nodeCounters.js';
import { cpuUsOf, diskBytesOf, type ProcessSample, sampleProcess } from './processCost.js';
import { type Preparation, type ProvisionedNetwork, provisionNetwork } from './provision.js';

const PROCESS_LIMITS = { startTimeoutMs: 900_000, stopTimeoutMs: 20_000 } as const;
const REQUEST_TIMEOUT_MS = 10_000;
const READY_TIMEOUT_MS = 60_000;
const POLL_MS = 50;

/** What each node has used so far, in the same order. */
export interface NodeCost {
  /** Undefined of a node that does not run, and where the system does not tell. */
  readonly processes: readonly (ProcessSample | undefined)[];
  /** Of its home. */
  readonly diskBytes: readonly number[];
  readonly counters: readonly NodeCounters[];
}

export interface ClusterSize {
  readonly validators: number;
  readonly accounts: number;
  /** One way between two validators; 0 for what the machine's own network takes. */
  readonly delayMs?: number;
}

/** What it took until the nodes served. */
export interface StartFigures {
  readonly provisionMs: number;
  readonly startMs: number;
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

interface ClusterOptions {
  readonly instrument: Instrument | undefined;
  readonly signatureWorkers: number;
  readonly provisionMs: number;
  readonly lines: DelayedLines | undefined;
}

/** Validators as processes of their own in a temporary directory. */
export class Cluster {
  readonly connections: NodeConnection[];
  readonly #closed = new AbortController();
  /** That were killed on purpose. */
  readonly #dead = new Set<NodeProcess>();
  readonly #processes: NodeProcess[];
  #startMs = 0;
  #isStopping = false;

  private constructor(
    private readonly layout: DevnetLayout,
    readonly network: ProvisionedNetwork,
    private readonly options: ClusterOptions,
  ) {
    const nodes = validatorsOf(layout);
    const { instrument } = options;
    // Each connection listens once, and so does whoever joins later.
    setMaxListeners(10 + nodes.length, this.#closed.signal);
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
    { validators, accounts, delayMs = 0 }: ClusterSize,
    backend: SignatureBackend,
    preparation: (layout: DevnetLayout) => Preparation = () => ({ genesisMs: Date.now(), withObserver: false }),
    instrument?: Instrument,
  ): Promise<Cluster> {
    const home = await mkdtemp(join(tmpdir(), 'vostro-bench-'));
    let cluster: Cluster | undefined;
    let lines: DelayedLines | undefined;
    try {
      const layout = benchLayout(home, await freeBasePort(validators + 1), validators);
      const beginMs = performance.now();
      lines = delayMs > 0 ? await DelayedLines.open(layout, delayMs) : undefined;
      const given = withLines(preparation(layout), lines);
      const network = await provisionNetwork(layout, accounts, { backend }, given);
      const provisionMs = Math.round(performance.now() - beginMs);
      cluster = new Cluster(layout, network, {
        instrument,
        signatureWorkers: given.signatureWorkers ?? 1,
        provisionMs,
        lines,
      });
      await cluster.#start();
      return cluster;
    } catch (error) {
      await cluster?.stop();
      await lines?.close();
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

  /** What it took until the nodes served. */
  get figures(): StartFigures {
    return { provisionMs: this.options.provisionMs, startMs: this.#startMs };
  }

  async #start(): Promise<void> {
    const beginMs = performance.now();
    await Promise.all(this.#processes.map((process) => process.start()));
    await Promise.all(
      this.connections.map((node) =>
        until(`${node.url} to be ready`, READY_TIMEOUT_MS, async () => {
          const { status } = await fetch(`${node.url}/readyz`, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
          return status === 200 ? true : undefined;
        }),
      ),
    );
    this.#startMs = Math.round(performance.now() - beginMs);
  }

  /** Rejects when a node ends that was not asked to. */
  async failure(): Promise<never> {
    const ended = this.#processes.map(async (process) => {
      await process.whenExited();
      return this.#isStopping || this.#dead.has(process) ? new Promise<never>(() => undefined) : process.name;
    });
    const name = await Promise.race(ended);
    throw new BenchError('NETWORK_NOT_READY', `the node of ${name} has stopped`, {
      hint: 'the run counts for nothing: start it again, and look at that node’s log with `vostro devnet run`',
    });
  }

  /** Kills the last of the validators that run, as a power cut would; nobody asks it any more. */
  async killLast(): Promise<void> {
    const process = this.#processes.pop();
    invariant(process !== undefined, 'a validator runs');
    this.connections.pop();
    this.#dead.add(process);
    await process.kill();
  }

  /** Kills one validator and starts it again after so long; resolves when it serves. */
  async restart(index: number, downMs: number): Promise<void> {
    const process = this.#processes[index];
    invariant(process !== undefined, 'there is such a validator');
    this.#dead.add(process);
    await process.kill();
    await sleep(downMs);
    await process.start();
    this.#dead.delete(process);
  }

  /** What the nodes have used so far. Reading it costs them next to nothing but the answer to a scrape. */
  async cost(): Promise<NodeCost> {
    const [processes, diskBytes, counters] = await Promise.all([
      this.sampleProcesses(),
      Promise.all(this.#homes().map(diskBytesOf)),
      Promise.all(this.connections.map(({ url }) => readNodeCounters(url).catch(() => new Map<string, number>()))),
    ]);
    return { processes, diskBytes, counters };
  }

  /** What the processes have used so far, in the order of the nodes. */
  sampleProcesses(): Promise<(ProcessSample | undefined)[]> {
    return Promise.all(
      this.#processes.map(async ({ pid, running }) =>
        pid === undefined || !running ? undefined : sampleProcess(pid, this.options.signatureWorkers),
      ),
    );
  }

  /** Directory of each node that was started. */
  #homes(): string[] {
    const homes = [...validatorsOf(this.layout), observerOf(this.layout)].map(({ home }) => home);
    return homes.slice(0, this.#processes.length);
  }

  /** Directory that is removed with the network: for files of those who load it. */
  get directory(): string {
    return this.layout.home;
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

  /** Processor time of all processes so far, in microseconds. */
  async cpuUs(): Promise<number> {
    const pids = this.#processes.flatMap(({ pid, running }) => (pid === undefined || !running ? [] : [pid]));
    return (await Promise.all(pids.map(cpuUsOf))).reduce((sum: number, used) => sum + (used ?? 0), 0);
  }

  /** Where the first validator keeps the chain. */
  get firstDataDirectory(): string {
    return join(this.#homes()[0] as string, 'data');
  }

  /** Ends the processes and keeps their files. */
  async stopNodes(): Promise<void> {
    this.#isStopping = true;
    this.#closed.abort();
    await Promise.all(this.#processes.map((process) => process.stop()));
  }

  /** Ends the processes and removes their files. */
  async stop(): Promise<void> {
    await this.stopNodes();
    await this.options.lines?.close();
    await rm(this.layout.home, { recursive: true, force: true });
  }
}

function withLines(preparation: Preparation, lines: DelayedLines | undefined): Preparation {
  return lines === undefined ? preparation : { ...preparation, addressOf: (from, to) => lines.addressOf(from, to) };
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

/** Below the ports that the system gives out, and those of a local network. */
const FIRST_PORT = 20_000;
const PORT_STEP = 200;
const PORT_TRIES = 32;

/** A base port whose ports are all free, from a random one on: other networks may be about to take theirs. */
async function freeBasePort(count: number): Promise<number> {
  const first = randomInt(PORT_TRIES);
  for (let attempt = 0; attempt < PORT_TRIES; attempt++) {
    const base = FIRST_PORT + ((first + attempt) % PORT_TRIES) * PORT_STEP;
    const ports = Array.from({ length: count }, (_, index) => [base + index, base + RPC_OFFSET + index]).flat();
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
