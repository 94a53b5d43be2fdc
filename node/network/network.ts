import './promiseWithResolvers.js';
import type { Connection, Libp2p, Stream } from '@libp2p/interface';
import { peerIdFromPrivateKey } from '@libp2p/peer-id';
import { type CodedError, invariant } from '../../primitives/errors.js';
import type { Logger, Metrics } from '../ops/ports.js';
import { AllowList, dialAddresses } from './allowList.js';
import { bannedReason, removedReason, replacedReason, roleChangedReason, stoppedReason } from './closeReasons.js';
import { Dialer } from './dialer.js';
import { isFatalFault, NetworkError } from './errors.js';
import { createHost, startHost, streamLimits } from './host.js';
import { networkKey } from './identity.js';
import { DEFAULT_NETWORK_LIMITS, type NetworkLimits, PROTOCOLS, type ProtocolName, WIRE } from './limits.js';
import { METRIC } from './metrics.js';
import { PeerHistory } from './peerHistory.js';
import { PeerScores } from './peerScores.js';
import { PeerSession } from './peerSession.js';
import { AnswerBudget } from './requestServer.js';
import type { MonotonicClock } from './throttle.js';
import { TransactionRelay } from './transactionRelay.js';
import type { Network, NetworkHandlers, PeerEntry, PeerReport } from './types.js';

export interface NetworkOptions {
  /** Raw secp256k1 key, 32 bytes: the peer id is made of it. */
  readonly privateKey: Uint8Array;
  /** Multiaddresses to listen on: `/ip4/127.0.0.1/tcp/26600`. Empty: this node only dials. */
  readonly listen: readonly string[];
  /** The allow-list at start; with ourselves on it, for our role. Without, we are an observer. */
  readonly peers: readonly PeerEntry[];
  readonly limits?: Partial<NetworkLimits>;
}

export interface NetworkModules {
  readonly handlers: NetworkHandlers;
  readonly metrics: Metrics;
  readonly logger: Logger;
  /** `performance.now` unless told. */
  readonly clock?: MonotonicClock;
  /** `Math.random` unless told: spreads reconnects. */
  readonly random?: () => number;
}

const PROTOCOL_NAMES = Object.keys(PROTOCOLS) as readonly ProtocolName[];

/** The mesh over libp2p: who is connected, and what goes to whom. One connection counts for each peer. */
export class Libp2pNetwork implements Network {
  readonly peerId: string;
  private readonly limits: NetworkLimits;
  private readonly clock: MonotonicClock;
  private readonly allowList: AllowList;
  private readonly scores: PeerScores;
  private readonly dialer: Dialer;
  private readonly budget: AnswerBudget;
  private readonly relay: TransactionRelay;
  private readonly history = new PeerHistory();
  private readonly sessions = new Map<string, PeerSession>();
  private host: Libp2p | undefined;
  private gaugeTimer: NodeJS.Timeout | undefined;
  private state: 'new' | 'running' | 'stopped' = 'new';

  constructor(
    private readonly options: NetworkOptions,
    private readonly modules: NetworkModules,
  ) {
    const { metrics, logger } = modules;
    this.limits = { ...DEFAULT_NETWORK_LIMITS, ...options.limits };
    this.clock = modules.clock ?? (() => performance.now());
    this.peerId = peerIdFromPrivateKey(networkKey(options.privateKey)).toString();
    this.budget = new AnswerBudget(this.limits.answerBytesInFlight);
    this.relay = new TransactionRelay(
      { batchBytes: this.limits.batchBytes, maxBytes: this.limits.transactionOutboxBytes },
      {
        clock: this.clock,
        send: (frame) => {
          for (const session of this.usableValidators()) session.sendTransactions(frame);
        },
        onDropped: (count) => metrics.count(METRIC.dropped, count, { protocol: 'transactions' }),
      },
    );
    this.scores = new PeerScores(this.limits, this.clock);
    this.allowList = new AllowList(
      { ownPeerId: this.peerId, maxObservers: this.limits.maxObservers },
      {
        metrics,
        logger,
        scores: this.scores,
        connectionsOf: (peerId) => this.connectionsOf(peerId).length,
        connectedObservers: (except) =>
          this.countSessions(({ entry }) => entry.role === 'observer' && entry.peerId !== except),
      },
    );
    this.allowList.replace(options.peers);
    this.dialer = new Dialer(
      { ownPeerId: this.peerId, limits: this.limits },
      {
        metrics,
        logger,
        random: modules.random ?? Math.random,
        dial: (entry, signal) => this.dial(entry, signal),
        onFailed: (peerId, failure) => this.history.dialFailed(peerId, failure),
      },
    );
  }

