import type { ConsensusStatus } from '../../consensus/consensus.js';
import type { Hash } from '../../primitives/bytes.js';
import type { SyncStatus } from './syncProgress.js';

/**
 * `validating`: takes part in consensus. `following`: fetches what others decide. `recovering`: the same, until the
 * others have told how far this node's lost journal may have gone. `paused`: the same, because it was told to.
 */
export type EngineMode = 'validating' | 'following' | 'recovering' | 'paused' | 'stopped';

export interface EngineStatus {
  readonly mode: EngineMode;
  readonly height: number;
  readonly blockHash: Hash;
  /** A peer says that it has more than this node. */
  readonly isBehind: boolean;
  readonly sync: SyncStatus;
  /** Undefined unless it validates. */
  readonly consensus: ConsensusStatus | undefined;
  /** While the journal is recovered: other validators whose answer counted at the last try, and how many must answer. */
  readonly recovery: { readonly answered: number; readonly needed: number } | undefined;
}
