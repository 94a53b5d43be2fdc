import { API_LIMITS } from '../../api/limits.js';
import { mismatch } from '../../api/shape.js';
import type { SubmissionJson } from '../../api/values.js';
import { toHex } from '../../primitives/bytes.js';
import type { AdmissionResult, Mempool, RequireCalls } from '../mempool/types.js';
import type { Logger } from '../ops/ports.js';
import { bytesOf } from './bytesOf.js';
import type { ContractBook } from './contractBook.js';
import { wireErrorOf } from './errors.js';
import type { Handlers } from './handler.js';

export interface SubmissionModules {
  readonly mempool: Mempool;
  readonly logger: Logger;
  /** Says what calls take, so that arguments that nothing can come of are refused before they wait for a block. */
  readonly contracts: ContractBook;
}

/** How transactions come in. */
export function submissionHandlers({
  mempool,
  logger,
  contracts,
}: SubmissionModules): Pick<Handlers, 'submit' | 'submitMany'> {
  const requireCalls: RequireCalls = (calls) => contracts.requireArguments(calls);
  const submission = (result: AdmissionResult): SubmissionJson =>
    'error' in result
      ? { id: null, error: wireErrorOf(result.error, logger) }
      : { id: toHex(result.id), status: result.status };
  return {
    submit: async ({ transaction }) => {
      const { id, status } = await mempool.admit(bytesOf(transaction), requireCalls);
      return { id: toHex(id), status };
    },
    submitMany: async ({ transactions }) => {
      const totalBytes = transactions.reduce((total, transaction) => total + (transaction.length - 2) / 2, 0);
      if (totalBytes > API_LIMITS.submittedBytes) {
        throw mismatch('$.transactions', `at most ${API_LIMITS.submittedBytes} bytes together`, totalBytes);
      }
      const results = await mempool.admitMany(transactions.map(bytesOf), requireCalls);
      return { results: results.map(submission) };
    },
  };
}
