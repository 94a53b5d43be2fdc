import { type FastifyInstance, type FastifyReply, type FastifyRequest, fastify } from 'fastify';
import { ApiError } from '../../api/errors.js';
import { API_LIMITS } from '../../api/limits.js';
import { invariant } from '../../primitives/errors.js';
import { clientGone } from './clientGone.js';
import { ContractBook } from './contractBook.js';
import { Dispatcher } from './dispatcher.js';
import { RpcError, wireErrorOf } from './errors.js';
import { evidenceHandlers } from './evidence.js';
import { finalityHandlers } from './finality.js';
import { FinalityWaiter } from './finalityWaiter.js';
import { isAllowedHost } from './hostCheck.js';
import { answerJsonRpc, jsonRpcFailure } from './jsonRpc.js';
import { METRIC } from './metrics.js';
import type { RpcModules, RpcOptions } from './ports.js';
import { chainHandlers, contractHandlers } from './queries.js';
import { registerRest, sendError, TIMED } from './rest.js';
import { registerSettlements, type SettlementDoorModules } from './settlements.js';
import { simulationHandlers } from './simulation.js';
import { submissionHandlers } from './submission.js';
import { verifiableHandlers } from './verifiable.js';
import { WorkLimit } from './workLimit.js';

/** A request must have come in whole by then. */
const REQUEST_TIMEOUT_MS = 30_000;
const KEEP_ALIVE_TIMEOUT_MS = 60_000;
/** Final transactions remembered: several full blocks. */
const RECENT_FINALS = 65_536;
/** Blocks remembered, however few transactions they hold: far more than come while a request is judged. */
const RECENT_BLOCKS = 256;
const RECENT_RECEIPT_BYTES = 67_108_864;
/** The longest parameter of a path: a reference or an id in hexadecimal. */
const MAX_PATH_PARAMETER = 256;

const DEFAULTS = { maxConcurrentRequests: 256, maxConcurrentWaits: 1_024, maxWaitedIds: 262_144 } as const;
const JSON_RPC_PARSE_ERROR = -32700;

/** The doors of a node: JSON-RPC at `/rpc`, REST under `/v1`, health and metrics. */
export class RpcServer {
  readonly #options: RpcOptions;
  readonly #modules: RpcModules;
  readonly #waiter: FinalityWaiter;
  readonly #dispatcher: Dispatcher;
  readonly #app: FastifyInstance;
  #url: string | undefined;

