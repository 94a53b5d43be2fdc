import { LIMITS } from '../../primitives/limits.js';
import { utf8Encode } from '../../primitives/text.js';
import type { Call } from '../../primitives/types.js';
import { apiFailure, ContractFailure } from '../api/failure.js';
import { enterContract } from './contractHost.js';
import { OutOfFuel } from './fuelMeter.js';
import { FUEL, HOST_LIMITS } from './fuelSchedule.js';
import { isPlainName } from './hostText.js';
import { MAX_RECEIPT_CONTENT_BYTES, type TransactionRun } from './transactionRun.js';

const MAX_FAILED_CALL_BYTES = 129;

/** What became of a transaction's calls; its events, outcomes and fuel stand in its run. */
export type RunOutcome =
  | { readonly results: readonly Uint8Array[] }
  /** As a receipt can hold it. Nothing that the calls wrote remains. */
  | { readonly failure: ContractFailure };

/**
 * PROTOCOL §Running a transaction R1. Runs calls all or nothing. A failure that a contract declares, and used-up fuel, are
 * results. `sizeBytes` are the signed ones that are paid for.
 *
 * @throws whatever broke the executor itself: never a result of the transaction
 */
export function runCalls(run: TransactionRun, calls: readonly Call[], sizeBytes: number): RunOutcome {
  const mark = run.mark();
  const results: Uint8Array[] = [];
  const failure = runEach(run, calls, sizeBytes, results);
  if (failure === undefined) {
    run.keep(mark);
    return { results };
  }
  run.takeBack(mark);
  return { failure };
}

function runEach(
  run: TransactionRun,
  calls: readonly Call[],
  sizeBytes: number,
  results: Uint8Array[],
): ContractFailure | undefined {
  let current = '';
  try {
    const signatures = run.principal.signers.length;
    run.fuel.charge(FUEL.transaction + FUEL.transactionByte * sizeBytes + FUEL.signer * signatures);
    for (const { contract, method, args } of calls) {
      current = `${contract}.${method}`;
      const result = enterContract(run, undefined, contract, method, args);
      run.receiptBytes += result.length;
      if (run.receiptBytes > MAX_RECEIPT_CONTENT_BYTES) return tooLarge(current, MAX_RECEIPT_CONTENT_BYTES);
      results.push(result);
    }
  } catch (error) {
    if (error instanceof ContractFailure && run.hostException === undefined && !run.fuel.exhausted) {
      return bounded(error, current);
    }
    if (!(error instanceof OutOfFuel) && !(error instanceof ContractFailure)) throw error;
  }
  // Both hold even where a contract caught the exception and went on.
  if (run.hostException !== undefined) throw run.hostException;
  return run.fuel.exhausted ? apiFailure(current, 'OUT_OF_FUEL', {}) : undefined;
}

function tooLarge(failedCall: string, limit: number): ContractFailure {
  return apiFailure(failedCall, 'LIMIT_EXCEEDED', { limit });
}

/** A failure as a receipt can hold it, whatever the contract put into it. */
function bounded(failure: ContractFailure, current: string): ContractFailure {
  const { code, data, failedCall } = failure;
  if (!isPlainName(code)) return tooLarge(current, LIMITS.nameBytes);
  if (data.length > HOST_LIMITS.valueBytes) return tooLarge(current, HOST_LIMITS.valueBytes);
  const isShown = utf8Encode(failedCall).length <= MAX_FAILED_CALL_BYTES;
  return isShown ? failure : new ContractFailure(code, data, current, failure.message);
}
