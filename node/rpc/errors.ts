import type { ApiError, WireError } from '../../api/errors.js';
import { CodedError, InvariantError, isCodedError } from '../../primitives/errors.js';
import type { Logger } from '../ops/ports.js';

export type RpcErrorCode = 'RPC_LISTEN_FAILED';

/** What keeps the doors from opening. */
export class RpcError extends CodedError<RpcErrorCode> {}

/** What a fault of the framework means in our codes. */
const FRAMEWORK_CODES: Readonly<Record<string, { code: ApiError['code']; message: string }>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: { code: 'BODY_TOO_LARGE', message: 'the body is larger than this node takes' },
  FST_ERR_CTP_INVALID_MEDIA_TYPE: {
    code: 'MEDIA_TYPE_UNSUPPORTED',
    message: 'expected a body of the type that this path takes',
  },
  FST_ERR_CTP_INVALID_JSON_BODY: { code: 'REQUEST_MALFORMED', message: 'expected a body of JSON, found other text' },
  FST_ERR_CTP_EMPTY_JSON_BODY: { code: 'REQUEST_MALFORMED', message: 'expected a body of JSON, found none' },
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: { code: 'REQUEST_MALFORMED', message: 'the body is not of its stated length' },
  FST_ERR_HANDLER_TIMEOUT: { code: 'REQUEST_TIMEOUT', message: 'the request took longer than this node allows' },
};

function frameworkCode(error: unknown): string {
  if (error instanceof SyntaxError) return 'FST_ERR_CTP_INVALID_JSON_BODY';
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? code : '';
}

/**
 * An error as it crosses the wire. What was not raised on purpose, and a broken invariant, is logged here and told as
 * `INTERNAL` only: nothing of the node's inside leaves it.
 */
export function wireErrorOf(error: unknown, logger: Logger): WireError {
  if (isCodedError(error) && !(error instanceof InvariantError)) {
    return { code: error.code, message: error.message, details: error.details };
  }
  const known = FRAMEWORK_CODES[frameworkCode(error)];
  if (known !== undefined) return { ...known, details: {} };
  return internalError(error, logger);
}

/** Logs what went wrong inside, and says only that something did. */
export function internalError(error: unknown, logger: Logger): WireError {
  logger.error({ event: 'rpc.internal_error', error }, 'A request failed for a reason of this node’s own');
  return { code: 'INTERNAL', message: 'this node failed to answer: its log says why', details: {} };
}
