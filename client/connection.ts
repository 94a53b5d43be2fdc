import { isTemporary } from '../api/errors.js';
import { type MethodName, type Params, parseResult, type Result } from '../api/methods.js';
import {
  encodeSettlementRequest,
  NOTHING_TAKEN_IN,
  SETTLEMENT_CONTENT_TYPE,
  SETTLEMENT_PATH,
  type SettlementRequest,
} from '../api/settlement.js';
import { wireError } from '../api/values.js';
import { isCodedError } from '../primitives/errors.js';
import { ClientError, NodeError, TransportError } from './errors.js';
import { SettlementStream } from './settlementStream.js';

/** Bytes of one answer: proofs of a full wait stay far below it. */
const MAX_RESPONSE_BYTES = 67_108_864;
/** Codes of the system for connections that never were. */
const NEVER_CONNECTED = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH'];

export type Fetch = typeof globalThis.fetch;

/** True when the node refused for now only. */
export function isBusy(error: unknown): boolean {
  return error instanceof NodeError && isTemporary(error.code);
}

/** True when the settlement door refused the whole request, and for certain has none of its transactions from it. */
export function tookNothing(error: unknown): error is NodeError {
  return error instanceof NodeError && NOTHING_TAKEN_IN.includes(error.code);
}

/** True when another node, or the same one later, may well answer. */
export function isRetryable(error: unknown): boolean {
  if (error instanceof NodeError) return isBusy(error) || error.code === 'INTERNAL';
  return error instanceof ClientError && (error.code === 'UNREACHABLE' || error.code === 'RESPONSE_INVALID');
}

/** What is asked of one node: JSON-RPC, and the settlement door. */
export class NodeConnection {
  readonly url: string;
  readonly #fetch: Fetch;
  readonly #closed: AbortSignal;
  readonly #underWay = new Set<AbortController>();
  #nextId = 1;

  /** Every request ends when `closed` aborts. */
  constructor(url: string, fetchFunction: Fetch, closed: AbortSignal) {
    this.url = url.replace(/\/+$/, '');
    this.#fetch = fetchFunction;
    this.#closed = closed;
    // One listener for all requests: thousands may wait at once.
    closed.addEventListener('abort', () => {
      for (const control of this.#underWay) control.abort();
    });
  }

  /**
   * Calls a method once.
   *
   * @throws NodeError what the node refused; TransportError when it gave no answer; ClientError `RESPONSE_INVALID`
   */
  async call<M extends MethodName>(method: M, params: Params<M>, timeoutMs: number): Promise<Result<M>> {
    const body = JSON.stringify({ jsonrpc: '2.0', id: this.#nextId++, method, params });
    const answer = await this.#post(body, timeoutMs);
    if (answer['error'] !== undefined) throw this.#rpcRefusal(answer['error']);
    try {
      return parseResult(method, answer['result']);
    } catch (error) {
      throw this.#invalid(isCodedError(error) ? error.message : String(error));
    }
  }

  /**
   * Gives transactions to the settlement door, and resolves with its verdicts; what it proves comes after them.
   *
   * @param timeoutMs for the verdicts, and beyond the time that the request itself waits
   * @throws NodeError what the node refused as a whole, of which `tookNothing` says whether it may have taken any in all the
   * same; TransportError; ClientError `RESPONSE_INVALID`
   */
  async settle(request: SettlementRequest, timeoutMs: number): Promise<SettlementStream> {
    const exchange = this.#begin(timeoutMs);
    try {
      const response = await this.#fetch(`${this.url}${SETTLEMENT_PATH}`, {
        method: 'POST',
        headers: { 'content-type': SETTLEMENT_CONTENT_TYPE },
        body: encodeSettlementRequest(request) as Uint8Array<ArrayBuffer>,
        signal: exchange.signal,
      });
      if (!response.ok || response.body === null) throw this.#doorRefusal(response.status, await readText(response));
      const stream = await SettlementStream.open(response.body, {
        url: this.url,
        count: request.transactions.length,
        since: request.since,
        reasonOf: exchange.reasonOf,
        onDone: exchange.end,
      });
      exchange.extend(request.timeoutMs + timeoutMs);
      return stream;
    } catch (error) {
      exchange.end();
      if (isCodedError(error)) throw error;
      throw new TransportError(this.url, exchange.reasonOf(error), !neverConnected(error));
    }
  }

  /** One request under way. */
  #begin(timeoutMs: number) {
    // A timer of our own: a composed AbortSignal may be collected before it fires.
    const control = new AbortController();
    let timer = setTimeout(() => control.abort(), timeoutMs);
    let allowedMs = timeoutMs;
    this.#underWay.add(control);
    if (this.#closed.aborted) control.abort();
    return {
      signal: control.signal,
      reasonOf: (error: unknown) => (control.signal.aborted ? `none within ${allowedMs} ms` : reasonOf(error)),
      extend: (ms: number) => {
        if (!this.#underWay.has(control)) return;
        clearTimeout(timer);
        allowedMs = ms;
        timer = setTimeout(() => control.abort(), ms);
      },
      end: () => {
        clearTimeout(timer);
        this.#underWay.delete(control);
      },
    };
  }

  async #post(body: string, timeoutMs: number): Promise<Readonly<Record<string, unknown>>> {
    const exchange = this.#begin(timeoutMs);
    let text: string;
    try {
      const response = await this.#fetch(`${this.url}/rpc`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        signal: exchange.signal,
      });
      text = await readText(response);
    } catch (error) {
      throw new TransportError(this.url, exchange.reasonOf(error), !neverConnected(error));
    } finally {
      exchange.end();
    }
    const answer = parseObject(text);
    if (answer === undefined) throw this.#invalid('no JSON object');
    return answer;
  }

  /** Of JSON-RPC: the code stands in `data`. */
  #rpcRefusal(error: unknown): NodeError | ClientError {
    const { message, data } = fieldsOf(error);
    const { code, details } = fieldsOf(data);
    return this.#refusal({ code, message, details }) ?? this.#invalid('an error without a code');
  }

  /** Of REST: `{ error }`, with the code in it. */
  #doorRefusal(status: number, text: string): NodeError | ClientError {
    const refusal = this.#refusal(parseObject(text)?.['error']);
    return refusal ?? this.#invalid(`status ${status} and no error of ours`, 'verdicts, or a refusal with a code');
  }

  #refusal(error: unknown): NodeError | undefined {
    try {
      const { code, message, details } = wireError.parse(error, 'error', 'lenient');
      return new NodeError(this.url, code, message, details);
    } catch {
      return undefined;
    }
  }

  #invalid(actual: string, expected = 'an answer of JSON-RPC 2.0'): ClientError {
    return new ClientError('RESPONSE_INVALID', `${this.url} answered with ${actual}`, {
      expected,
      actual,
      url: this.url,
    });
  }
}

/** The answer's text, read no further than a limit. */
async function readText(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (reader === undefined) return '';
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text + decoder.decode();
    size += value.length;
    if (size > MAX_RESPONSE_BYTES) {
      await reader.cancel();
      throw new ClientError('RESPONSE_INVALID', `expected an answer of at most ${MAX_RESPONSE_BYTES} bytes`, {});
    }
    text += decoder.decode(value, { stream: true });
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Readonly<Record<string, unknown>>)
      : undefined;
  } catch {
    return undefined;
  }
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}

function causeCode(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const cause = error.cause;
  const code = typeof cause === 'object' && cause !== null && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? code : undefined;
}

function neverConnected(error: unknown): boolean {
  return NEVER_CONNECTED.includes(causeCode(error) ?? '');
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? (causeCode(error) ?? error.message) : String(error);
}
