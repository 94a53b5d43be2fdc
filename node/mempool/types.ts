import type { Hash } from '../../primitives/bytes.js';
import type { CodedError } from '../../primitives/errors.js';
import type { Call, DecodedTransaction } from '../../primitives/types.js';
import type { CommitResult, MemberLead } from '../execution/types.js';

/** What became of a submission at the door. */
export interface Admission {
  readonly id: Hash;
  /** `known` when the same id waits here or is on the chain: then nothing was done twice. */
  readonly status: 'accepted' | 'known';
}

/** What became of one transaction of a batch. */
export type AdmissionResult = Admission | { readonly error: CodedError };

/** Candidates for one block, and which of their members are ahead of the others. */
export interface CandidateOffer {
  readonly transactions: readonly DecodedTransaction[];
  readonly leads: readonly MemberLead[];
}

/** A candidate that a build left out: `retry` where a later block may hold it. */
export interface LeftOutCandidate {
  readonly id: Hash;
  readonly code: string;
  readonly retry?: boolean;
}

/**
 * What a door asks of the calls of a transaction whose signatures are valid; undefined where nothing has to be waited for.
 *
 * @throws CodedError for calls that it refuses, at once or later
 */
export type RequireCalls = (calls: readonly Call[]) => Promise<void> | undefined;

/** Holds transactions that may be included, bounded in number and bytes, with a fair share for each member. */
export interface Mempool {
  /**
   * Decodes, checks and keeps a transaction that was submitted here, and has it relayed. Cheap rules come first, then
   * signatures. @throws MempoolError with the code of the first rule that it breaks: `MEMPOOL_BUSY`,
   * `TRANSACTION_TOO_LARGE`, `TRANSACTION_MALFORMED`, `CHAIN_ID_MISMATCH`, `TRANSACTION_QUARANTINED`,
   * `REFERENCE_CONFLICT`, `TRANSACTION_EXPIRED`, `EXPIRY_TOO_FAR`, `SENDER_UNKNOWN`, `SENDER_SUSPENDED`,
   * `SIGNER_UNKNOWN`, `POLICY_NOT_MET`, `URGENT_QUOTA_EXCEEDED`, `MEMPOOL_FULL`, `SIGNATURE_INVALID`; or CodedError `VERIFIER_…` when
   * signatures cannot be checked now; what `requireCalls` throws
   */
  admit(bytes: Uint8Array, requireCalls?: RequireCalls): Promise<Admission>;
  /**
   * The same for several at once, each by itself: a fault of one leaves the others alone.
   * @returns one result for each, in order
   */
  admitMany(transactions: readonly Uint8Array[], requireCalls?: RequireCalls): Promise<readonly AdmissionResult[]>;
  /**
   * The same for transactions that a peer relays, within the work that one peer may cause: faults are counted, not
   * thrown, and nothing is relayed again. @returns how many were kept.
   */
  admitRelayed(transactions: readonly Uint8Array[], peerId?: string): Promise<number>;
  /**
   * Candidates for a block in a fair order, within the given bounds, with what a builder needs to divide its block fairly; the
   * first one may be larger than `maxBytes`.
   *
   * @param maxFuel at which the builder is to end the block; the network's limit where it is not given
   */
  offer(maxCount: number, maxBytes: number, maxFuel?: number): CandidateOffer;
  /** A transaction by the hash of its signed bytes, as a compact proposal names it. */
  byLeafHash(leafHash: Hash): DecodedTransaction | undefined;
  /**
   * Checks signatures of a proposed block's transactions that the mempool has not checked before.
   *
   * @param leafHashes the transactions' own, in their order
   * @returns undefined, or the first fault.
   */
  verifyProposed(
    transactions: readonly Uint8Array[],
    leafHashes: readonly Hash[],
  ): Promise<{ code: string; message: string } | undefined>;
  /** Drops what is included or expired, learns new keys, accounts and references. */
  onCommitted(result: CommitResult): void;
  /**
   * Drops candidates that can never be included. Those marked `retry` stay; where the quota of their member is used up,
   * none of the member's are offered before its next window.
   */
  reject(leftOut: readonly LeftOutCandidate[]): void;
  /**
   * Keeps a transaction that broke the executor out of own proposals, and all of its sender's after several such.
   * @param transactions those of the block that it stood in, each well-formed
   */
  quarantine(id: Hash, transactions: readonly Uint8Array[]): void;
  /** The first of a block's transactions that is kept out of own proposals. @throws MempoolError when one is malformed */
  findQuarantined(transactions: readonly Uint8Array[]): Hash | undefined;
  readonly size: number;
  readonly sizeBytes: number;
}
