import { toHex } from '../../primitives/bytes.js';
import type { Address, DecodedTransaction, TimestampMs, TransactionPriority } from '../../primitives/types.js';

/** A transaction that waits, with the keys under which it is found. */
export interface PendingEntry {
  readonly transaction: DecodedTransaction;
  readonly idKey: string;
  readonly leafKey: string;
  readonly referenceKey: string;
  /** The member whose share it uses: that of the sender's account. */
  readonly member: string;
  readonly sizeBytes: number;
  readonly expiresAt: TimestampMs;
  readonly priority: TransactionPriority;
  /** When it was taken in, by the wall clock. */
  readonly sinceMs: TimestampMs;
}

/** What one kept transaction takes beside its bytes, roughly: decoded fields, keys and places in the indexes. */
const OVERHEAD_BYTES = 1_024;

export function pendingEntry(transaction: DecodedTransaction, member: string, sinceMs: TimestampMs): PendingEntry {
  const { id, leafHash, body, bytes } = transaction;
  return {
    transaction,
    idKey: toHex(id),
    leafKey: toHex(leafHash),
    referenceKey: referenceKey(body.sender, body.reference),
    member,
    sizeBytes: bytes.length + OVERHEAD_BYTES,
    expiresAt: body.expiresAt,
    priority: body.priority,
    sinceMs,
  };
}

/** One string for a (sender, reference) pair: the sender's length is fixed. */
export function referenceKey(sender: Address, reference: Uint8Array): string {
  return sender + toHex(reference);
}
