import type { Connection, Stream } from '@libp2p/interface';
import type { Logger, Metrics } from '../ops/ports.js';
import { describeFailure, NetworkError } from './errors.js';
import { FRAMES } from './frame.js';
import { type NetworkLimits, PROTOCOLS, type ProtocolName } from './limits.js';
import type { EncodedFrame } from './outbox.js';
import { PeerWriter } from './peerWriter.js';
import { RequestClient } from './requestClient.js';
import { type AnswerBudget, RequestServer } from './requestServer.js';
import { StreamReader } from './streamReader.js';
import { type MonotonicClock, Throttle } from './throttle.js';
import type { NetworkHandlers, PeerEntry } from './types.js';

/** Streams that a peer may open before the session is usable: one of each kind and its requests. */
const MAX_EARLY_STREAMS = 16;

export interface SessionModules {
  readonly connection: Connection;
  readonly handlers: Pick<NetworkHandlers, 'onConsensus' | 'onTransactions' | 'onRequest'>;
  readonly budget: AnswerBudget;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly clock: MonotonicClock;
  readonly onUsable: (session: PeerSession) => void;
  /** Called once, whoever ended it. */
  readonly onClosed: (session: PeerSession, reason: NetworkError) => void;
}

/**
 * One connection to one peer: a stream of each kind that we write, one that the peer writes, its requests and ours. Any
 * of the long-lived streams ending ends the session; a session is never repaired, it is replaced.
 */
export class PeerSession {
  readonly peerId: string;
  readonly connection: Connection;
  private readonly writer: PeerWriter;
  private readonly client: RequestClient;
  private readonly server: RequestServer;
  private readonly readers: StreamReader[] = [];
  private readonly early: { readonly protocol: ProtocolName; readonly stream: Stream }[] = [];
  private state: 'opening' | 'usable' | 'closed' = 'opening';
  private heartbeatTimer: NodeJS.Timeout | undefined;
  private heardAtMs: number;
  private tickAtMs: number;
  private readonly openedAtMs: number;

  constructor(
    private readonly options: { readonly entry: PeerEntry; readonly limits: NetworkLimits },
    private readonly modules: SessionModules,
  ) {
    const { entry, limits } = options;
    const { connection, metrics, clock, logger, budget, handlers } = modules;
    this.peerId = entry.peerId;
    this.connection = connection;
    this.openedAtMs = this.heardAtMs = this.tickAtMs = clock();
    this.writer = new PeerWriter({ limits }, { metrics, clock, onBroken: (error) => this.close(error) });
    const shared = {
      writer: this.writer,
      metrics,
      clock,
      onHeard: () => this.heard(),
      onFault: (fault: unknown) => this.onFault(fault),
    };
    this.client = new RequestClient({ peerId: this.peerId, limits }, { ...shared, connection });
    this.server = new RequestServer(
      { peerId: this.peerId, quota: limits.quotas[entry.role], limits },
      { ...shared, budget, logger, answer: (request) => handlers.onRequest(this.peerId, request) },
    );
    connection.addEventListener('close', this.onConnectionClose);
  }

  get entry(): PeerEntry {
    return this.options.entry;
  }

  get isUsable(): boolean {
    return this.state === 'usable';
  }

  /** True when it was usable before it was closed: `onUsable` was called. */
  get wasUsable(): boolean {
    return this.heartbeatTimer !== undefined;
  }

  /** How long the connection has held, in milliseconds. */
  get ageMs(): number {
    return this.modules.clock() - this.openedAtMs;
  }

  get waitingBytes(): number {
    return this.writer.waitingBytes;
  }

  /** Opens our streams; from then on the session is usable. Failing, it closes itself. */
  async open(): Promise<void> {
    const { connection } = this.modules;
    const signal = AbortSignal.timeout(this.options.limits.openTimeoutMs);
    try {
      const [consensus, transactions] = await Promise.all([
        connection.newStream(PROTOCOLS.consensus, { signal }),
        connection.newStream(PROTOCOLS.transactions, { signal }),
      ]);
      this.start(consensus, transactions);
    } catch (cause) {
      this.close(
        new NetworkError(
          'STREAM_FAILED',
          `the streams to ${this.peerId} could not be opened: ${describeFailure(cause)}`,
          {
            hint: 'check that the peer has this node on its allow-list and runs a version that speaks the same protocols',
          },
        ),
      );
    }
  }

  /** Takes a stream that the peer opened; it is read once the session is usable, so that `onConnected` comes first. */
  accept(protocol: ProtocolName, stream: Stream): void {
    if (this.state === 'usable') this.read(protocol, stream);
    else if (this.state === 'opening' && this.early.length < MAX_EARLY_STREAMS) this.early.push({ protocol, stream });
    else stream.abort(disconnected());
  }

