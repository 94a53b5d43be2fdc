import type { Stream } from '@libp2p/interface';
import type { Metrics } from '../ops/ports.js';
import { describeFailure, NetworkError } from './errors.js';
import { encodeFrame } from './frame.js';
import { type NetworkLimits, type ProtocolName, WIRE } from './limits.js';
import { METRIC } from './metrics.js';
import { ConsensusOutbox, type EncodedFrame, TransactionOutbox } from './outbox.js';
import type { MonotonicClock } from './throttle.js';

/** What one turn may write before others of the event loop get theirs. */
const BYTES_PER_TURN = 1_048_576;

/** Bytes of an answer or a request that are written piece by piece, after everything that is more urgent. */
interface BulkWrite {
  readonly stream: Stream;
  readonly bytes: Uint8Array;
  offset: number;
  readonly done: () => void;
  readonly failed: (error: NetworkError) => void;
}

/**
 * Everything that is written to one peer, in one order: consensus first, then transactions and bulk by turns. It hands
 * to libp2p only what the connection can take at that moment, so that what waits, waits here, where it is bounded and
 * can still be overtaken.
 */
export class PeerWriter {
  private readonly consensus: ConsensusOutbox;
  private readonly transactions: TransactionOutbox;
  private readonly bulk: BulkWrite[] = [];
  private streams: { readonly consensus: Stream; readonly transactions: Stream } | undefined;
  private scheduled: NodeJS.Immediate | undefined;
  private bulkIsNext = false;
  private closed = false;
  private progressAtMs: number;

  constructor(
    private readonly options: { readonly limits: NetworkLimits },
    private readonly modules: {
      readonly metrics: Metrics;
      readonly clock: MonotonicClock;
      /** The connection is of no more use. */
      readonly onBroken: (error: NetworkError) => void;
    },
  ) {
    const { limits } = options;
    this.consensus = new ConsensusOutbox({
      maxMessages: limits.consensusOutboxMessages,
      maxBytes: limits.consensusOutboxBytes,
    });
    this.transactions = new TransactionOutbox({
      maxMessages: limits.transactionOutboxMessages,
      maxBytes: limits.transactionOutboxBytes,
    });
    this.progressAtMs = modules.clock();
  }

  /** Gives it the long-lived streams that it writes to from now on. */
  attach(streams: { readonly consensus: Stream; readonly transactions: Stream }): void {
    this.streams = streams;
    streams.consensus.addEventListener('drain', this.schedule);
    streams.transactions.addEventListener('drain', this.schedule);
  }

  /** Queues a consensus message; an overflow ends the connection, whose peer catches up when it is back. */
  sendConsensus(key: string, message: Uint8Array): void {
    if (this.closed) return;
    const { metrics, onBroken } = this.modules;
    this.noteWaiting();
    if (this.consensus.has(key)) metrics.count(METRIC.replaced);
    if (this.consensus.put(key, message)) {
      this.schedule();
      return;
    }
    onBroken(
      new NetworkError(
        'OUTBOX_OVERFLOW',
        `expected the peer to read its consensus messages, found ${this.consensus.size} of ${this.consensus.sizeBytes} bytes waiting`,
        {
          expected: `at most ${this.options.limits.consensusOutboxMessages} messages and ${this.options.limits.consensusOutboxBytes} bytes waiting`,
          actual: `${this.consensus.size} messages and ${this.consensus.sizeBytes} bytes`,
          hint: 'check the peer and the line to it; it catches up when it reconnects',
        },
      ),
    );
  }

  /** Queues a frame of transactions, which is dropped where it has no room: their sender still has them. */
  sendTransactions(frame: EncodedFrame): void {
    if (this.closed) return;
    this.noteWaiting();
    if (this.transactions.put(frame)) this.schedule();
    else this.modules.metrics.count(METRIC.dropped, frame.messages, { protocol: 'transactions' });
  }

  /** Writes bytes to a stream of their own, after what is more urgent. @throws NetworkError when the stream ends. */
  writeBulk(stream: Stream, bytes: Uint8Array): Promise<void> {
    // A stream that ended before has had its close event: nothing would ever settle a write to it.
    if (this.closed || stream.status !== 'open') return Promise.reject(disconnected());
    this.noteWaiting();
    return new Promise((done, failed) => {
      const write: BulkWrite = { stream, bytes, offset: 0, done, failed };
      this.bulk.push(write);
      stream.addEventListener('drain', this.schedule);
      stream.addEventListener('close', () => {
        this.endBulk(write, disconnected());
      });
      this.schedule();
    });
  }

  /** An empty frame on each long-lived stream, where that can be written at once. */
  heartbeat(): void {
    if (this.closed || this.streams === undefined) return;
    const frame = encodeFrame([]);
    for (const stream of [this.streams.consensus, this.streams.transactions]) {
      if (isWritable(stream)) this.write(stream, frame);
    }
  }

