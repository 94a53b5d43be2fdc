import type { Hex } from '../primitives/bytes.js';
import { toHex } from '../primitives/bytes.js';
import type { CodedError } from '../primitives/errors.js';
import type { VerifiedFinality } from '../primitives/finality.js';
import type { Receipt } from '../primitives/types.js';

/** A transaction that is final, proven from the trusted validators. */
export interface FinalTransaction {
  readonly id: Hex;
  readonly height: number;
  readonly index: number;
  readonly blockHash: Hex;
  readonly timestamp: number;
  /** Whether it did what it should; when not, `code` says why, and nothing of it happened. */
  readonly success: boolean;
  readonly code: string;
  readonly receipt: Receipt;
}

/** What is known of one transaction of many. */
export type TransactionOutcome =
  | { readonly status: 'final'; readonly id: Hex; readonly final: FinalTransaction }
  /** Refused for good, at the door, by every node that was asked before any had taken it. */
  | { readonly status: 'rejected'; readonly id: Hex; readonly error: CodedError }
  /** It may or may not become final. */
  | { readonly status: 'unknown'; readonly id: Hex; readonly error: CodedError | undefined };

/** Those of one proof, whose block they share. */
export function finalTransactions(verified: readonly VerifiedFinality[]): FinalTransaction[] {
  const [first] = verified;
  const blockHash = first === undefined ? '0x' : toHex(first.blockHash);
  return verified.map((one) => finalTransaction(one, blockHash));
}

export function finalTransaction(
  { header, blockHash, receipt, index }: VerifiedFinality,
  blockHex: Hex = toHex(blockHash),
): FinalTransaction {
  return {
    id: toHex(receipt.transactionId),
    height: header.height,
    index,
    blockHash: blockHex,
    timestamp: header.timestamp,
    success: receipt.success,
    code: receipt.code,
    receipt,
  };
}
