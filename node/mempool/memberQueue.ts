import type { PendingEntry } from './pendingEntry.js';

/** The waiting transactions of one member, first in, first out; any one of them can be taken out. */
export class MemberQueue {
  private readonly entries = new Set<PendingEntry>();
  private bytes = 0;

  push(entry: PendingEntry): void {
    this.entries.add(entry);
    this.bytes += entry.sizeBytes;
  }

  delete(entry: PendingEntry): void {
    if (this.entries.delete(entry)) this.bytes -= entry.sizeBytes;
  }

  get size(): number {
    return this.entries.size;
  }

  get sizeBytes(): number {
    return this.bytes;
  }

  /** From the oldest to the newest. */
  [Symbol.iterator](): Iterator<PendingEntry> {
    return this.entries.values();
  }
}