  async start(): Promise<void> {
    invariant(this.state === 'new', 'a network is started once');
    this.state = 'running';
    const host = await createHost({
      privateKey: networkKey(this.options.privateKey),
      listen: this.options.listen,
      limits: this.limits,
      gater: this.allowList.gater(),
    });
    this.host = host;
    host.addEventListener('connection:open', (event) => this.onConnection(event.detail));
    for (const protocol of PROTOCOL_NAMES) {
      const accept = (stream: Stream, connection: Connection): void => this.onStream(protocol, stream, connection);
      await host.handle(PROTOCOLS[protocol], accept, streamLimits(protocol, this.limits));
    }
    await startHost(host, this.options.listen);
    // Whoever stopped it meanwhile found nothing to stop.
    if (!this.isRunning()) return await host.stop();
    this.redial();
    const showWaiting = (): void => this.modules.metrics.gauge(METRIC.waiting, this.waitingBytes);
    this.gaugeTimer = setInterval(showWaiting, this.limits.heartbeatMs);
    const fields = { event: 'network.started', peer: this.peerId, addresses: this.listenAddresses() };
    this.modules.logger.info(fields, 'the network listens');
  }

  async stop(): Promise<void> {
    if (this.state === 'stopped') return;
    this.state = 'stopped';
    this.dialer.stop();
    this.relay.stop();
    clearInterval(this.gaugeTimer);
    for (const session of [...this.sessions.values()]) session.close(stoppedReason());
    for (const connection of this.host?.getConnections() ?? []) connection.abort(stoppedReason());
    await this.host?.stop();
  }

  /** Where it listens, with the ports that it was given, as peers can dial it. */
  listenAddresses(): readonly string[] {
    return this.host?.getMultiaddrs().map(String) ?? [];
  }

  setPeers(peers: readonly PeerEntry[]): void {
    this.allowList.replace(peers);
    this.history.retain(new Set(peers.map(({ peerId }) => peerId)));
    for (const session of [...this.sessions.values()]) {
      const entry = this.allowList.get(session.peerId);
      if (entry === undefined) session.close(removedReason(session.peerId));
      // Its quotas are of its role: a session that is opened anew has the right ones.
      else if (entry.role !== session.entry.role) session.close(roleChangedReason(session.peerId));
    }
    if (this.isRunning()) this.redial();
  }

  connectedPeers(): readonly string[] {
    return [...this.sessions.values()].filter(({ isUsable }) => isUsable).map(({ peerId }) => peerId);
  }

  /** How it stands with everybody who may connect. */
  peers(): readonly PeerReport[] {
    return this.allowList.others().map(({ peerId, member, role }) => ({
      peerId,
      member,
      role,
      isConnected: this.sessions.get(peerId)?.isUsable === true,
      isBanned: this.scores.isBanned(peerId),
      ...this.history.of(peerId),
    }));
  }

  broadcastConsensus(key: string, message: Uint8Array): void {
    checkSize('consensus message', message, WIRE.consensusMessageBytes);
    for (const session of this.usableValidators()) session.sendConsensus(key, message);
  }

  sendConsensus(peerId: string, key: string, message: Uint8Array): void {
    checkSize('consensus message', message, WIRE.consensusMessageBytes);
    const session = this.sessions.get(peerId);
    if (session?.isUsable) session.sendConsensus(key, message);
  }

  broadcastTransactions(transactions: readonly Uint8Array[]): void {
    for (const transaction of transactions) checkSize('transaction', transaction, WIRE.transactionBytes);
    if (this.isRunning()) this.relay.put(transactions);
  }

  async request(peerId: string, request: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    const session = this.sessions.get(peerId);
    if (session?.isUsable) return session.request(request, timeoutMs);
    throw new NetworkError('PEER_NOT_CONNECTED', `expected a connection to ${peerId}, found none`, {
      expected: 'a usable connection',
      actual: 'none',
      hint: 'ask a peer of connectedPeers()',
    });
  }

  penalise(peerId: string, reason: CodedError): void {
    const entry = this.allowList.get(peerId);
    if (entry === undefined) return;
    const { metrics, logger } = this.modules;
    metrics.count(METRIC.faults, 1, { code: reason.code });
    const banMs = this.scores.fault(peerId, reason.code);
    const fields = { event: 'network.peer_fault', peer: peerId, member: entry.member, code: reason.code, banMs };
    logger.warn({ ...fields, fault: reason.message }, 'a peer broke a rule');
    if (banMs === 0) return;
    metrics.count(METRIC.bans);
    this.sessions.get(peerId)?.close(bannedReason(peerId, banMs, reason));
  }

  /** Bytes that wait in the outboxes of all peers. */
  get waitingBytes(): number {
    let bytes = 0;
    for (const session of this.sessions.values()) bytes += session.waitingBytes;
    return bytes;
  }

  private isRunning(): boolean {
    return this.state === 'running';
  }

  private redial(): void {
    this.dialer.setTargets(this.allowList.toDial(), (peerId) => this.sessions.get(peerId)?.isUsable === true);
  }

