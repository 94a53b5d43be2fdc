import type { MethodName, Params, Result } from '../../api/methods.js';

/** What a method may know of its request. */
export interface RequestContext {
  /** Aborts when the client is gone or the node stops. */
  readonly signal: AbortSignal;
}

export type Handler<M extends MethodName> = (params: Params<M>, context: RequestContext) => Promise<Result<M>>;

/** One handler for each method of the table: a method without one does not compile. */
export type Handlers = { readonly [M in MethodName]: Handler<M> };
