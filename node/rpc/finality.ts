import { ApiError } from '../../api/errors.js';
import { API_LIMITS } from '../../api/limits.js';
import type { WaitedJson } from '../../api/values.js';
import { headerHash } from '../../primitives/block.js';
import { fromHex, type Hex, toHex } from '../../primitives/bytes.js';
import { encodeFinalityProof } from '../../primitives/finality.js';
import type { Executor } from '../execution/types.js';
import { decodeIndexCursor, encodeCursor } from './cursor.js';
import { describeProofs } from './describe.js';
import type { FinalityWaiter } from './finalityWaiter.js';
import type { Handlers, RequestContext } from './handler.js';
import { fittingProofs } from './proofsInParts.js';
import { waitForStatuses } from './statusWait.js';

export interface FinalityModules {
  readonly executor: Executor;
  readonly waiter: FinalityWaiter;
}

interface Waiting {
  readonly ids: readonly Hex[];
  readonly minimum: number;
  readonly timeoutMs: number | undefined;
  readonly proofs: boolean | undefined;
}

export function transactionNotFound(id: string): ApiError {
  return new ApiError('TRANSACTION_NOT_FOUND', `no block of this node holds ${id}`, {
    expected: 'the id of a transaction on the chain',
    actual: id,
    hint: 'it may still become final: wait for it, or ask by its reference',
  });
}

/** How clients learn that a transaction is final, and can prove it. */
export function finalityHandlers({
  executor,
  waiter,
}: FinalityModules): Pick<Handlers, 'wait' | 'waitMany' | 'proof' | 'outcomes'> {
  const wait = async (waiting: Waiting, { signal }: RequestContext): Promise<WaitedJson> => {
    const { ids, minimum, timeoutMs = API_LIMITS.defaultWaitMs, proofs = true } = waiting;
    const final = await waitForStatuses({ ids, minimum, timeoutMs, signal }, { waiter, executor });
    const unique = [...new Set(ids)];
    const found = unique.filter((id) => final.has(id));
    const isEmpty = !proofs || found.length === 0;
    const { proofs: blocks, covered } = isEmpty ? { proofs: [], covered: found } : await fittingProofs(executor, found);
    const told = new Set(covered);
    return {
      final: covered.flatMap((id) => final.get(id) ?? []),
      proofs: blocks.map(describeProofs),
      unknown: unique.filter((id) => !told.has(id)),
    };
  };
  return {
    wait: ({ id, timeoutMs, proofs }, context) => wait({ ids: [id], minimum: 1, timeoutMs, proofs }, context),
    waitMany: ({ ids, minimum = ids.length, timeoutMs, proofs }, context) =>
      wait({ ids, minimum, timeoutMs, proofs }, context),
    proof: async ({ id, outcome }) => {
      const proof = await executor.proof(fromHex(id, 32), outcome);
      if (proof === undefined) throw await whyNoProof(executor, id, outcome);
      const { header, receipt } = proof;
      return {
        id,
        height: header.height,
        blockHash: toHex(headerHash(header)),
        timestamp: header.timestamp,
        success: receipt.success,
        code: receipt.code,
        proof: toHex(encodeFinalityProof(proof)),
      };
    },
    outcomes: async ({ id, cursor, limit = API_LIMITS.outcomesPerPage }) => {
      const start = decodeIndexCursor('outcomes', cursor);
      const outcomes = await executor.outcomes(fromHex(id, 32));
      if (outcomes === undefined) throw transactionNotFound(id);
      const end = start + limit;
      const page = { outcomes: outcomes.slice(start, end) };
      return end < outcomes.length ? { ...page, nextCursor: encodeCursor('outcomes', end) } : page;
    },
  };
}

async function whyNoProof(executor: Executor, id: Hex, outcome: string | undefined): Promise<ApiError> {
  const record = await executor.receipt(fromHex(id, 32));
  if (record === undefined || outcome === undefined) return transactionNotFound(id);
  return new ApiError('OUTCOME_NOT_FOUND', `the batch ${id} holds no payment "${outcome}"`, {
    expected: 'the business reference of a payment of this batch',
    actual: outcome,
  });
}