  /** How long messages have waited without a byte written; 0 when none wait. */
  stalledMs(): number {
    return this.hasWaiting() ? this.modules.clock() - this.progressAtMs : 0;
  }

  /** Bytes that wait in the outboxes. */
  get waitingBytes(): number {
    return this.consensus.sizeBytes + this.transactions.sizeBytes;
  }

  close(): void {
    if (this.closed) return;
    this.closed = true;
    if (this.scheduled !== undefined) clearImmediate(this.scheduled);
    this.consensus.clear();
    this.transactions.clear();
    for (const write of this.bulk.splice(0)) write.failed(disconnected());
  }

  /** Pumps in the next turn, so that the messages of this one share a frame. */
  private readonly schedule = (): void => {
    if (this.closed || this.scheduled !== undefined) return;
    this.scheduled = setImmediate(() => {
      this.scheduled = undefined;
      this.pump();
    });
  };

  private pump(): void {
    let budget = BYTES_PER_TURN;
    while (!this.closed && budget > 0) {
      const written = this.pumpConsensus() || this.pumpRest();
      if (written === 0) return;
      budget -= written;
      this.progressAtMs = this.modules.clock();
    }
    this.schedule();
  }

  private pumpConsensus(): number {
    if (this.streams === undefined || this.consensus.size === 0 || !isWritable(this.streams.consensus)) return 0;
    const messages = this.consensus.take(WIRE.messagesPerFrame, this.options.limits.batchBytes);
    const frame = { bytes: encodeFrame(messages), messages: messages.length };
    return this.writeFrame('consensus', this.streams.consensus, frame);
  }

  private pumpRest(): number {
    this.bulkIsNext = !this.bulkIsNext;
    return this.bulkIsNext ? this.pumpBulk() || this.pumpTransactions() : this.pumpTransactions() || this.pumpBulk();
  }

  private pumpTransactions(): number {
    if (this.streams === undefined || this.transactions.size === 0) return 0;
    if (!isWritable(this.streams.transactions)) return 0;
    const frame = this.transactions.take();
    return frame === undefined ? 0 : this.writeFrame('transactions', this.streams.transactions, frame);
  }

  /** One piece of the first answer or request whose stream can take it, which then goes to the end of the row. */
  private pumpBulk(): number {
    const index = this.bulk.findIndex(({ stream }) => isWritable(stream));
    const write = this.bulk[index];
    if (write === undefined) return 0;
    const piece = write.bytes.subarray(write.offset, write.offset + this.options.limits.batchBytes);
    this.bulk.splice(index, 1);
    write.offset += piece.length;
    if (write.offset < write.bytes.length) this.bulk.push(write);
    try {
      write.stream.send(piece);
    } catch (cause) {
      this.endBulk(write, disconnected(cause));
      return piece.length;
    }
    this.modules.metrics.count(METRIC.bytes, piece.length, { protocol: 'request', direction: 'out' });
    if (write.offset === write.bytes.length) write.done();
    return piece.length;
  }

  private writeFrame(protocol: ProtocolName, stream: Stream, { bytes, messages }: EncodedFrame): number {
    this.write(stream, bytes);
    this.modules.metrics.count(METRIC.frames, 1, { protocol });
    this.modules.metrics.count(METRIC.messages, messages, { protocol, direction: 'out' });
    this.modules.metrics.count(METRIC.bytes, bytes.length, { protocol, direction: 'out' });
    return bytes.length;
  }

  private write(stream: Stream, frame: Uint8Array): void {
    try {
      stream.send(frame);
    } catch (cause) {
      this.modules.onBroken(disconnected(cause));
    }
  }

  private endBulk(write: BulkWrite, error: NetworkError): void {
    const index = this.bulk.indexOf(write);
    if (index >= 0) this.bulk.splice(index, 1);
    write.failed(error);
  }

  private hasWaiting(): boolean {
    return this.consensus.size > 0 || this.transactions.size > 0 || this.bulk.length > 0;
  }

  /** The clock of a stall starts when something begins to wait. */
  private noteWaiting(): void {
    if (!this.hasWaiting()) this.progressAtMs = this.modules.clock();
  }
}

/** True when the stream can take a frame now; a `drain` event says when it can again. */
function isWritable(stream: Stream): boolean {
  return stream.status === 'open' && stream.writeStatus === 'writable' && !stream.writableNeedsDrain;
}

function disconnected(cause?: unknown): NetworkError {
  const why = cause === undefined ? '' : `: ${describeFailure(cause)}`;
  return new NetworkError('PEER_DISCONNECTED', `the connection ended before everything was written${why}`, {
    hint: 'the network reconnects by itself; ask again, or ask another peer',
  });
}
