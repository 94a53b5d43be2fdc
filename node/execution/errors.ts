import type { Hash } from '../../primitives/bytes.js';
import { CodedError, InvariantError } from '../../primitives/errors.js';
import { StateError } from '../state/errors.js';
import { StorageError } from '../storage/errors.js';

/** Why a block is not valid on the head: one code for each rule of PROTOCOL §Block validity. */
export type BlockFaultCode =
  | 'HEIGHT_MISMATCH'
  | 'PARENT_MISMATCH'
  | 'CHAIN_ID_MISMATCH'
  | 'TIMESTAMP_NOT_AFTER_PARENT'
  | 'VALIDATORS_HASH_MISMATCH'
  | 'NEXT_VALIDATORS_HASH_MISMATCH'
  | 'BLOCK_TOO_LARGE'
  | 'TOO_MANY_TRANSACTIONS'
  | 'TX_ROOT_MISMATCH'
  | 'TRANSACTION_MALFORMED'
  | 'TRANSACTION_DUPLICATE'
  | 'BLOCK_FUEL_EXCEEDED'
  | 'RECEIPTS_ROOT_MISMATCH'
  | 'STATE_ROOT_MISMATCH'
  | 'HOST_EXCEPTION'
  | InclusionFaultCode;

/** Why a transaction may not stand at this position of this block. */
export type InclusionFaultCode =
  | 'TRANSACTION_EXPIRED'
  | 'EXPIRY_TOO_FAR'
  | 'SIGNER_UNKNOWN'
  | 'SENDER_UNKNOWN'
  | 'POLICY_NOT_MET'
  | 'REFERENCE_IN_USE'
  | 'QUOTA_EXCEEDED'
  | 'URGENT_QUOTA_EXCEEDED';

/** A rule that a block breaks: a value, never thrown past the executor. */
export interface BlockFault {
  readonly code: BlockFaultCode;
  readonly message: string;
  /** The transaction that breaks it, where one does. */
  readonly transactionId?: Hash;
}

export type ExecutionErrorCode =
  /** A request that does not fit the head: the caller is behind or ahead. */
  | 'BUILD_NOT_ON_HEAD'
  | 'COMMIT_NOT_ON_HEAD'
  /** A certificate that does not decide the block it came with. */
  | 'CERTIFICATE_MISMATCH'
  /** Transactions that are not those of the certified header. */
  | 'BODY_MISMATCH'
  /** The executor's thread died of this request, and begins anew at the last commit. */
  | 'HOST_EXCEPTION'
  /** The thread began anew for the sake of another request. */
  | 'EXECUTOR_RESTARTED'
  /** Too many requests wait. */
  | 'EXECUTOR_BUSY'
  | 'EXECUTOR_NOT_RUNNING'
  /** Simulations ended the executor's thread several times of late. */
  | 'SIMULATIONS_SUSPENDED'
  /** What stops the node. */
  | 'CONFLICTING_BLOCK'
  | 'DECIDED_BLOCK_INVALID'
  | 'STATE_CORRUPT'
  | 'GENESIS_CALL_FAILED'
  /** The chain names an engine for bank contracts that this node does not have. */
  | 'ENGINE_MISMATCH'
  | 'WORKER_DIED'
  | 'EXECUTOR_UNSTABLE'
  /** Answers to a query. */
  | 'QUERY_TOO_LARGE'
  | 'VIEW_FAILED';

/** An error of the executor. Those that stop the node are told apart by `isFatal`. */
export class ExecutionError extends CodedError<ExecutionErrorCode> {}

const FATAL_CODES: ReadonlySet<string> = new Set<ExecutionErrorCode>([
  'CONFLICTING_BLOCK',
  'DECIDED_BLOCK_INVALID',
  'STATE_CORRUPT',
  'ENGINE_MISMATCH',
  'WORKER_DIED',
  'EXECUTOR_UNSTABLE',
]);

/**
 * True for what the node must stop on: a broken invariant, anything that storage or the state raises, a decided block
 * that is not what was executed here, and every error that nobody raised on purpose.
 */
export function isFatal(error: unknown): boolean {
  if (error instanceof ExecutionError) return FATAL_CODES.has(error.code);
  if (error instanceof InvariantError || error instanceof StorageError || error instanceof StateError) return true;
  return !(error instanceof CodedError);
}
