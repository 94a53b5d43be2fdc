import { jsonRpcCode, type WireError } from '../../api/errors.js';
import { API_LIMITS } from '../../api/limits.js';
import { isMethodName } from '../../api/methods.js';
import type { Dispatcher } from './dispatcher.js';
import type { RequestContext } from './handler.js';

type Id = string | number | null;

interface JsonRpcError {
  readonly code: number;
  readonly message: string;
  readonly data: { readonly code: string; readonly details: WireError['details'] };
}

export type JsonRpcResponse =
  | { readonly jsonrpc: '2.0'; readonly id: Id; readonly result: unknown }
  | { readonly jsonrpc: '2.0'; readonly id: Id; readonly error: JsonRpcError };

export function jsonRpcFailure(id: Id, { code, message, details }: WireError, number = jsonRpcCode(code)) {
  return { jsonrpc: '2.0', id, error: { code: number, message, data: { code, details } } } as const;
}

function malformed(id: Id, expected: string, actual: string): JsonRpcResponse {
  const message = `expected ${expected}, found ${actual}`;
  return jsonRpcFailure(id, { code: 'REQUEST_MALFORMED', message, details: { expected, actual } });
}

function idOf(request: Readonly<Record<string, unknown>>): Id {
  const { id } = request;
  return typeof id === 'string' || (typeof id === 'number' && Number.isSafeInteger(id)) ? id : null;
}

/**
 * Answers the body of a JSON-RPC 2.0 request, single or batch.
 *
 * @returns undefined when there were notifications only: they are done, and get no answer
 */
export async function answerJsonRpc(
  body: unknown,
  dispatcher: Dispatcher,
  context: RequestContext,
): Promise<JsonRpcResponse | readonly JsonRpcResponse[] | undefined> {
  if (!Array.isArray(body)) return answerOne(body, dispatcher, context);
  if (body.length === 0 || body.length > API_LIMITS.batchRequests) {
    return malformed(null, `a batch of 1 to ${API_LIMITS.batchRequests} requests`, `${body.length}`);
  }
  const answers = await Promise.all(body.map((request) => answerOne(request, dispatcher, context)));
  const given = answers.filter((answer) => answer !== undefined);
  return given.length === 0 ? undefined : given;
}

async function answerOne(
  body: unknown,
  dispatcher: Dispatcher,
  context: RequestContext,
): Promise<JsonRpcResponse | undefined> {
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    return malformed(null, 'a request object', Array.isArray(body) ? 'a list' : typeof body);
  }
  const request = body as Readonly<Record<string, unknown>>;
  const id = idOf(request);
  const { jsonrpc, method, params } = request;
  if (jsonrpc !== '2.0') return malformed(id, 'jsonrpc "2.0"', String(jsonrpc).slice(0, 16));
  if (typeof method !== 'string') return malformed(id, 'the name of a method', typeof method);
  if (!isMethodName(method)) {
    const actual = method.slice(0, 64);
    const details = { expected: 'a method of /v1/openapi.json', actual };
    return jsonRpcFailure(id, { code: 'METHOD_NOT_FOUND', message: `there is no method "${actual}"`, details });
  }
  const answer = await dispatcher.call(method, params, context);
  if (!Object.hasOwn(request, 'id')) return undefined;
  return answer.ok ? { jsonrpc: '2.0', id, result: answer.result } : jsonRpcFailure(id, answer.error);
}
