import type { StateKey } from '../../contracts/api/host.js';
import type { RunState, RunStateReader, RunUsedOnce } from '../../contracts/runtime/environment.js';
import type { Hash } from '../../primitives/bytes.js';
import type { StateProof } from '../../primitives/stateProof.js';
import type { Address, TimestampMs } from '../../primitives/types.js';
import type { HeightBatch, TransactionPosition } from '../storage/types.js';

/** Reads of the state. Synchronous: it lives in the executor's thread. */
export type StateReader = RunStateReader;

/** The net change of a block: undefined deletes. */
export type StateChanges = ReadonlyMap<StateKey, Uint8Array | undefined>;

/** A root computed for a block that is not committed: `commit` it into the batch of its height, or let go of it. */
export interface PreparedState {
  readonly root: Hash;
  readonly parentRoot: Hash;
}

/**
 * The authenticated state as of the head. Between `commit` and the end of the batch's write, reads and `prepare` throw
 * an InvariantError: the executor does one thing at a time.
 */
export interface CommittedState extends StateReader {
  root(): Hash;
  /** Computes the root after the changes; nothing committed changes. Several may stand on one parent. */
  prepare(changes: StateChanges): PreparedState;
  /** Writes it into the batch; memory follows when the batch is written. Others on the same parent are void then. */
  commit(prepared: PreparedState, batch: HeightBatch): void;
  /** Proof of the key's value hash, or of its absence, against `root()`. */
  prove(key: StateKey): StateProof;
}

/** What a block writes on top of a state: block, transaction and call are savepoints of one overlay. */
export interface WritableState extends RunState {
  /** The net change against the parent, as `CommittedState.prepare` takes it. It goes on changing with the overlay. */
  changes(): StateChanges;
}

/** Who used a reference, and where. */
export interface ReferenceHolder extends TransactionPosition {
  readonly id: Hash;
  /** Timestamp of the block that holds the transaction: from it the window counts. */
  readonly timestamp: TimestampMs;
}

/** (sender, reference) pairs in use, with the window W. docs/PROTOCOL.md §Transaction. */
export interface ReferenceReader {
  /** Who holds the reference in a block of this timestamp; undefined when it is free (timestamp > t + W). */
  find(sender: Address, reference: Uint8Array, timestamp: TimestampMs): ReferenceHolder | undefined;
  /** References that a block of this height and timestamp uses: opened for every execution. */
  openBlock(height: number, timestamp: TimestampMs): BlockReferences;
}

/** A transaction of the block and its place in it. */
export interface ReferenceUser {
  readonly id: Hash;
  readonly index: number;
}

/** The references of one undecided block. Duplicates inside the block count. */
export interface BlockReferences {
  isFree(sender: Address, reference: Uint8Array): boolean;
  /**
   * Uses it for that transaction, whose `index` is 0 for the first of the block, then one more each time. False, and
   * nothing changes, when it is not free.
   */
  use(sender: Address, reference: Uint8Array, transaction: ReferenceUser): boolean;
  /** Writes the rows into the height's batch; memory follows when it is written. */
  commit(batch: HeightBatch): void;
}

/** (scope, reference, day) entries used up for ever. */
export interface UsedOnceReader {
  has(scope: string, reference: string, day: number): boolean;
  openBlock(height: number): BlockUsedOnce;
}

/** The entries that one undecided block uses, with the savepoints of its transactions and calls. */
export interface BlockUsedOnce extends RunUsedOnce {
  commit(batch: HeightBatch): void;
}
