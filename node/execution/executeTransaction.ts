import type { ContractFailureData } from '../../contracts/api/host.js';
import type { RunEnvironment } from '../../contracts/runtime/environment.js';
import { runCalls } from '../../contracts/runtime/runCalls.js';
import { TransactionRun } from '../../contracts/runtime/transactionRun.js';
import type { Hash } from '../../primitives/bytes.js';
import { EMPTY_TREE_ROOT, merkleRoot } from '../../primitives/merkle.js';
import { encodeReceipt } from '../../primitives/receipt.js';
import type { Call, DecodedTransaction, Receipt } from '../../primitives/types.js';
import type { Hashing } from './nativeHashing.js';

export interface ExecutedTransaction {
  readonly receipt: Receipt;
  readonly receiptBytes: Uint8Array;
  /** Encoded outcomes of the batch's payments, in their order. */
  readonly outcomes: readonly Uint8Array[];
}

const NO_BYTES: Uint8Array = new Uint8Array(0);

/**
 * Runs the calls of a transaction, all or nothing: its failure is a result, too.
 *
 * @throws whatever broke the executor itself: never a result of the transaction
 */
export function executeTransaction(
  environment: RunEnvironment,
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
  const outcome = runCalls(run, calls, sizeBytes);
  if ('failure' in outcome) return withBytes(failureReceipt(id, outcome.failure, run.fuel.used), []);
  const { outcomes } = run;
  const receipt: Receipt = {
    transactionId: id,
    success: true,
    code: '',
    failedCall: '',
    errorData: NO_BYTES,
    fuelUsed: run.fuel.used,
    events: run.events,
    results: outcome.results,
    outcomesRoot: outcomesRootOf(outcomes, hashing),
    outcomeCount: outcomes.length,
  };
  return withBytes(receipt, outcomes);
}

function withBytes(receipt: Receipt, outcomes: readonly Uint8Array[]): ExecutedTransaction {
  return { receipt, receiptBytes: encodeReceipt(receipt), outcomes };
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
