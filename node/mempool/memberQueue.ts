import type { TransactionPriority } from '../../primitives/types.js';
import type { PendingEntry } from './pendingEntry.js';

/** The waiting transactions of one member by their priority, each first in, first out; any one of them can be taken out. */
export class MemberQueue {
  private readonly entries: Readonly<Record<TransactionPriority, Set<PendingEntry>>> = {
    urgent: new Set(),
    normal: new Set(),
  };
  private bytes = 0;

  push(entry: PendingEntry): void {
    this.entries[entry.priority].add(entry);
    this.bytes += entry.sizeBytes;
  }

  delete(entry: PendingEntry): void {
    if (this.entries[entry.priority].delete(entry)) this.bytes -= entry.sizeBytes;
  }

  get size(): number {
    return this.entries.urgent.size + this.entries.normal.size;
  }

  get sizeBytes(): number {
    return this.bytes;
  }

  /** From the oldest to the newest. */
  of(priority: TransactionPriority): ReadonlySet<PendingEntry> {
    return this.entries[priority];
  }
}
