import { callOf } from '../../contracts/api/method.js';
import { governance } from '../../contracts/index.js';
import { TransactionRun } from '../../contracts/runtime/transactionRun.js';
import type { Hash } from '../../primitives/bytes.js';
import { systemCallId } from '../../primitives/systemCall.js';
import type { BlockEnvironment } from './blockEnvironment.js';
import { type ExecutedTransaction, runToReceipt } from './executeTransaction.js';
import type { Hashing } from './nativeHashing.js';

/** What its calls cost is counted and not bounded: the contract bounds what it does for one block. */
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/**
 * Does what governance has due at the end of a block, if anything, for nobody: without sender, signers or a transaction
 * (PROTOCOL §System calls Y1, Y2).
 *
 * @returns its receipt, undefined when nothing is due
 * @throws whatever broke the executor itself
 */
export function runSystemCall(
  environment: BlockEnvironment,
  genesisHash: Hash,
  hashing: Hashing,
): ExecutedTransaction | undefined {
  const { height, timestamp } = environment;
  if (!environment.governance.isDue(height, timestamp)) return undefined;
  const run = new TransactionRun(environment, { sender: undefined, signers: [], readOnly: false }, NO_LIMIT);
  return runToReceipt(run, systemCallId(genesisHash, height), [callOf(governance.methods.activateDue, {})], 0, hashing);
}
