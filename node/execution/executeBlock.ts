import { headerHash } from '../../primitives/block.js';
import type { Hash } from '../../primitives/bytes.js';
import type { Block } from '../../primitives/types.js';
import {
  BlockExecution,
  type ExecutionBase,
  type ExecutionResult,
  HostException,
  withHostExceptions,
} from './blockExecution.js';
import { checkBlockSize, checkBody, checkHeader, checkRoots, decodeBody } from './blockRules.js';
import type { BlockFault } from './errors.js';

/** A block that executed here to the roots of its header, with all that committing it needs. */
export interface Candidate {
  readonly block: Block;
  readonly blockHash: Hash;
  readonly result: ExecutionResult;
}

/**
 * Executes a block on the head and judges it by every rule of PROTOCOL §Block validity but the signatures of its
 * transactions. Nothing committed changes.
 *
 * @throws StorageError; a HostException is an answer here: the block is refused
 */
export function executeBlock(
  base: ExecutionBase,
  block: Block,
): { readonly candidate: Candidate } | { readonly fault: BlockFault } {
  try {
    return withHostExceptions(() => judge(base, block));
  } catch (error) {
    if (!(error instanceof HostException)) throw error;
    const { code, message, transactionId } = error;
    return { fault: { code, message, ...(transactionId === undefined ? {} : { transactionId }) } };
  }
}

function judge(base: ExecutionBase, block: Block): { readonly candidate: Candidate } | { readonly fault: BlockFault } {
  const { parent, hashing } = base;
  const { header, transactions } = block;
  const early = checkHeader(header, parent) ?? checkBlockSize(transactions, parent.parameters);
  if (early !== undefined) return { fault: early };
  const body = decodeBody(transactions, parent.genesisHash, hashing);
  if ('fault' in body) return body;
  const fault = checkBody(body.decoded, header, hashing);
  if (fault !== undefined) return { fault };
  const execution = new BlockExecution(base, header.timestamp);
  for (const transaction of body.decoded) {
    const refusal = execution.add(transaction);
    if (refusal !== undefined) return { fault: refusal };
  }
  const result = execution.finish();
  const mismatch = checkRoots(header, result);
  return mismatch === undefined ? { candidate: { block, blockHash: headerHash(header), result } } : { fault: mismatch };
}
