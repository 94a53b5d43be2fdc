import type { Hash } from '../../primitives/bytes.js';
import type { DecodedTransaction } from '../../primitives/types.js';
import type { CommitResult } from '../execution/types.js';

/** What became of a submission at the door. */
export interface Admission {
  readonly id: Hash;
  /** `known` when the same id waits here or is on the chain: then nothing was done twice. */
  readonly status: 'accepted' | 'known';
}

/** Holds transactions that may be included, bounded in number and bytes, with a fair share for each member. */
export interface Mempool {
  /**
   * Decodes, checks and keeps a transaction. @throws MempoolError with a code that names the first rule it breaks
   * (`CHAIN_ID_MISMATCH`, `TRANSACTION_EXPIRED`, `SIGNER_UNKNOWN`, `SIGNATURE_INVALID`, `POLICY_NOT_MET`,
   * `REFERENCE_CONFLICT`, `MEMPOOL_FULL`, …)
   */
  admit(bytes: Uint8Array): Promise<Admission>;
  /** The same for transactions that a peer relays: faults are counted, not thrown. @returns how many were kept. */
  admitRelayed(transactions: readonly Uint8Array[]): Promise<number>;
  /** Candidates for a block in a fair order, within the given bounds. */
  candidates(maxCount: number, maxBytes: number): readonly DecodedTransaction[];
  /** A transaction by the hash of its signed bytes, as a compact proposal names it. */
  byLeafHash(leafHash: Hash): DecodedTransaction | undefined;
  /**
   * Checks signatures of a proposed block's transactions that the mempool has not checked before.
   * @returns undefined, or the first fault.
   */
  verifyProposed(transactions: readonly Uint8Array[]): Promise<{ code: string; message: string } | undefined>;
  /** Drops what is included or expired, learns new keys, accounts and references. */
  onCommitted(result: CommitResult): void;
  /** Drops candidates that can never be included. */
  reject(ids: readonly { id: Hash; code: string }[]): void;
  readonly size: number;
  readonly sizeBytes: number;
}
