import { isCodedError } from '../../primitives/errors.js';
import type { PairHasher } from '../../primitives/merkle.js';
import { requireStateShape } from '../../primitives/stateTree.js';
import type { SignatureBackend } from '../../primitives/types.js';
import type { LevelChainDatabase } from '../storage/chainDatabase.js';
import { type Fault, FaultList } from '../storage/faultList.js';
import { verifyChain } from '../storage/verifyChain.js';
import { verifyRows } from '../storage/verifyRows.js';
import { type AuthenticatedStateOptions, openStateTree } from './authenticatedState.js';
import { verifyState } from './verifyState.js';

export interface VerifyDatabaseModules {
  readonly database: LevelChainDatabase;
  readonly hasher: PairHasher;
  readonly signatures: SignatureBackend;
}

export interface VerifyReport {
  readonly rows: number;
  readonly blocks: number;
  readonly stateKeys: number;
  /** None when everything is as it was written; the first hundred otherwise. */
  readonly faults: readonly Fault[];
}

const MAX_FAULTS = 100;

/**
 * Walks everything that a node keeps: each row's checksum, then each block, then each key of the state. Damaged rows end
 * it after the first part: nothing can be said about what they held. Reads only; takes as long as the chain is large.
 */
export async function verifyDatabase(
  options: AuthenticatedStateOptions,
  modules: VerifyDatabaseModules,
): Promise<VerifyReport> {
  requireStateShape(options);
  const { database } = modules;
  const faults = new FaultList(MAX_FAULTS);
  const rows = await verifyRows(database, faults);
  let blocks = 0;
  let stateKeys = 0;
  if (faults.faults.length === 0) {
    try {
      blocks = verifyChain(modules, faults);
      const { tree } = await openStateTree(options, modules);
      const isOrdered = options.isOrdered ?? (() => true);
      stateKeys = await verifyState({ database, tree, isOrdered }, faults);
    } catch (error) {
      if (!isCodedError(error)) throw error;
      faults.add({ code: error.code, message: error.message });
    }
  }
  return { rows, blocks, stateKeys, faults: faults.faults };
}
