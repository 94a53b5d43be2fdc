import { apiFailure, ContractFailure } from '../../contracts/api/failure.js';
import type { ContractFailureData } from '../../contracts/api/host.js';
import type { Hash } from '../../primitives/bytes.js';
import { LIMITS } from '../../primitives/limits.js';
import { EMPTY_TREE_ROOT, merkleRoot } from '../../primitives/merkle.js';
import { encodeReceipt } from '../../primitives/receipt.js';
import { utf8Encode } from '../../primitives/text.js';
import type { Call, DecodedTransaction, Receipt } from '../../primitives/types.js';
import { OutOfFuel } from './fuelMeter.js';
import { FUEL, HOST_LIMITS } from './fuelSchedule.js';
import { isPlainName } from './hostText.js';
import type { Hashing } from './nativeHashing.js';
import { enterContract } from './nativeHost.js';
import { type BlockEnvironment, MAX_RECEIPT_CONTENT_BYTES, TransactionRun } from './transactionRun.js';

export interface ExecutedTransaction {
  readonly receipt: Receipt;
  readonly receiptBytes: Uint8Array;
  /** Encoded outcomes of the batch's payments, in their order. */
  readonly outcomes: readonly Uint8Array[];
}

const NO_BYTES: Uint8Array = new Uint8Array(0);
const MAX_FAILED_CALL_BYTES = 129;

/**
 * PROTOCOL §Running a transaction R1. Runs the calls of a transaction, all or nothing. A failure that a contract declares, and used-up fuel, are results;
 * nothing that the calls wrote remains then.
 *
 * @throws whatever broke the executor itself: never a result of the transaction
 */
export function executeTransaction(
  environment: BlockEnvironment,
  transaction: DecodedTransaction,
  maxFuel: number,
  hashing: Hashing,
): ExecutedTransaction {
  const { body, bytes, id } = transaction;
  const run = new TransactionRun(environment, { sender: body.sender, signers: body.signers, readOnly: false }, maxFuel);
  return runToReceipt(run, id, body.calls, bytes.length, hashing);
}

/**
 * Runs calls all or nothing, under whatever name their receipt has. `sizeBytes` are the signed ones that are paid for.
 *
 * @throws whatever broke the executor itself
 */
export function runToReceipt(
  run: TransactionRun,
  id: Hash,
  calls: readonly Call[],
  sizeBytes: number,
  hashing: Hashing,
): ExecutedTransaction {
  const mark = run.mark();
  const results: Uint8Array[] = [];
  const failure = runCalls(run, calls, sizeBytes, results);
  if (failure !== undefined) {
    run.takeBack(mark);
    return withBytes(failureReceipt(id, failure, run.fuel.used), []);
  }
  run.keep(mark);
  const { outcomes } = run;
  const receipt: Receipt = {
    transactionId: id,
    success: true,
    code: '',
    failedCall: '',
    errorData: NO_BYTES,
    fuelUsed: run.fuel.used,
    events: run.events,
    results,
    outcomesRoot: outcomesRootOf(outcomes, hashing),
    outcomeCount: outcomes.length,
  };
  return withBytes(receipt, outcomes);
}

function withBytes(receipt: Receipt, outcomes: readonly Uint8Array[]): ExecutedTransaction {
  return { receipt, receiptBytes: encodeReceipt(receipt), outcomes };
}

function runCalls(
  run: TransactionRun,
  calls: readonly Call[],
  sizeBytes: number,
  results: Uint8Array[],
): ContractFailureData | undefined {
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
function bounded(failure: ContractFailure, current: string): ContractFailureData {
  const { code, data, failedCall } = failure;
  if (!isPlainName(code)) return tooLarge(current, LIMITS.nameBytes);
  if (data.length > HOST_LIMITS.valueBytes) return tooLarge(current, HOST_LIMITS.valueBytes);
  const isShown = utf8Encode(failedCall).length <= MAX_FAILED_CALL_BYTES;
  return { code, data, failedCall: isShown ? failedCall : current };
}

function failureReceipt(id: Hash, failure: ContractFailureData, fuelUsed: number): Receipt {
  return {
    transactionId: id,
    success: false,
    code: failure.code,
    failedCall: failure.failedCall,
    errorData: failure.data,
    fuelUsed,
    events: [],
    results: [],
    outcomesRoot: EMPTY_TREE_ROOT,
    outcomeCount: 0,
  };
}

function outcomesRootOf(outcomes: readonly Uint8Array[], hashing: Hashing): Hash {
  if (outcomes.length === 0) return EMPTY_TREE_ROOT;
  return merkleRoot(outcomes.map(hashing.outcomeLeaf), hashing.hasher);
}
