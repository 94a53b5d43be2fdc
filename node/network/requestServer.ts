import type { Stream } from '@libp2p/interface';
import { InvariantError, isCodedError } from '../../primitives/errors.js';
import { utf8Encode } from '../../primitives/text.js';
import type { Logger, Metrics } from '../ops/ports.js';
import { describeFailure, isFatalFault, NetworkError } from './errors.js';
import { encodeFrame, FRAMES } from './frame.js';
import { type NetworkLimits, type PeerQuota, WIRE } from './limits.js';
import { METRIC } from './metrics.js';
import type { PeerWriter } from './peerWriter.js';
import { receiveFrame } from './receiveFrame.js';
import { abandon, closeQuietly } from './streamEnd.js';
import { type MonotonicClock, Throttle } from './throttle.js';

/** Bytes of answers to all peers together that may be in memory at once. */
export class AnswerBudget {
  private used = 0;

  constructor(private readonly maxBytes: number) {}

  tryReserve(bytes: number): boolean {
    if (this.used + bytes > this.maxBytes) return false;
    this.used += bytes;
    return true;
  }

  release(bytes: number): void {
    this.used -= bytes;
  }
}

const EMPTY = new Uint8Array(0);
/** Codes of refusals, as they stand in an answer: docs/PROTOCOL.md §Network, Requests. */
const REFUSAL = { busy: 'BUSY', tooLarge: 'ANSWER_TOO_LARGE', failed: 'FAILED' } as const;

/** Answers the requests of one peer, within its quota; over it the peer is told to come back later. */
export class RequestServer {
  private active = 0;
  private readonly requestRate: Throttle;
  private readonly answerRate: Throttle;

  constructor(
    private readonly options: { readonly peerId: string; readonly quota: PeerQuota; readonly limits: NetworkLimits },
    private readonly modules: {
      readonly writer: PeerWriter;
      readonly budget: AnswerBudget;
      readonly metrics: Metrics;
      readonly logger: Logger;
      readonly clock: MonotonicClock;
      readonly answer: (request: Uint8Array) => Promise<Uint8Array>;
      readonly onHeard: () => void;
      readonly onFault: (fault: unknown) => void;
    },
  ) {
    this.requestRate = new Throttle(options.quota.requestsPerSecond, modules.clock);
    this.answerRate = new Throttle(options.quota.answerBytesPerSecond, modules.clock);
  }

  /** Serves the request that a stream brings. */
  async serve(stream: Stream): Promise<void> {
    const overQuota = this.active >= this.options.quota.concurrentRequests || !this.requestRate.tryTake(1);
    this.active++;
    try {
      const [request] = await receiveFrame(stream, {
        limits: FRAMES.request,
        timeoutMs: this.options.limits.requestReceiveTimeoutMs,
        onBytes: (bytes) => this.countBytes(bytes),
      });
      if (request === undefined) throw emptyRequest();
      if (overQuota) await this.refuse(stream, REFUSAL.busy);
      else await this.answer(stream, request);
      await closeQuietly(stream);
      abandon(stream, this.options.limits.openTimeoutMs);
    } catch (error) {
      if (!(error instanceof NetworkError)) throw error;
      this.count(error.code);
      stream.abort(error);
      if (isFatalFault(error.code)) this.modules.onFault(error);
    } finally {
      this.active--;
    }
  }

  private async answer(stream: Stream, request: Uint8Array): Promise<void> {
    const answer = await this.ask(request);
    if (typeof answer === 'string') return this.refuse(stream, answer);
    if (answer.length > WIRE.answerBytes) {
      this.logFailure(`expected an answer of at most ${WIRE.answerBytes} bytes, made one of ${answer.length}`);
      return this.refuse(stream, REFUSAL.tooLarge);
    }
    if (!this.answerRate.tryTake(answer.length)) return this.refuse(stream, REFUSAL.busy);
    const { budget } = this.modules;
    if (!budget.tryReserve(answer.length)) return this.refuse(stream, REFUSAL.busy);
    try {
      await this.write(stream, [EMPTY, answer]);
      this.count('answered');
    } finally {
      budget.release(answer.length);
    }
  }

  /** @returns the answer, or the code of why there is none. */
  private async ask(request: Uint8Array): Promise<Uint8Array | string> {
    try {
      return await this.modules.answer(request);
    } catch (error) {
      // A broken invariant stops the node; it is nothing to tell a peer and go on.
      if (error instanceof InvariantError) throw error;
      if (isCodedError(error)) return error.code.slice(0, WIRE.answerCodeBytes);
      this.logFailure(describeFailure(error));
      return REFUSAL.failed;
    }
  }

  private async refuse(stream: Stream, code: string): Promise<void> {
    this.count(code);
    await this.write(stream, [utf8Encode(code), EMPTY]);
  }

  /** Writes an answer, or ends its stream when the peer does not read it in time. */
  private async write(stream: Stream, messages: readonly Uint8Array[]): Promise<void> {
    const { answerSendTimeoutMs } = this.options.limits;
    const timer = setTimeout(() => {
      stream.abort(
        new NetworkError(
          'REQUEST_TIMEOUT',
          `expected the answer to be read within ${answerSendTimeoutMs} ms, found it waiting`,
        ),
      );
    }, answerSendTimeoutMs);
    try {
      await this.modules.writer.writeBulk(stream, encodeFrame(messages));
    } finally {
      clearTimeout(timer);
    }
  }

  private countBytes(bytes: number): void {
    this.modules.onHeard();
    this.modules.metrics.count(METRIC.bytes, bytes, { protocol: 'request', direction: 'in' });
  }

  private count(result: string): void {
    this.modules.metrics.count(METRIC.requests, 1, { direction: 'in', result });
  }

  private logFailure(failure: string): void {
    const fields = { event: 'network.request_failed', peer: this.options.peerId, failure };
    this.modules.logger.error(fields, 'a request of a peer could not be answered');
  }
}

function emptyRequest(): NetworkError {
  return new NetworkError('FRAME_MALFORMED', 'expected a request, found a frame without a message', {
    expected: 'one message',
    actual: 'none',
  });
}
