import { encodeFrame, framedBytes } from './frame.js';
import { WIRE } from './limits.js';
import type { EncodedFrame } from './outbox.js';

/** Under load, frames follow each other no faster: those of one are all the fuller. */
const MIN_INTERVAL_MS = 8;

export interface TransactionRelayModules {
  /** Milliseconds that only grow. */
  readonly clock: () => number;
  /** Who is to have a frame; the same bytes go to all. */
  readonly send: (frame: EncodedFrame) => void;
  /** Transactions for which there was no room. */
  readonly onDropped: (count: number) => void;
}

/**
 * Gathers the transactions that are to be relayed until the end of the turn, or a little longer where the last frame has
 * only just left, and encodes them once for all peers.
 */
export class TransactionRelay {
  private waiting: Uint8Array[] = [];
  private waitingBytes = 0;
  private flushedAtMs = Number.NEGATIVE_INFINITY;
  private scheduled: NodeJS.Immediate | undefined;
  private timer: NodeJS.Timeout | undefined;

  /** `batchBytes`: of one frame; `maxBytes`: of what waits here */
  constructor(
    private readonly limits: { readonly batchBytes: number; readonly maxBytes: number },
    private readonly modules: TransactionRelayModules,
  ) {}

  put(transactions: readonly Uint8Array[]): void {
    let dropped = 0;
    for (const transaction of transactions) {
      const bytes = framedBytes(transaction);
      if (this.waitingBytes + bytes > this.limits.maxBytes) {
        dropped++;
        continue;
      }
      this.waiting.push(transaction);
      this.waitingBytes += bytes;
    }
    if (dropped > 0) this.modules.onDropped(dropped);
    this.schedule();
  }

  stop(): void {
    if (this.scheduled !== undefined) clearImmediate(this.scheduled);
    clearTimeout(this.timer);
    this.waiting = [];
    this.waitingBytes = 0;
  }

  private schedule(): void {
    if (this.waiting.length === 0 || this.scheduled !== undefined || this.timer !== undefined) return;
    const sinceMs = this.modules.clock() - this.flushedAtMs;
    if (sinceMs >= MIN_INTERVAL_MS) this.scheduled = setImmediate(this.flush);
    else this.timer = setTimeout(this.flush, MIN_INTERVAL_MS);
  }

  private readonly flush = (): void => {
    this.scheduled = undefined;
    this.timer = undefined;
    this.flushedAtMs = this.modules.clock();
    const transactions = this.waiting;
    this.waiting = [];
    this.waitingBytes = 0;
    for (let from = 0; from < transactions.length; ) {
      const to = this.endOfFrame(transactions, from);
      this.modules.send({ bytes: encodeFrame(transactions.slice(from, to)), messages: to - from });
      from = to;
    }
  };

  /** At least one, whatever its size. */
  private endOfFrame(transactions: readonly Uint8Array[], from: number): number {
    const most = Math.min(transactions.length, from + WIRE.messagesPerFrame);
    let bytes = framedBytes(transactions[from] as Uint8Array);
    let to = from + 1;
    for (; to < most; to++) {
      bytes += framedBytes(transactions[to] as Uint8Array);
      if (bytes > this.limits.batchBytes) break;
    }
    return to;
  }
}
