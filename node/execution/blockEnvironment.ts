import type { RunEnvironment } from '../../contracts/runtime/environment.js';
import type { BlockUsedOnce, WritableState } from '../state/types.js';
import type { BlockContracts } from './blockContracts.js';
import type { BlockGovernance } from './governanceCache.js';
import type { BlockRegistry } from './registryCache.js';

/** What all transactions of one block share, over its overlay. */
export interface BlockEnvironment extends RunEnvironment {
  readonly contracts: BlockContracts;
  readonly state: WritableState;
  readonly usedOnce: BlockUsedOnce;
  readonly registry: BlockRegistry;
  readonly governance: BlockGovernance;
}
