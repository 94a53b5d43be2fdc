import './promiseWithResolvers.js';
import { type ConnectionGater, FaultTolerance, type Libp2p, type PrivateKey } from '@libp2p/interface';
import { tcp } from '@libp2p/tcp';
import { createLibp2p } from 'libp2p';
import { LIMITS } from '../../primitives/limits.js';
import { boundedNoise, guardedYamux } from './connectionGuard.js';
import { describeFailure, NetworkError } from './errors.js';
import type { NetworkLimits, PROTOCOLS } from './limits.js';

/** The long-lived streams and their one spare while a connection is replaced. */
const LONG_LIVED_STREAMS = 4;
/** A peer's connections: the one that counts, and one that is about to replace it or be refused. */
export const CONNECTIONS_PER_PEER = 2;
const SOCKET_IDLE_MS = 120_000;
const LISTEN_BACKLOG = 128;
const CLOSE_TIMEOUT_MS = 500;
/** Addresses of one peer that are tried. */
export const MAX_ADDRESSES_PER_PEER = 8;

/**
 * A libp2p node with TCP, Noise and Yamux and nothing else: no discovery, no identify, no relay, and no limit left to a
 * default. It does not listen before it is started.
 */
export async function createHost(options: {
  readonly privateKey: PrivateKey;
  readonly listen: readonly string[];
  readonly limits: NetworkLimits;
  readonly gater: ConnectionGater;
}): Promise<Libp2p> {
  const { limits } = options;
  const maxConnections = CONNECTIONS_PER_PEER * (LIMITS.validators + limits.maxObservers);
  return await createLibp2p({
    start: false,
    privateKey: options.privateKey,
    addresses: { listen: [...options.listen], announce: [], maxObservedAddresses: 1 },
    transportManager: { faultTolerance: FaultTolerance.FATAL_ALL },
    connectionGater: options.gater,
    connectionEncrypters: [boundedNoise(limits)],
    streamMuxers: [guardedYamux({ ...limits, maxStreams: maxStreams(limits), keepAliveMs: limits.heartbeatMs })],
    transports: [
      tcp({
        inboundSocketInactivityTimeout: SOCKET_IDLE_MS,
        outboundSocketInactivityTimeout: SOCKET_IDLE_MS,
        maxConnections: maxConnections + limits.pendingInboundConnections,
        backlog: LISTEN_BACKLOG,
        dialOpts: { noDelay: true, keepAlive: true },
        listenOpts: { noDelay: true, keepAlive: true },
      }),
    ],
    // Our own heartbeats say whether a peer lives.
    connectionMonitor: { enabled: false },
    connectionManager: {
      maxConnections,
      maxParallelDials: LIMITS.validators,
      maxDialQueueLength: 2 * LIMITS.validators,
      maxPeerAddrsToDial: MAX_ADDRESSES_PER_PEER,
      dialTimeout: limits.dialTimeoutMs,
      addressDialTimeout: limits.dialTimeoutMs,
      connectionCloseTimeout: CLOSE_TIMEOUT_MS,
      inboundUpgradeTimeout: limits.openTimeoutMs,
      outboundStreamProtocolNegotiationTimeout: limits.openTimeoutMs,
      inboundStreamProtocolNegotiationTimeout: limits.openTimeoutMs,
      inboundConnectionThreshold: limits.inboundConnectionsPerSecondPerHost,
      maxIncomingPendingConnections: limits.pendingInboundConnections,
      // Peers are dialled by us alone.
      reconnectRetries: 0,
      maxParallelReconnects: 1,
      resolvers: {},
    },
  });
}

/** Starts it: it listens. @throws NetworkError `LISTEN_FAILED` */
export async function startHost(host: Libp2p, listen: readonly string[]): Promise<void> {
  try {
    await host.start();
  } catch (cause) {
    const failure = describeFailure(cause);
    throw new NetworkError('LISTEN_FAILED', `expected to listen on ${listen.join(', ')}, found: ${failure}`, {
      expected: listen.join(', '),
      actual: failure,
      hint: 'see whether another process has the port, and that the address is one of this machine',
    });
  }
}

function maxStreams(limits: NetworkLimits): number {
  return LONG_LIVED_STREAMS + maxRequestStreams(limits) + limits.openRequestsPerPeer;
}

/** Streams of requests that a peer may have open, so that one over its quota can still be told so. */
export function maxRequestStreams(limits: NetworkLimits): number {
  const { validator, observer } = limits.quotas;
  return 2 * Math.max(validator.concurrentRequests, observer.concurrentRequests, limits.openRequestsPerPeer);
}

/** How many streams of each protocol a peer may have open on one connection, in each direction. */
export function streamLimits(
  protocol: keyof typeof PROTOCOLS,
  limits: NetworkLimits,
): { readonly maxInboundStreams: number; readonly maxOutboundStreams: number } {
  return protocol === 'request'
    ? { maxInboundStreams: maxRequestStreams(limits), maxOutboundStreams: limits.openRequestsPerPeer }
    : { maxInboundStreams: 1, maxOutboundStreams: 1 };
}
