import type { MethodName, Params, Result } from '../api/methods.js';
import type { SettlementRequest } from '../api/settlement.js';
import type { Hex } from '../primitives/bytes.js';
import { type Fetch, isBusy, isRetryable, NodeConnection, tookNothing } from './connection.js';
import { ClientError } from './errors.js';
import type { SettlementStream } from './settlementStream.js';

export interface NodePoolOptions {
  readonly urls: readonly string[];
  /** Time for one request, beyond what it waits on purpose. */
  readonly requestTimeoutMs: number;
  /** Requests for one answer, over all nodes. */
  readonly attempts: number;
  /** Pause before the second attempt; doubled before each further one. */
  readonly backoffMs: number;
  /** Of the network that the nodes must be of; undefined takes their word whatever they are. */
  readonly genesisHash?: Hex;
}

export interface NodePoolModules {
  readonly fetch: Fetch;
  readonly now: () => number;
  readonly sleep: (ms: number) => Promise<void>;
}

const MAX_BACKOFF_MS = 5_000;
/** A node that gave no answer is asked last for so long. */
const SUSPECT_MS = 10_000;

/** Several nodes of one network, asked in turn, those that answer before those that do not. */
export class NodePool {
  readonly #options: NodePoolOptions;
  readonly #modules: NodePoolModules;
  readonly #connections: readonly NodeConnection[];
  /** 0 for a node whose newest answer was one; absent before any. */
  readonly #suspectUntilMs = new Map<NodeConnection, number>();
  /** Nodes that said that they are of the expected network. */
  readonly #ofNetwork = new Set<NodeConnection>();
  readonly #closed = new AbortController();
  #turn = 0;

  constructor(options: NodePoolOptions, modules: NodePoolModules) {
    if (options.urls.length === 0) {
      throw new ClientError('OPTIONS_INVALID', 'expected the URL of at least one node, found none', {
        expected: 'at least one URL',
        actual: 'none',
      });
    }
    this.#options = options;
    this.#modules = modules;
    this.#connections = options.urls.map((url) => new NodeConnection(url, modules.fetch, this.#closed.signal));
  }

  /** Ends every request under way. */
  close(): void {
    this.#closed.abort();
  }

  get isClosed(): boolean {
    return this.#closed.signal.aborted;
  }

  /** The nodes in the order in which to ask them now, another one first each time; silent ones last. */
  inTurn(): readonly NodeConnection[] {
    const start = this.#turn++ % this.#connections.length;
    const order = [...this.#connections.slice(start), ...this.#connections.slice(0, start)];
    const nowMs = this.#modules.now();
    const isSuspect = (node: NodeConnection) => (this.#suspectUntilMs.get(node) ?? 0) > nowMs;
    return [...order.filter((node) => !isSuspect(node)), ...order.filter(isSuspect)];
  }

  /** The same, those first that have answered before: a long wait must not be spent on a silent node. */
  provenFirst(): readonly NodeConnection[] {
    const order = this.inTurn();
    const isProven = (node: NodeConnection) => this.#suspectUntilMs.get(node) === 0;
    return [...order.filter(isProven), ...order.filter((node) => !isProven(node))];
  }

  /** One request to one node; `waitMs` is what it waits on purpose. @throws NodeError, ClientError */
  async callOnce<M extends MethodName>(
    node: NodeConnection,
    method: M,
    params: Params<M>,
    waitMs = 0,
  ): Promise<Result<M>> {
    try {
      const result = await node.call(method, params, this.#options.requestTimeoutMs + waitMs);
      this.#suspectUntilMs.set(node, 0);
      return result;
    } catch (error) {
      throw this.#noted(node, error);
    }
  }

  /**
   * Gives transactions to one node, again while it is busy and has taken none in, a bounded number of times.
   *
   * @throws what `NodeConnection.settle` throws
   */
  settle(node: NodeConnection, request: SettlementRequest): Promise<SettlementStream> {
    return this.#attempt(
      async () => {
        try {
          const stream = await node.settle(request, this.#options.requestTimeoutMs);
          this.#suspectUntilMs.set(node, 0);
          return stream;
        } catch (error) {
          throw this.#noted(node, error);
        }
      },
      (error) => isBusy(error) && tookNothing(error),
    );
  }

  /** A node without an answer is asked last for a while. */
  #noted(node: NodeConnection, error: unknown): unknown {
    if (error instanceof ClientError) this.#suspectUntilMs.set(node, this.#modules.now() + SUSPECT_MS);
    return error;
  }

  /**
   * Asks one node after the other until one answers, a bounded number of times. Before a node's word is taken for the
   * first time, it must name the expected network.
   *
   * @throws ClientError `NETWORK_MISMATCH`; what the last one said, or at once what no other node would say differently
   */
  callAny<M extends MethodName>(method: M, params: Params<M>, waitMs = 0): Promise<Result<M>> {
    const order = this.provenFirst();
    return this.#attempt(async (attempt) => {
      const node = order[attempt % order.length] as NodeConnection;
      await this.#requireNetwork(node);
      return this.callOnce(node, method, params, waitMs);
    }, isRetryable);
  }

