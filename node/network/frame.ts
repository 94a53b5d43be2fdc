import { NetworkError } from './errors.js';
import { WIRE } from './limits.js';

/**
 * A frame is its payload's length and its payload, a message is its length and its bytes, lengths are 4 bytes big
 * endian: docs/PROTOCOL.md §Network, Frames. A frame without a message is a heartbeat.
 */

const LENGTH_BYTES = WIRE.lengthBytes;
const EMPTY = new Uint8Array(0);
/** What a decoder holds at first for a frame that comes in pieces. */
const FIRST_BUFFER_BYTES = 4_096;

/** What a frame of a protocol may hold. */
export interface FrameLimits {
  readonly maxMessageBytes: number;
  readonly maxMessages: number;
  readonly maxPayloadBytes: number;
  /** Messages are views of what arrived, for whoever copies what it keeps; otherwise each has memory of its own. */
  readonly areViews?: boolean;
}

/** Frames of each protocol; a request and its answer differ. */
export const FRAMES = {
  consensus: {
    maxMessageBytes: WIRE.consensusMessageBytes,
    maxMessages: WIRE.messagesPerFrame,
    maxPayloadBytes: LENGTH_BYTES + WIRE.consensusMessageBytes,
  },
  transactions: {
    maxMessageBytes: WIRE.transactionBytes,
    maxMessages: WIRE.messagesPerFrame,
    maxPayloadBytes: LENGTH_BYTES + WIRE.transactionBytes,
    areViews: true,
  },
  request: { maxMessageBytes: WIRE.requestBytes, maxMessages: 1, maxPayloadBytes: LENGTH_BYTES + WIRE.requestBytes },
  /** A code, empty when all is well, and the answer. */
  answer: {
    maxMessageBytes: WIRE.answerBytes,
    maxMessages: 2,
    maxPayloadBytes: 2 * LENGTH_BYTES + WIRE.answerCodeBytes + WIRE.answerBytes,
  },
} as const satisfies Record<string, FrameLimits>;

/** Bytes of a message within a frame. */
export function framedBytes(message: Uint8Array): number {
  return LENGTH_BYTES + message.length;
}

/** Messages as one frame, in new memory. */
export function encodeFrame(messages: readonly Uint8Array[]): Uint8Array {
  let payloadBytes = 0;
  for (const message of messages) payloadBytes += framedBytes(message);
  const frame = new Uint8Array(LENGTH_BYTES + payloadBytes);
  writeLength(frame, 0, payloadBytes);
  let offset = LENGTH_BYTES;
  for (const message of messages) {
    writeLength(frame, offset, message.length);
    frame.set(message, offset + LENGTH_BYTES);
    offset += framedBytes(message);
  }
  return frame;
}

function writeLength(target: Uint8Array, offset: number, length: number): void {
  target[offset] = length >>> 24;
  target[offset + 1] = length >>> 16;
  target[offset + 2] = length >>> 8;
  target[offset + 3] = length;
}

function readLength(source: Uint8Array, offset: number): number {
  const high = (source[offset] as number) * 0x1_00_00_00;
  const low = ((source[offset + 1] as number) << 16) | ((source[offset + 2] as number) << 8);
  return high + (low | (source[offset + 3] as number));
}

/**
 * Puts frames together from the pieces that a stream brings, which need not begin or end where a frame does. Holds at
 * most twice what has arrived of one frame: a length that is only claimed costs nothing.
 */
export class FrameDecoder {
  private readonly maxMessageBytes: number;
  private readonly maxPayloadBytes: number;
  private readonly maxMessages: number;
  private readonly areViews: boolean;
  private buffer: Uint8Array = EMPTY;
  private length = 0;

  constructor(limits: FrameLimits) {
    this.maxMessageBytes = limits.maxMessageBytes;
    this.maxMessages = limits.maxMessages;
    this.areViews = limits.areViews ?? false;
    this.maxPayloadBytes = limits.maxPayloadBytes;
  }

