import { noise } from '@chainsafe/libp2p-noise';
import type {
  ConnectionEncrypter,
  MessageStream,
  SecureConnectionOptions,
  SecuredConnection,
  StreamMessageEvent,
  StreamMuxer,
  StreamMuxerFactory,
} from '@libp2p/interface';
import { yamux } from '@libp2p/yamux';
import { NetworkError } from './errors.js';
import { gatherWrites } from './gatheredLine.js';
import { eventBytes } from './receiveFrame.js';

/**
 * What libp2p leaves unbounded beneath the streams: bytes that a connection buffers because its peer reads nothing while
 * it keeps asking for echoes and windows, and a multiplexer's frame that claims to be gigabytes long.
 */
export interface GuardLimits {
  readonly writeBufferBytes: number;
  readonly readBufferBytes: number;
  readonly streamWindowBytes: number;
}

type NoiseFactory = ReturnType<typeof noise>;
type YamuxFactory = ReturnType<typeof yamux>;

/** Noise, whose connections are cut when they buffer more than they may. */
export function boundedNoise(limits: GuardLimits): NoiseFactory {
  const factory = noise();
  return (components) => new BoundedEncrypter(factory(components), limits) as ReturnType<NoiseFactory>;
}

class BoundedEncrypter<Extension> implements ConnectionEncrypter<Extension> {
  readonly protocol: string;

  constructor(
    private readonly inner: ConnectionEncrypter<Extension>,
    private readonly limits: GuardLimits,
  ) {
    this.protocol = inner.protocol;
  }

  async secureOutbound(
    connection: MessageStream,
    options?: SecureConnectionOptions,
  ): Promise<SecuredConnection<Extension>> {
    return this.bound(connection, await this.inner.secureOutbound(connection, options));
  }

  async secureInbound(
    connection: MessageStream,
    options?: SecureConnectionOptions,
  ): Promise<SecuredConnection<Extension>> {
    return this.bound(connection, await this.inner.secureInbound(connection, options));
  }

  private bound(plain: MessageStream, secured: SecuredConnection<Extension>): SecuredConnection<Extension> {
    joinWrites(plain);
    for (const stream of [plain, secured.connection]) {
      stream.maxWriteBufferLength = this.limits.writeBufferBytes;
      stream.maxReadBufferLength = this.limits.readBufferBytes;
    }
    return secured;
  }
}

/**
 * Noise hands the socket the length of a message, its pieces and its tag one by one, of which the socket sends the first
 * by itself: two system calls, two packets and two wakings of the peer, where one of each will do.
 */
function joinWrites(plain: MessageStream): void {
  const send = plain.send.bind(plain);
  plain.send = (data) => send(data.subarray());
}

/** Yamux with every limit set, and no frame longer than a stream's window. */
export function guardedYamux(
  limits: GuardLimits & { readonly maxStreams: number; readonly keepAliveMs: number },
): YamuxFactory {
  const factory = yamux({
    enableKeepAlive: true,
    keepAliveInterval: limits.keepAliveMs,
    maxInboundStreams: limits.maxStreams,
    maxOutboundStreams: limits.maxStreams,
    maxEarlyStreams: limits.maxStreams,
    maxMessageSize: 65_536,
    streamOptions: {
      initialStreamWindowSize: INITIAL_WINDOW_BYTES,
      maxStreamWindowSize: limits.streamWindowBytes,
      maxReadBufferLength: limits.readBufferBytes,
      maxWriteBufferLength: limits.writeBufferBytes,
      inactivityTimeout: 120_000,
    },
  });
  return (...parameters) => guard(factory(...parameters), limits);
}

/** The window of a new stream, which the multiplexer's specification fixes. */
const INITIAL_WINDOW_BYTES = 262_144;

function guard<Muxer extends StreamMuxer>(
  inner: StreamMuxerFactory<Muxer>,
  limits: GuardLimits,
): StreamMuxerFactory<Muxer> {
  return {
    protocol: inner.protocol,
    createStreamMuxer(connection: MessageStream): Muxer {
      const watch = new MuxerFrameWatch(limits.streamWindowBytes);
      connection.addEventListener('message', (event: StreamMessageEvent) => {
        const tooLong = watch.push(eventBytes(event));
        if (tooLong !== undefined) connection.abort(abused(tooLong, limits.streamWindowBytes));
      });
      gatherWrites(connection);
      return inner.createStreamMuxer(connection);
    },
  };
}

const HEADER_BYTES = 12;
const TYPE_OFFSET = 1;
const LENGTH_OFFSET = 8;
const DATA_FRAME = 0;

/** Follows the headers of a multiplexer's frames, to know a frame's length before anybody waits for its end. */
export class MuxerFrameWatch {
  private readonly header = new Uint8Array(HEADER_BYTES);
  private headerBytes = 0;
  private skipBytes = 0;

  constructor(private readonly maxDataBytes: number) {}

  /** @returns the length of the first data frame that is too long, undefined while there is none. */
  push(piece: Uint8Array): number | undefined {
    let offset = 0;
    while (offset < piece.length) {
      const skipped = Math.min(this.skipBytes, piece.length - offset);
      this.skipBytes -= skipped;
      offset += skipped;
      const taken = Math.min(HEADER_BYTES - this.headerBytes, piece.length - offset);
      this.header.set(piece.subarray(offset, offset + taken), this.headerBytes);
      this.headerBytes += taken;
      offset += taken;
      if (this.headerBytes < HEADER_BYTES) return undefined;
      this.headerBytes = 0;
      if (this.header[TYPE_OFFSET] !== DATA_FRAME) continue;
      this.skipBytes = new DataView(this.header.buffer).getUint32(LENGTH_OFFSET);
      if (this.skipBytes > this.maxDataBytes) return this.skipBytes;
    }
    return undefined;
  }
}

function abused(actual: number, maximum: number): NetworkError {
  return new NetworkError(
    'MULTIPLEXER_ABUSED',
    `expected multiplexed data of at most ${maximum} bytes in a frame, found ${actual}`,
    {
      expected: `at most ${maximum} bytes`,
      actual: `${actual} bytes`,
      hint: 'the peer runs other software or means harm; its connection is closed',
    },
  );
}