  /**
   * Asks every node once, in turn, until one gives what `take` takes; all of them again, a bounded number of times, where
   * none answered.
   *
   * @returns undefined when those that answered gave nothing of the kind
   * @throws what the last one said, or what `take` throws of its answer, when none gave an answer that holds
   */
  callUntil<M extends MethodName, T>(
    method: M,
    params: Params<M>,
    take: (result: Result<M>) => T | undefined,
  ): Promise<T | undefined> {
    return this.#attempt(() => this.#askAll(method, params, take), isRetryable);
  }

  async #askAll<M extends MethodName, T>(
    method: M,
    params: Params<M>,
    take: (result: Result<M>) => T | undefined,
  ): Promise<T | undefined> {
    let failure: { readonly error: unknown } | undefined;
    let hasAnswer = false;
    for (const node of this.inTurn()) {
      try {
        await this.#requireNetwork(node);
        const taken = take(await this.callOnce(node, method, params));
        if (taken !== undefined) return taken;
        hasAnswer = true;
      } catch (error) {
        // A fork is everybody's fault; anything else is one node's.
        if (error instanceof ClientError && error.code === 'CHAIN_FORKED') throw error;
        failure = { error };
      }
    }
    if (failure !== undefined && !hasAnswer) throw failure.error;
    return undefined;
  }

  async #requireNetwork(node: NodeConnection): Promise<void> {
    const expected = this.#options.genesisHash;
    if (expected === undefined || this.#ofNetwork.has(node)) return;
    const { chainId, genesisHash } = await this.callOnce(node, 'status', {});
    if (genesisHash !== expected) {
      const actual = `${genesisHash} (${chainId})`;
      throw new ClientError('NETWORK_MISMATCH', `${node.url}: expected the network ${expected}, found ${actual}`, {
        expected,
        actual,
        hint: 'ask a node of the network whose genesis file you trust, or name the genesis file of this one',
      });
    }
    this.#ofNetwork.add(node);
  }

  /** The pause before an attempt, the first being 0. */
  backoffMs(attempt: number): number {
    return attempt === 0 ? 0 : Math.min(this.#options.backoffMs * 2 ** (attempt - 1), MAX_BACKOFF_MS);
  }

  async #attempt<T>(request: (attempt: number) => Promise<T>, isWorthwhile: (error: unknown) => boolean): Promise<T> {
    for (let attempt = 0; ; attempt++) {
      try {
        return await request(attempt);
      } catch (error) {
        const isLast = attempt + 1 >= this.#options.attempts || this.#closed.signal.aborted;
        if (isLast || !isWorthwhile(error)) throw error;
        await this.#modules.sleep(this.backoffMs(attempt + 1));
      }
    }
  }
}