  constructor(options: RpcOptions, modules: RpcModules) {
    this.#options = options;
    this.#modules = modules;
    const { maxConcurrentRequests, maxConcurrentWaits, maxWaitedIds } = { ...DEFAULTS, ...options };
    this.#waiter = new FinalityWaiter(
      {
        maxWaits: maxConcurrentWaits,
        maxWaitedIds,
        maxBlocks: RECENT_BLOCKS,
        maxTransactions: RECENT_FINALS,
        maxReceiptBytes: RECENT_RECEIPT_BYTES,
      },
      modules,
    );
    const contracts = new ContractBook({ executor: modules.executor, standard: modules.contracts });
    const handlers = {
      ...submissionHandlers({ ...modules, contracts }),
      ...finalityHandlers({ executor: modules.executor, waiter: this.#waiter }),
      ...chainHandlers(options, { ...modules, contracts }),
      ...contractHandlers({ ...modules, contracts }),
      ...evidenceHandlers(modules),
      ...verifiableHandlers(modules.executor),
      ...simulationHandlers(options, { ...modules, contracts }),
    };
    const work = new WorkLimit(maxConcurrentRequests);
    this.#dispatcher = new Dispatcher({ ...modules, handlers, work });
    this.#app = this.#createApp({ ...modules, contracts, work, waiter: this.#waiter, readOutMs: options.readOutMs });
  }

  /** `http://host:port`, once started. */
  get url(): string {
    invariant(this.#url !== undefined, 'the RPC has an address once it listens');
    return this.#url;
  }

  /** @throws RpcError `RPC_LISTEN_FAILED` when the address is taken or not this machine's */
  async start(): Promise<void> {
    const { host, port } = this.#options;
    try {
      this.#url = await this.#app.listen({ host, port });
    } catch (error) {
      const actual = error instanceof Error ? error.message : String(error);
      throw new RpcError('RPC_LISTEN_FAILED', `expected to listen on ${host}:${port}, found ${actual}`, {
        expected: `a free address ${host}:${port}`,
        actual,
        hint: 'stop what listens there, or set rpc.host and rpc.port to another address',
      });
    }
    this.#waiter.start();
    this.#modules.logger.info({ event: 'rpc.listening', url: this.#url }, 'The RPC listens');
  }

  /** Ends open waits with what is known, then every connection. */
  async stop(): Promise<void> {
    this.#waiter.stop();
    await this.#app.close();
  }

  #createApp(door: SettlementDoorModules): FastifyInstance {
    const app = fastify({
      bodyLimit: API_LIMITS.bodyBytes,
      requestTimeout: REQUEST_TIMEOUT_MS,
      keepAliveTimeout: KEEP_ALIVE_TIMEOUT_MS,
      forceCloseConnections: 'idle',
      exposeHeadRoutes: false,
      routerOptions: { maxParamLength: MAX_PATH_PARAMETER },
    });
    // A page of a browser can send text without asking first: only JSON is read.
    app.removeContentTypeParser('text/plain');
    app.addHook('onRequest', async (request, reply) => this.#checkHost(request, reply));
    app.setNotFoundHandler((request, reply) => {
      const actual = `${request.method} ${request.url.slice(0, 256)}`;
      const details = { expected: 'a path of /v1/openapi.json, or POST /rpc', actual };
      return sendError(reply, { code: 'ROUTE_NOT_FOUND', message: `there is nothing at ${actual}`, details });
    });
    app.setErrorHandler((error, request, reply) => this.#onError(error, request, reply));
    registerSettlements(app, door);
    app.post('/rpc', TIMED, async (request, reply) => {
      const answer = await answerJsonRpc(request.body, this.#dispatcher, { signal: clientGone(reply) });
      return answer === undefined ? reply.code(204).send() : reply.send(answer);
    });
    registerRest(app, this.#modules.status.facts().version, { ...this.#modules, dispatcher: this.#dispatcher });
    this.#registerHealth(app);
    return app;
  }

  #registerHealth(app: FastifyInstance): void {
    const { status, metricsText } = this.#modules;
    app.get('/livez', async () => ({ live: true }));
    app.get('/readyz', TIMED, async (_request, reply) => {
      const reasons = status.notReadyReasons();
      return reply.code(reasons.length === 0 ? 200 : 503).send({ ready: reasons.length === 0, reasons });
    });
    app.get('/metrics', TIMED, async (_request, reply) =>
      reply.type(metricsText.contentType).send(await metricsText.text()),
    );
  }

  /** A name that a stranger's page made point here must not reach a node on loopback. */
  async #checkHost(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply | undefined> {
    const { host, allowedHosts = [] } = this.#options;
    if (isAllowedHost(request.headers.host, host, allowedHosts)) return undefined;
    this.#modules.metrics.count(METRIC.refused, 1, { reason: 'host' });
    const error = new ApiError('HOST_NOT_ALLOWED', 'expected a Host header that names this node', {
      expected: [host, 'localhost', ...allowedHosts].join(', '),
      actual: (request.headers.host ?? 'none').slice(0, 256),
    });
    return sendError(reply, error);
  }

  #onError(error: unknown, request: FastifyRequest, reply: FastifyReply): FastifyReply {
    const wire = wireErrorOf(error, this.#modules.logger);
    this.#modules.metrics.count(METRIC.refused, 1, { reason: wire.code });
    if (request.url !== '/rpc') return sendError(reply, wire);
    const isParseError = wire.code === 'REQUEST_MALFORMED';
    return reply.send(jsonRpcFailure(null, wire, isParseError ? JSON_RPC_PARSE_ERROR : undefined));
  }
}