  sendConsensus(key: string, message: Uint8Array): void {
    this.writer.sendConsensus(key, message);
  }

  sendTransactions(frame: EncodedFrame): void {
    this.writer.sendTransactions(frame);
  }

  request(request: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    return this.client.request(request, timeoutMs);
  }

  /** Ends the connection at once; what waits is dropped. */
  close(reason: NetworkError): void {
    if (this.state === 'closed') return;
    this.state = 'closed';
    clearInterval(this.heartbeatTimer);
    for (const reader of this.readers) reader.stop();
    this.early.length = 0;
    this.writer.close();
    this.connection.removeEventListener('close', this.onConnectionClose);
    this.connection.abort(reason);
    this.modules.onClosed(this, reason);
  }

  private start(consensus: Stream, transactions: Stream): void {
    if (this.state !== 'opening') return;
    this.writer.attach({ consensus, transactions });
    for (const stream of [consensus, transactions]) this.endWith(stream);
    this.state = 'usable';
    this.heardAtMs = this.tickAtMs = this.modules.clock();
    this.heartbeatTimer = setInterval(this.onTick, this.options.limits.heartbeatMs);
    this.modules.onUsable(this);
    for (const { protocol, stream } of this.early.splice(0)) this.read(protocol, stream);
  }

  private read(protocol: ProtocolName, stream: Stream): void {
    if (protocol === 'request') {
      void this.server.serve(stream);
      return;
    }
    const { metrics, clock, handlers } = this.modules;
    const quota = this.options.limits.quotas[this.entry.role];
    const isConsensus = protocol === 'consensus';
    const rate = isConsensus ? quota.consensusBytesPerSecond : quota.transactionBytesPerSecond;
    const reader = new StreamReader(
      { protocol, stream, frames: isConsensus ? FRAMES.consensus : FRAMES.transactions },
      {
        metrics,
        throttle: new Throttle(rate, clock),
        onHeard: () => this.heard(),
        onFault: (fault) => this.onFault(fault),
        onMessages: (messages) => {
          if (isConsensus) this.handUp(messages);
          else handlers.onTransactions(this.peerId, messages);
        },
      },
    );
    this.readers.push(reader);
    this.endWith(stream);
    reader.start();
  }

  /** One by one, until one of them makes its handler end the session. */
  private handUp(messages: readonly Uint8Array[]): void {
    for (const message of messages) {
      if (this.state !== 'usable') return;
      this.modules.handlers.onConsensus(this.peerId, message);
    }
  }

  /** A long-lived stream that ends takes the session with it. */
  private endWith(stream: Stream): void {
    const onEnd = (): void => this.close(disconnected());
    stream.addEventListener('close', onEnd);
    stream.addEventListener('remoteCloseWrite', onEnd);
    if (stream.status !== 'open') onEnd();
  }

  private onFault(fault: unknown): void {
    // Whatever is no fault of the peer's is a bug of ours, which must not be blamed on the peer.
    if (!(fault instanceof NetworkError)) throw fault;
    this.close(fault);
  }

  private heard(): void {
    this.heardAtMs = this.modules.clock();
  }

  private readonly onConnectionClose = (event: Event): void => {
    const error: unknown = 'error' in event ? event.error : undefined;
    this.close(error instanceof NetworkError ? error : disconnected(error));
  };

  private readonly onTick = (): void => {
    const { heartbeatMs, silenceMs, stallMs } = this.options.limits;
    const nowMs = this.modules.clock();
    // A tick that comes late was held up here: the peer's words may be waiting unread.
    const heldUp = nowMs - this.tickAtMs > 2 * heartbeatMs;
    this.tickAtMs = nowMs;
    if (heldUp) return;
    if (nowMs - this.heardAtMs > silenceMs) {
      this.close(deadline('PEER_SILENT', 'sent something', silenceMs));
    } else if (this.writer.stalledMs() > stallMs) {
      this.close(deadline('PEER_STALLED', 'read something of what waits for it', stallMs));
    } else {
      this.writer.heartbeat();
    }
  };
}

function disconnected(cause?: unknown): NetworkError {
  const why = cause === undefined ? '' : `: ${describeFailure(cause)}`;
  return new NetworkError('PEER_DISCONNECTED', `the connection ended${why}`, {
    hint: 'the network reconnects by itself',
  });
}

function deadline(code: 'PEER_SILENT' | 'PEER_STALLED', what: string, limitMs: number): NetworkError {
  return new NetworkError(code, `expected that the peer ${what} within ${limitMs} ms, found that it did not`, {
    expected: `within ${limitMs} ms`,
    actual: 'nothing',
    hint: 'check the peer and the line to it; the network reconnects by itself',
  });
}
