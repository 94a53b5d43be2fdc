import { httpStatus, type WireError } from '../../api/errors.js';
import { type MethodName, parseParams } from '../../api/methods.js';
import type { Logger, Metrics } from '../ops/ports.js';
import { wireErrorOf } from './errors.js';
import type { Handler, Handlers, RequestContext } from './handler.js';
import { METRIC } from './metrics.js';
import type { WorkLimit } from './workLimit.js';

export interface DispatcherModules {
  readonly handlers: Handlers;
  /** Waits take no part in it. */
  readonly work: WorkLimit;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

export type Answer =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: WireError; readonly status: number };

/** Waits hold no work: they have a limit of their own. */
const WAITS: readonly MethodName[] = ['wait', 'waitMany'];

/** The one way to a method, for JSON-RPC and REST alike: checks parameters, bounds the work, turns errors into values. */
export class Dispatcher {
  readonly #modules: DispatcherModules;

  constructor(modules: DispatcherModules) {
    this.#modules = modules;
  }

  /** Never throws. */
  async call(method: MethodName, params: unknown, context: RequestContext): Promise<Answer> {
    const { metrics, logger } = this.#modules;
    try {
      const result = await this.#run(method, params, context);
      metrics.count(METRIC.requests, 1, { method, status: '200' });
      return { ok: true, result };
    } catch (fault) {
      const error = wireErrorOf(fault, logger);
      const status = httpStatus(error.code);
      metrics.count(METRIC.requests, 1, { method, status: `${status}` });
      logger.debug({ event: 'rpc.refused', method, code: error.code, status }, error.message);
      return { ok: false, error, status };
    }
  }

  async #run(method: MethodName, params: unknown, context: RequestContext): Promise<unknown> {
    const parsed = parseParams(method, params ?? {});
    const handler = this.#modules.handlers[method] as Handler<MethodName>;
    if (WAITS.includes(method)) return handler(parsed, context);
    return this.#modules.work.run(() => handler(parsed, context));
  }
}
