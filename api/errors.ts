import { CodedError, type ErrorDetails } from '../primitives/errors.js';

/** What the doors of a node refuse by themselves; the codes of other rooms pass through them unchanged. */
export type ApiErrorCode =
  | 'REQUEST_MALFORMED'
  | 'BODY_TOO_LARGE'
  | 'MEDIA_TYPE_UNSUPPORTED'
  | 'HOST_NOT_ALLOWED'
  | 'ROUTE_NOT_FOUND'
  | 'METHOD_NOT_FOUND'
  | 'PARAMS_INVALID'
  | 'RESULT_INVALID'
  | 'CURSOR_INVALID'
  | 'TRANSACTION_NOT_FOUND'
  | 'BLOCK_NOT_FOUND'
  | 'ACCOUNT_NOT_FOUND'
  | 'MEMBER_NOT_FOUND'
  | 'CONTRACT_NOT_FOUND'
  | 'REFERENCE_NOT_FOUND'
  | 'OUTCOME_NOT_FOUND'
  | 'EVIDENCE_NOT_FOUND'
  | 'STATE_UNSEALED'
  | 'TOO_MANY_REQUESTS'
  | 'TOO_MANY_WAITS'
  | 'REQUEST_TIMEOUT'
  | 'SHUTTING_DOWN'
  | 'INTERNAL';

export class ApiError extends CodedError<ApiErrorCode> {}

/** An error as it crosses the wire, in REST bodies and in `error.data` of JSON-RPC. */
export interface WireError {
  readonly code: string;
  readonly message: string;
  readonly details: ErrorDetails;
}

const NOT_FOUND = /_NOT_FOUND$/;
const UNAVAILABLE =
  /^(SHUTTING_DOWN|SIMULATIONS_SUSPENDED|\w+_NOT_RUNNING|EXECUTOR_RESTARTED|VERIFIER_(STOPPED|FAILED)|FREE_SPACE_LOW)$/;
const TRY_LATER = /^(TOO_MANY_(REQUESTS|WAITS)|\w+_(FULL|BUSY|OVERLOADED)|(URGENT_)?QUOTA_EXCEEDED)$/;
const BY_CODE: Readonly<Record<string, number>> = {
  REQUEST_MALFORMED: 400,
  PARAMS_INVALID: 400,
  CURSOR_INVALID: 400,
  ARGUMENTS_INVALID: 400,
  HOST_NOT_ALLOWED: 403,
  REFERENCE_CONFLICT: 409,
  BODY_TOO_LARGE: 413,
  MEDIA_TYPE_UNSUPPORTED: 415,
  HOST_EXCEPTION: 500,
  INTERNAL: 500,
  RESULT_INVALID: 500,
  REQUEST_TIMEOUT: 504,
};

/**
 * HTTP status of a coded error: by its code where that says it, else 422, for what was understood and is refused by a
 * rule.
 */
export function httpStatus(code: string): number {
  const status = BY_CODE[code];
  if (status !== undefined) return status;
  if (NOT_FOUND.test(code)) return 404;
  if (TRY_LATER.test(code)) return 429;
  return UNAVAILABLE.test(code) ? 503 : 422;
}

/** True when the same request may succeed a little later, at this node or another. */
export function isTemporary(code: string): boolean {
  return TRY_LATER.test(code) || UNAVAILABLE.test(code);
}

/** Codes of JSON-RPC 2.0 (§5.1); every error of a rule of ours is -32000 with its own code in `data`. */
export function jsonRpcCode(code: string): number {
  switch (code) {
    case 'REQUEST_MALFORMED':
      return -32600;
    case 'METHOD_NOT_FOUND':
      return -32601;
    case 'PARAMS_INVALID':
    case 'ARGUMENTS_INVALID':
      return -32602;
    case 'INTERNAL':
      return -32603;
    default:
      return -32000;
  }
}
