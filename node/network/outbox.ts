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

/** A frame as it is written, and how many messages it holds. */
export interface EncodedFrame {
  readonly bytes: Uint8Array;
  readonly messages: number;
}

/** Frames of transactions that wait for one peer, first in, first out. What does not fit is not taken. */
export class TransactionOutbox {
  private waiting: EncodedFrame[] = [];
  private head = 0;
  private messages = 0;
  private bytes = 0;

  constructor(private readonly limits: OutboxLimits) {}

  /** @returns false when it is full and the frame was not taken. */
  put(frame: EncodedFrame): boolean {
    const messages = this.messages + frame.messages;
    const bytes = this.bytes + frame.bytes.length;
    if (messages > this.limits.maxMessages || bytes > this.limits.maxBytes) return false;
    this.waiting.push(frame);
    this.messages = messages;
    this.bytes = bytes;
    return true;
  }

  /** The oldest frame. */
  take(): EncodedFrame | undefined {
    const frame = this.waiting[this.head];
    if (frame === undefined) return undefined;
    this.head++;
    this.messages -= frame.messages;
    this.bytes -= frame.bytes.length;
    this.compact();
    return frame;
  }

  /** Messages of the frames. */
  get size(): number {
    return this.messages;
  }

  get sizeBytes(): number {
    return this.bytes;
  }

  clear(): void {
    this.waiting = [];
    this.head = 0;
    this.messages = 0;
    this.bytes = 0;
  }

  /** Lets go of what was taken once it is the larger part, so that taking stays cheap. */
  private compact(): void {
    if (2 * this.head < this.waiting.length) return;
    this.waiting = this.waiting.slice(this.head);
    this.head = 0;
  }
}
