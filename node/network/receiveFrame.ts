import type { Stream, StreamMessageEvent } from '@libp2p/interface';
import { NetworkError } from './errors.js';
import { FrameDecoder, type FrameLimits } from './frame.js';

/** Bytes of a message event, which may come as a list of pieces. */
export function eventBytes(event: StreamMessageEvent): Uint8Array {
  return event.data instanceof Uint8Array ? event.data : event.data.subarray();
}

/**
 * The one frame that a stream of its own brings, as its messages. Every piece that arrives is reported to `onBytes`.
 *
 * @throws NetworkError `REQUEST_TIMEOUT`, `PEER_DISCONNECTED`, or a fault of the frame
 */
export function receiveFrame(
  stream: Stream,
  options: { readonly limits: FrameLimits; readonly timeoutMs: number; readonly onBytes: (bytes: number) => void },
): Promise<readonly Uint8Array[]> {
  return new Promise((resolve, reject) => {
    const decoder = new FrameDecoder(options.limits);
    /** The first one settles; what comes after it changes nothing. */
    const finish = (settle: () => void): void => {
      clearTimeout(timer);
      stream.removeEventListener('message', onMessage);
      stream.removeEventListener('remoteCloseWrite', onEnd);
      stream.removeEventListener('close', onEnd);
      settle();
    };
    const onMessage = (event: StreamMessageEvent): void => {
      const piece = eventBytes(event);
      options.onBytes(piece.length);
      try {
        const frame = decoder.push(piece)[0];
        if (frame !== undefined) finish(() => resolve(frame));
      } catch (fault) {
        finish(() => reject(fault));
      }
    };
    // The end may be known before the last piece is handed out: it comes in the same turn.
    const onEnd = (): void => {
      setImmediate(() => {
        if (stream.readBufferLength === 0) finish(() => reject(ended(decoder.pendingBytes)));
      });
    };
    const timer = setTimeout(() => finish(() => reject(timedOut(options.timeoutMs))), Math.max(1, options.timeoutMs));
    stream.addEventListener('message', onMessage);
    stream.addEventListener('remoteCloseWrite', onEnd);
    stream.addEventListener('close', onEnd);
    if (stream.remoteWriteStatus === 'closed') onEnd();
  });
}

function ended(pendingBytes: number): NetworkError {
  return new NetworkError(
    'PEER_DISCONNECTED',
    `expected a whole frame, found the stream's end after ${pendingBytes} bytes`,
    {
      expected: 'a whole frame',
      actual: `${pendingBytes} bytes`,
      hint: 'ask again, or ask another peer',
    },
  );
}

export function timedOut(timeoutMs: number): NetworkError {
  return new NetworkError('REQUEST_TIMEOUT', `expected a whole frame within ${timeoutMs} ms, found less`, {
    expected: `a frame within ${timeoutMs} ms`,
    actual: 'no whole frame',
    hint: 'ask again, or ask another peer',
  });
}
