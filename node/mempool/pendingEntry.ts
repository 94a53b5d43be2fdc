import type { Address, DecodedTransaction, TimestampMs, TransactionPriority } from '../../primitives/types.js';
import { byteString } from '../storage/rowCodec.js';

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

/** What keeping it takes. */
export function keptBytes({ bytes }: DecodedTransaction): number {
  return bytes.length + OVERHEAD_BYTES;
}

export function pendingEntry(
  transaction: DecodedTransaction,
  about: Pick<PendingEntry, 'leafKey' | 'referenceKey' | 'member' | 'sinceMs'>,
): PendingEntry {
  const { id, body } = transaction;
  return {
    transaction,
    idKey: byteString(id),
    leafKey: about.leafKey,
    referenceKey: about.referenceKey,
    member: about.member,
    sizeBytes: keptBytes(transaction),
    expiresAt: body.expiresAt,
    priority: body.priority,
    sinceMs: about.sinceMs,
  };
}

/** One string for a (sender, reference) pair: the sender's length is fixed. */
export function referenceKey(sender: Address, reference: Uint8Array): string {
  return sender + byteString(reference);
}