  private async dial(entry: PeerEntry, signal: AbortSignal): Promise<void> {
    const addresses = dialAddresses(entry, (address) => {
      const fields = { event: 'network.address_unusable', peer: entry.peerId, member: entry.member, address };
      this.modules.logger.warn(fields, 'an address of a peer is no TCP multiaddress of it and is not dialled');
    });
    if (addresses.length === 0 || this.host === undefined) return;
    const timeout = AbortSignal.timeout(this.limits.dialTimeoutMs);
    await this.host.dial([...addresses], { signal: AbortSignal.any([signal, timeout]) });
  }

  /** A connection that passed the gater: it becomes the peer's, unless the one that stands is the better. */
  private onConnection(connection: Connection): void {
    const peerId = connection.remotePeer.toString();
    const entry = this.allowList.get(peerId);
    if (this.state !== 'running' || entry === undefined) {
      connection.abort(this.state === 'running' ? removedReason(peerId) : stoppedReason());
      return;
    }
    const standing = this.sessions.get(peerId);
    if (standing !== undefined) {
      if (!this.isBetter(connection, standing.connection)) {
        connection.abort(replacedReason(peerId));
        return;
      }
      standing.close(replacedReason(peerId));
    }
    const session = new PeerSession(
      { entry, limits: this.limits },
      {
        connection,
        budget: this.budget,
        handlers: this.modules.handlers,
        metrics: this.modules.metrics,
        logger: this.modules.logger,
        clock: this.clock,
        onUsable: (usable) => this.onUsable(usable),
        onClosed: (closed, reason) => this.onClosed(closed, reason),
      },
    );
    this.sessions.set(peerId, session);
    void session.open();
  }

  /**
   * Both ends must keep the same one of two connections: the one that the lower peer id dialled. Of two that the same
   * end dialled the newer counts: whoever dials again has lost the older.
   */
  private isBetter(candidate: Connection, standing: Connection): boolean {
    const preferred = this.peerId < candidate.remotePeer.toString() ? 'outbound' : 'inbound';
    return candidate.direction === preferred || standing.direction !== preferred;
  }

  private onStream(protocol: ProtocolName, stream: Stream, connection: Connection): void {
    const peerId = connection.remotePeer.toString();
    const session = this.sessions.get(peerId);
    if (session?.connection.id === connection.id) session.accept(protocol, stream);
    else stream.abort(replacedReason(peerId));
  }

  private onUsable(session: PeerSession): void {
    const { metrics, logger, handlers } = this.modules;
    const { peerId, entry } = session;
    this.dialer.onConnected(peerId);
    this.history.connected(peerId);
    this.showPeers();
    metrics.count(METRIC.connections, 1, { event: 'opened', reason: 'CONNECTED' });
    const fields = { event: 'network.peer_connected', peer: peerId, member: entry.member, role: entry.role };
    logger.info({ ...fields, direction: session.connection.direction }, 'a peer is connected');
    handlers.onConnected(peerId);
  }

  private onClosed(session: PeerSession, reason: NetworkError): void {
    const { metrics, logger, handlers } = this.modules;
    const { peerId, entry, wasUsable } = session;
    if (this.sessions.get(peerId) === session) this.sessions.delete(peerId);
    this.history.ended(peerId, reason.code);
    this.showPeers();
    metrics.count(METRIC.connections, 1, { event: 'closed', reason: reason.code });
    const fields = { event: 'network.peer_disconnected', peer: peerId, member: entry.member, code: reason.code };
    logger.info({ ...fields, reason: reason.message }, 'the connection to a peer ended');
    if (isFatalFault(reason.code)) this.penalise(peerId, reason);
    if (wasUsable) handlers.onDisconnected(peerId);
    this.dialer.onDisconnected(peerId, session.ageMs);
  }

  private connectionsOf(peerId: string): readonly Connection[] {
    const all = this.host?.getConnections() ?? [];
    return all.filter(({ remotePeer, status }) => status === 'open' && remotePeer.toString() === peerId);
  }

  private *usableValidators(): Iterable<PeerSession> {
    for (const session of this.sessions.values()) {
      if (session.isUsable && session.entry.role === 'validator') yield session;
    }
  }

  private countSessions(matches: (session: PeerSession) => boolean): number {
    let count = 0;
    for (const session of this.sessions.values()) if (matches(session)) count++;
    return count;
  }

  private showPeers(): void {
    for (const role of ['validator', 'observer'] as const) {
      const usable = this.countSessions(({ isUsable, entry }) => isUsable && entry.role === role);
      this.modules.metrics.gauge(METRIC.peers, usable, { role });
    }
  }
}

/** What is too long for a frame is a caller's error: it is never sent, and no peer pays for it. */
function checkSize(what: string, message: Uint8Array, maxBytes: number): void {
  if (message.length <= maxBytes) return;
  throw new NetworkError(
    'MESSAGE_TOO_LARGE',
    `expected a ${what} of at most ${maxBytes} bytes, found ${message.length}`,
    {
      expected: `at most ${maxBytes} bytes`,
      actual: `${message.length} bytes`,
      hint: 'send hashes, and let the peer ask for what they name',
    },
  );
}