  /**
   * The frames that this piece completes, each as its messages, which own their memory unless they are to be views.
   *
   * @throws NetworkError `FRAME_TOO_LARGE`, `FRAME_MALFORMED`: the stream is of no use after it.
   */
  push(piece: Uint8Array): readonly (readonly Uint8Array[])[] {
    const frames: (readonly Uint8Array[])[] = [];
    let rest = piece;
    while (rest.length > 0) {
      if (this.length === 0) {
        const frameBytes = this.frameBytes(rest, rest.length);
        if (frameBytes !== undefined && frameBytes <= rest.length) {
          frames.push(this.messages(rest.subarray(LENGTH_BYTES, frameBytes)));
          rest = rest.subarray(frameBytes);
          continue;
        }
      }
      rest = this.fill(rest, frames);
    }
    return frames;
  }

  /** Bytes of an unfinished frame. */
  get pendingBytes(): number {
    return this.length;
  }

  /** Bytes of memory for it. */
  get heldBytes(): number {
    return this.buffer.length;
  }

  /** Takes what the frame in the buffer still lacks, or all there is, and returns what is left. */
  private fill(piece: Uint8Array, frames: (readonly Uint8Array[])[]): Uint8Array {
    const wanted = this.frameBytes(this.buffer, this.length) ?? LENGTH_BYTES;
    const taken = Math.min(wanted - this.length, piece.length);
    this.reserve(this.length + taken);
    this.buffer.set(piece.subarray(0, taken), this.length);
    this.length += taken;
    const frameBytes = this.frameBytes(this.buffer, this.length);
    if (frameBytes !== undefined && this.length === frameBytes) {
      frames.push(this.messages(this.buffer.subarray(LENGTH_BYTES, frameBytes)));
      this.buffer = EMPTY;
      this.length = 0;
    }
    return piece.subarray(taken);
  }

  private reserve(bytes: number): void {
    if (bytes <= this.buffer.length) return;
    const grown = new Uint8Array(Math.max(bytes, 2 * this.buffer.length, FIRST_BUFFER_BYTES));
    grown.set(this.buffer.subarray(0, this.length));
    this.buffer = grown;
  }

  /** Bytes of the frame with its length, or undefined where the length is not all here yet. */
  private frameBytes(source: Uint8Array, available: number): number | undefined {
    if (available < LENGTH_BYTES) return undefined;
    const payloadBytes = readLength(source, 0);
    if (payloadBytes > this.maxPayloadBytes) throw tooLarge('frame', payloadBytes, this.maxPayloadBytes);
    return LENGTH_BYTES + payloadBytes;
  }

  private messages(payload: Uint8Array): readonly Uint8Array[] {
    const messages: Uint8Array[] = [];
    let offset = 0;
    while (offset < payload.length) {
      const start = offset + LENGTH_BYTES;
      if (start > payload.length) throw malformed('the length of a message', `${payload.length - offset} bytes`);
      const bytes = readLength(payload, offset);
      if (bytes > this.maxMessageBytes) throw tooLarge('message', bytes, this.maxMessageBytes);
      const end = start + bytes;
      if (end > payload.length) throw malformed(`a message of ${bytes} bytes`, `${payload.length - start} bytes`);
      if (messages.length === this.maxMessages) {
        throw malformed(`at most ${this.maxMessages} messages in a frame`, 'more');
      }
      messages.push(this.areViews ? payload.subarray(start, end) : payload.slice(start, end));
      offset = end;
    }
    return messages;
  }
}

function tooLarge(what: string, actual: number, maximum: number): NetworkError {
  return new NetworkError('FRAME_TOO_LARGE', `expected a ${what} of at most ${maximum} bytes, found ${actual}`, {
    expected: `at most ${maximum} bytes`,
    actual: `${actual} bytes`,
    hint: 'the peer runs other software or means harm; its connection is closed',
  });
}

function malformed(expected: string, actual: string): NetworkError {
  return new NetworkError('FRAME_MALFORMED', `expected ${expected} in a frame, found ${actual}`, {
    expected,
    actual,
    hint: 'the peer runs other software or means harm; its connection is closed',
  });
}
