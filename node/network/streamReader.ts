import type { Stream, StreamMessageEvent } from '@libp2p/interface';
import type { Metrics } from '../ops/ports.js';
import { FrameDecoder, type FrameLimits } from './frame.js';
import type { ProtocolName } from './limits.js';
import { METRIC } from './metrics.js';
import { eventBytes } from './receiveFrame.js';
import type { Throttle } from './throttle.js';

/** What a message costs beside its bytes: a flood of tiny ones costs us time, not bandwidth. */
const MESSAGE_CHARGE_BYTES = 128;

/**
 * Reads a long-lived stream of frames. A peer over its rate is not cut off, it is read later: the stream's window fills
 * and the peer has to wait, and nobody else does.
 */
export class StreamReader {
  private readonly decoder: FrameDecoder;
  private resumeTimer: NodeJS.Timeout | undefined;
  private stopped = false;

  constructor(
    private readonly options: {
      readonly protocol: ProtocolName;
      readonly stream: Stream;
      readonly frames: FrameLimits;
    },
    private readonly modules: {
      readonly metrics: Metrics;
      readonly throttle: Throttle;
      readonly onHeard: () => void;
      readonly onMessages: (messages: readonly Uint8Array[]) => void;
      readonly onFault: (fault: unknown) => void;
    },
  ) {
    this.decoder = new FrameDecoder(options.frames);
  }

  start(): void {
    this.options.stream.addEventListener('message', this.onPiece);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.resumeTimer);
    this.options.stream.removeEventListener('message', this.onPiece);
  }

  private readonly onPiece = (event: StreamMessageEvent): void => {
    const piece = eventBytes(event);
    this.modules.onHeard();
    const frames = this.decode(piece);
    let messages = 0;
    for (const frame of frames) {
      if (this.stopped) return;
      messages += frame.length;
      if (frame.length > 0) this.modules.onMessages(frame);
    }
    const { protocol } = this.options;
    this.modules.metrics.count(METRIC.bytes, piece.length, { protocol, direction: 'in' });
    this.modules.metrics.count(METRIC.messages, messages, { protocol, direction: 'in' });
    const waitMs = this.modules.throttle.take(piece.length + messages * MESSAGE_CHARGE_BYTES);
    // Not within this event: it may come from a resume, which grants a new window when its listeners are done and so
    // undoes a pause that one of them asked for.
    if (waitMs > 0) queueMicrotask(() => this.slowDown(waitMs));
  };

  private decode(piece: Uint8Array): readonly (readonly Uint8Array[])[] {
    try {
      return this.decoder.push(piece);
    } catch (fault) {
      this.modules.onFault(fault);
      return [];
    }
  }

  private slowDown(waitMs: number): void {
    const { stream, protocol } = this.options;
    if (this.stopped || stream.readStatus !== 'readable') return;
    this.modules.metrics.count(METRIC.throttled, 1, { protocol });
    stream.pause();
    this.resumeTimer = setTimeout(this.resume, waitMs);
  }

  private readonly resume = (): void => {
    const { stream } = this.options;
    if (!this.stopped && stream.readStatus === 'paused') stream.resume();
  };
}
