import type { Connection, Stream } from '@libp2p/interface';
import { utf8Decode } from '../../primitives/text.js';
import type { Metrics } from '../ops/ports.js';
import { describeFailure, isFatalFault, NetworkError } from './errors.js';
import { encodeFrame, FRAMES } from './frame.js';
import { type NetworkLimits, PROTOCOLS, WIRE } from './limits.js';
import { METRIC } from './metrics.js';
import type { PeerWriter } from './peerWriter.js';
import { receiveFrame, timedOut } from './receiveFrame.js';
import { abandon, closeQuietly } from './streamEnd.js';
import type { MonotonicClock } from './throttle.js';

/** Asks one peer: each request has a stream of its own, and their number is bounded. */
export class RequestClient {
  private open = 0;

  constructor(
    private readonly options: { readonly peerId: string; readonly limits: NetworkLimits },
    private readonly modules: {
      readonly connection: Connection;
      readonly writer: PeerWriter;
      readonly metrics: Metrics;
      readonly clock: MonotonicClock;
      readonly onHeard: () => void;
      readonly onFault: (fault: unknown) => void;
    },
  ) {}

  /**
   * @param timeoutMs for all of it: opening, asking, answering
   * @throws NetworkError `MESSAGE_TOO_LARGE`, `REQUEST_LIMIT`, `REQUEST_TIMEOUT`, `REQUEST_REFUSED` with the peer's code
   * in `details.answerCode`, `PEER_DISCONNECTED`, or the fault of its answer
   */
  async request(request: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    this.check(request);
    this.open++;
    try {
      const answer = await this.ask(request, timeoutMs);
      this.modules.metrics.count(METRIC.requests, 1, { direction: 'out', result: 'answered' });
      return answer;
    } catch (error) {
      const result = error instanceof NetworkError ? error.code : 'FAILED';
      this.modules.metrics.count(METRIC.requests, 1, { direction: 'out', result });
      throw error;
    } finally {
      this.open--;
    }
  }

  private check(request: Uint8Array): void {
    const { openRequestsPerPeer } = this.options.limits;
    if (request.length > WIRE.requestBytes) {
      throw new NetworkError(
        'MESSAGE_TOO_LARGE',
        `expected a request of at most ${WIRE.requestBytes} bytes, found ${request.length}`,
        {
          expected: `at most ${WIRE.requestBytes} bytes`,
          actual: `${request.length} bytes`,
          hint: 'ask for less at a time',
        },
      );
    }
    if (this.open >= openRequestsPerPeer) {
      throw new NetworkError(
        'REQUEST_LIMIT',
        `expected at most ${openRequestsPerPeer} open requests to ${this.options.peerId}, found as many`,
        {
          expected: `at most ${openRequestsPerPeer}`,
          actual: `${this.open}`,
          hint: 'wait for one, or ask another peer',
        },
      );
    }
  }

  private async ask(request: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    const { connection, writer, clock, onHeard, onFault } = this.modules;
    const deadlineMs = clock() + timeoutMs;
    const stream = await this.openStream(connection, timeoutMs);
    try {
      const answer = receiveFrame(stream, {
        limits: FRAMES.answer,
        timeoutMs: deadlineMs - clock(),
        onBytes: (bytes) => {
          onHeard();
          this.modules.metrics.count(METRIC.bytes, bytes, { protocol: 'request', direction: 'in' });
        },
      });
      const asked = writer.writeBulk(stream, encodeFrame([request])).then(() => closeQuietly(stream));
      const messages = await Promise.race([answer, asked.then(() => answer)]);
      abandon(stream, this.options.limits.openTimeoutMs);
      return readAnswer(messages);
    } catch (error) {
      if (error instanceof NetworkError) {
        stream.abort(error);
        if (isFatalFault(error.code)) onFault(error);
      }
      throw error;
    }
  }

  private async openStream(connection: Connection, timeoutMs: number): Promise<Stream> {
    const signal = AbortSignal.timeout(Math.max(1, timeoutMs));
    try {
      return await connection.newStream(PROTOCOLS.request, { signal });
    } catch (cause) {
      if (signal.aborted) throw timedOut(timeoutMs);
      throw new NetworkError(
        'PEER_DISCONNECTED',
        `the stream of a request could not be opened: ${describeFailure(cause)}`,
        {
          hint: 'ask again, or ask another peer',
        },
      );
    }
  }
}

/** @throws NetworkError `REQUEST_REFUSED`, `FRAME_MALFORMED` */
function readAnswer(messages: readonly Uint8Array[]): Uint8Array {
  const [code, answer] = messages;
  if (code === undefined || answer === undefined || code.length > WIRE.answerCodeBytes) {
    throw new NetworkError('FRAME_MALFORMED', `expected a code and an answer, found ${messages.length} messages`, {
      expected: `a code of at most ${WIRE.answerCodeBytes} bytes and an answer`,
      actual: `${messages.length} messages`,
    });
  }
  if (code.length === 0) return answer;
  const answerCode = printable(code);
  throw new NetworkError('REQUEST_REFUSED', `expected an answer, found the peer's refusal ${answerCode}`, {
    expected: 'an answer',
    actual: answerCode,
    hint: 'ask again later, or ask another peer',
    answerCode,
  });
}

function printable(code: Uint8Array): string {
  try {
    const text = utf8Decode(code);
    return /^[A-Z0-9_]+$/.test(text) ? text : 'UNREADABLE';
  } catch {
    return 'UNREADABLE';
  }
}
