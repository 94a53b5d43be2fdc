import { framedBytes } from './frame.js';

/** What an outbox may hold. */
export interface OutboxLimits {
  readonly maxMessages: number;
  readonly maxBytes: number;
}

/**
 * Consensus messages that wait for one peer, in the order of their keys' arrival. A newer message under a key takes the
 * place of the one that waits: only the newest word of a height counts, and a slow reader cannot make it grow.
 */
export class ConsensusOutbox {
  private readonly waiting = new Map<string, Uint8Array>();
  private bytes = 0;

  constructor(private readonly limits: OutboxLimits) {}

  /** @returns false when it is full and the message was not taken. */
  put(key: string, message: Uint8Array): boolean {
    const replaced = this.waiting.get(key);
    const bytes = this.bytes + framedBytes(message) - (replaced === undefined ? 0 : framedBytes(replaced));
    const messages = this.waiting.size + (replaced === undefined ? 1 : 0);
    if (messages > this.limits.maxMessages || bytes > this.limits.maxBytes) return false;
    this.waiting.set(key, message);
    this.bytes = bytes;
    return true;
  }

  has(key: string): boolean {
    return this.waiting.has(key);
  }

  /** The oldest messages, at least one if there is one, until a frame is full. */
  take(maxMessages: number, maxBytes: number): Uint8Array[] {
    const taken: Uint8Array[] = [];
    let bytes = 0;
    for (const [key, message] of this.waiting) {
      const size = framedBytes(message);
      if (taken.length > 0 && (taken.length === maxMessages || bytes + size > maxBytes)) break;
      this.waiting.delete(key);
      taken.push(message);
      bytes += size;
    }
    this.bytes -= bytes;
    return taken;
  }

  get size(): number {
    return this.waiting.size;
  }

  get sizeBytes(): number {
    return this.bytes;
  }

  clear(): void {
    this.waiting.clear();
    this.bytes = 0;
  }
}

/** Transactions that wait for one peer, first in, first out. What does not fit is not taken. */
export class TransactionOutbox {
  private waiting: Uint8Array[] = [];
  private head = 0;
  private bytes = 0;

  constructor(private readonly limits: OutboxLimits) {}

  /** @returns false when it is full and the transaction was not taken. */
  put(transaction: Uint8Array): boolean {
    const bytes = this.bytes + framedBytes(transaction);
    if (this.size === this.limits.maxMessages || bytes > this.limits.maxBytes) return false;
    this.waiting.push(transaction);
    this.bytes = bytes;
    return true;
  }

  /** The oldest transactions, at least one if there is one, until a frame is full. */
  take(maxMessages: number, maxBytes: number): Uint8Array[] {
    let end = this.head;
    let bytes = 0;
    while (end < this.waiting.length && end - this.head < maxMessages) {
      const size = framedBytes(this.waiting[end] as Uint8Array);
      if (end > this.head && bytes + size > maxBytes) break;
      bytes += size;
      end++;
    }
    const taken = this.waiting.slice(this.head, end);
    this.head = end;
    this.bytes -= bytes;
    this.compact();
    return taken;
  }

  get size(): number {
    return this.waiting.length - this.head;
  }

  get sizeBytes(): number {
    return this.bytes;
  }

  clear(): void {
    this.waiting = [];
    this.head = 0;
    this.bytes = 0;
  }

  /** Lets go of what was taken once it is the larger part, so that taking stays cheap. */
  private compact(): void {
    if (this.head === 0 || 2 * this.head < this.waiting.length) return;
    this.waiting = this.waiting.slice(this.head);
    this.head = 0;
  }
}
