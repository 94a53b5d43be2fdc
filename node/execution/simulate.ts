import { API_LIMITS } from '../../api/limits.js';
import { decodeOutcome } from '../../primitives/receipt.js';
import { decodeTransaction } from '../../primitives/transaction.js';
import { BlockExecution, type ExecutionBase } from './blockExecution.js';
import type { SimulatedChange, SimulationRequest, SimulationResult } from './types.js';

/** Bounds of one answer. */
const SIMULATION_LIMITS = {
  changes: API_LIMITS.simulatedChanges,
  changedBytes: 4_194_304,
  outcomes: API_LIMITS.outcomesPerPage,
} as const;

/**
 * Runs a transaction alone on the head, as the next block would, and throws away what it wrote. That its signers sign is
 * taken for granted; that they may is not.
 *
 * @throws RlpError, FormatError for bytes that are no transaction; HostException, which is no result; StorageError
 */
export function simulate(base: ExecutionBase, { bytes, timestamp: wanted }: SimulationRequest): SimulationResult {
  const { genesisHash, header, parameters } = base.parent;
  const transaction = decodeTransaction(bytes, genesisHash, base.hashing.sha256);
  const timestamp = Math.max(wanted, header.timestamp + 1);
  const execution = new BlockExecution(base, timestamp);
  const { refusal, executed } = execution.try(transaction);
  const { receipt, outcomes } = executed;
  const written = [...execution.written()].sort(([a], [b]) => (a < b ? -1 : 1));
  const changes = written.flatMap(([key, after]): SimulatedChange[] => {
    const before = base.state.get(key);
    const isSame = before === undefined ? after === undefined : after !== undefined && sameBytes(before, after);
    return isSame ? [] : [{ key, before, after }];
  });
  return {
    id: transaction.id,
    height: header.height + 1,
    timestamp,
    ...(refusal === undefined ? {} : { refusal: { code: refusal.code, message: refusal.message } }),
    receipt,
    maxFuel: parameters.maxTransactionFuel,
    outcomes: outcomes.slice(0, SIMULATION_LIMITS.outcomes).map(decodeOutcome),
    changes: fitting(changes),
    changeCount: changes.length,
  };
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

/** As many as one answer holds. */
function fitting(changes: readonly SimulatedChange[]): readonly SimulatedChange[] {
  let bytes = 0;
  const end = changes.findIndex(({ key, before, after }, index) => {
    bytes += key.length + (before?.length ?? 0) + (after?.length ?? 0);
    return index === SIMULATION_LIMITS.changes || bytes > SIMULATION_LIMITS.changedBytes;
  });
  return end < 0 ? changes : changes.slice(0, end);
}
