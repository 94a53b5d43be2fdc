import { ContractFailure } from '../../contracts/api/failure.js';
import { enterContract } from '../../contracts/runtime/contractHost.js';
import { OutOfFuel } from '../../contracts/runtime/fuelMeter.js';
import { TransactionRun } from '../../contracts/runtime/transactionRun.js';
import { toHex } from '../../primitives/bytes.js';
import { CodedError } from '../../primitives/errors.js';
import { StateOverlay } from '../state/overlay.js';
import { StorageError } from '../storage/errors.js';
import type { ExecutionBase } from './blockExecution.js';
import { ExecutionError } from './errors.js';
import { BlockGovernance } from './governanceCache.js';
import { BlockRegistry } from './registryCache.js';

/** Fuel of one view: about 50 ms. */
const VIEW_FUEL = 50_000_000;

/**
 * Runs a read-only method on the committed state, at the height and time of the head.
 *
 * @throws CodedError with the contract's code; ExecutionError `VIEW_FAILED`; StorageError
 */
export function runView(base: ExecutionBase, contract: string, method: string, args: Uint8Array): Uint8Array {
  const { chainId, height, timestamp } = base.parent.header;
  const state = new StateOverlay(base.state);
  const environment = {
    chainId,
    genesisHash: base.parent.genesisHash,
    height,
    timestamp,
    contracts: base.deployed,
    state,
    usedOnce: base.usedOnce.openBlock(height + 1),
    registry: new BlockRegistry(base.registry, state),
    governance: new BlockGovernance(base.governance, state),
    stateRoot: base.stateRoot,
  };
  const run = new TransactionRun(environment, { sender: undefined, signers: [], readOnly: true }, VIEW_FUEL);
  try {
    return enterContract(run, undefined, contract, method, args);
  } catch (error) {
    if (error instanceof ContractFailure) {
      throw new CodedError(error.code, error.message, { failedCall: error.failedCall, data: toHex(error.data) });
    }
    throw viewError(error, `${contract}.${method}`);
  }
}

/** A view changes nothing, so that whatever breaks in it breaks the view alone; storage aside. */
function viewError(error: unknown, call: string): unknown {
  if (error instanceof OutOfFuel) {
    return new CodedError(error.code, `${call} used up the fuel of a view`, {
      expected: `at most ${VIEW_FUEL} units of fuel`,
      actual: 'more',
      hint: 'ask for less at once: a smaller limit, or one entry after the other',
    });
  }
  if (error instanceof StorageError) return error;
  return new ExecutionError('VIEW_FAILED', `${call} broke down: ${String(error)}`, { actual: String(error) });
}
