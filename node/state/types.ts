import type { StateEntry, StateKey } from '../../contracts/api/host.js';
import type { Hash } from '../../primitives/bytes.js';

/** Reads of committed state. Synchronous: it lives in the executor's thread. */
export interface StateReader {
  get(key: StateKey): Uint8Array | undefined;
  range(prefix: StateKey, limit: number, after?: StateKey): readonly StateEntry[];
}

/** The net change of a block: undefined deletes. */
export type StateChanges = ReadonlyMap<StateKey, Uint8Array | undefined>;

/** A root computed for a block that is not committed; `apply` it into the batch of its height, or drop it. */
export interface PreparedState {
  readonly root: Hash;
}
