import { createServer } from 'node:net';
import type { DevnetLayout, DevnetNode } from './layout.js';
import { DevnetError, NodeProcess } from './nodeProcess.js';

const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 20_000;
const READY_TIMEOUT_MS = 120_000;
const READY_POLL_MS = 100;
const REQUEST_TIMEOUT_MS = 5_000;

/** Where one node stands, by its own word. */
export interface NodeState {
  readonly node: DevnetNode;
  readonly height: number;
  readonly stateRoot: string;
}

/** The five processes of the local network. */
export class DevnetNetwork {
  private readonly processes: readonly NodeProcess[];

  constructor(private readonly layout: DevnetLayout) {
    this.processes = layout.nodes.map(
      ({ member, home }) =>
        new NodeProcess({
          name: member.name,
          home,
          startTimeoutMs: START_TIMEOUT_MS,
          stopTimeoutMs: STOP_TIMEOUT_MS,
        }),
    );
  }

  /**
   * Starts all nodes at once and waits until each says that it is ready.
   *
   * @throws DevnetError; what was started is stopped again
   */
  async start(): Promise<void> {
    await this.requireFreePorts();
    try {
      await Promise.all(this.processes.map((process) => process.start()));
      await Promise.all(this.layout.nodes.map(({ rpcUrl }) => untilReady(rpcUrl)));
    } catch (error) {
      await this.stop();
      throw error;
    }
  }

  /** Stops every process in good order. @returns names of those that had to be killed or failed */
  async stop(): Promise<readonly string[]> {
    const codes = await Promise.all(this.processes.map((process) => process.stop()));
    return this.processes.filter(({ pid }, index) => pid !== undefined && codes[index] !== 0).map(({ name }) => name);
  }

  /** Resolves with its name when a process ends that was not asked to. */
  whenAnyExits(): Promise<string> {
    return Promise.race(this.processes.map((process) => process.whenExited().then(() => process.name)));
  }

  /**
   * The block at which all nodes stand or stood, as each has it: waits until the slowest has the newest of the others.
   *
   * @throws DevnetError `NODE_STOPPED` when one does not get there
   */
  async statesAtOneHeight(): Promise<readonly NodeState[]> {
    const height = await this.newestHeight();
    return Promise.all(
      this.layout.nodes.map(async (node) => {
        const { stateRoot } = await untilBlock(node.rpcUrl, height);
        return { node, height, stateRoot };
      }),
    );
  }

  /** The greatest height of any node. */
  async newestHeight(): Promise<number> {
    return Math.max(...(await Promise.all(this.layout.nodes.map(({ rpcUrl }) => heightOf(rpcUrl)))));
  }

  private async requireFreePorts(): Promise<void> {
    for (const { peerAddress, rpcPort } of this.layout.nodes) {
      for (const port of [Number(peerAddress.split('/').at(-1)), rpcPort]) {
        if (await isFree(port)) continue;
        throw new DevnetError('PORT_IN_USE', `expected port ${port} of 127.0.0.1 to be free, found it in use`, {
          expected: `a free port ${port}`,
          actual: 'in use',
          hint: 'stop the other network, or choose other ports with --base-port',
        });
      }
    }
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

async function getJson(url: string): Promise<Record<string, unknown> | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
    return response.ok ? ((await response.json()) as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}

/** Asks until there is an answer that will do. @throws DevnetError `NODE_STOPPED` */
async function until<T>(url: string, read: (answer: Record<string, unknown>) => T | undefined): Promise<T> {
  const deadlineMs = performance.now() + READY_TIMEOUT_MS;
  while (performance.now() < deadlineMs) {
    const answer = await getJson(url);
    const value = answer && read(answer);
    if (value !== undefined) return value;
    await new Promise((resolve) => setTimeout(resolve, READY_POLL_MS));
  }
  throw new DevnetError('NODE_STOPPED', `${url} gave no answer that will do within ${READY_TIMEOUT_MS / 1_000} s`, {
    hint: 'see node.log in the home of that node',
  });
}

function untilReady(rpcUrl: string): Promise<boolean> {
  return until(`${rpcUrl}/readyz`, ({ ready }) => (ready === true ? true : undefined));
}

function heightOf(rpcUrl: string): Promise<number> {
  return until(`${rpcUrl}/v1/status`, ({ height }) => (typeof height === 'number' ? height : undefined));
}

function untilBlock(rpcUrl: string, height: number): Promise<{ readonly stateRoot: string }> {
  return until(`${rpcUrl}/v1/blocks/${height}`, ({ stateRoot }) =>
    typeof stateRoot === 'string' ? { stateRoot } : undefined,
  );
}
