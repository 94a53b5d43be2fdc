import { LIMITS } from '../../primitives/limits.js';

const MIB = 1_048_576;

/**
 * Bounds of the wire, the same on every node: docs/PROTOCOL.md §Network. A frame's payload holds one message of the
 * largest size with its length, or many small ones.
 */
export const WIRE = {
  consensusMessageBytes: MIB,
  transactionBytes: LIMITS.transactionBytes,
  requestBytes: MIB,
  answerBytes: 16 * MIB,
  /** Bytes of the code in front of an answer. */
  answerCodeBytes: 64,
  messagesPerFrame: 4_096,
  /** Length of a frame and of a message: big endian. */
  lengthBytes: 4,
} as const;

export const PROTOCOLS = {
  consensus: '/vostro/consensus/1',
  transactions: '/vostro/transactions/1',
  request: '/vostro/request/1',
} as const;

export type ProtocolName = keyof typeof PROTOCOLS;

/** What one peer may ask of us. Over a rate it is read more slowly; over a number it is refused. */
export interface PeerQuota {
  /** Bytes a second and burst of each; every message costs its bytes and a fixed charge. */
  readonly consensusBytesPerSecond: number;
  readonly transactionBytesPerSecond: number;
  readonly requestsPerSecond: number;
  readonly answerBytesPerSecond: number;
  readonly concurrentRequests: number;
}

/** Limits that a node may set for itself. Times are milliseconds. */
export interface NetworkLimits {
  /** Small messages are gathered into frames of about this size: one fits into an encrypted message of 65,519 bytes. */
  readonly batchBytes: number;
  readonly consensusOutboxMessages: number;
  readonly consensusOutboxBytes: number;
  readonly transactionOutboxMessages: number;
  readonly transactionOutboxBytes: number;
  /** Bytes that a connection may hold beneath our outboxes before it is cut. */
  readonly writeBufferBytes: number;
  readonly readBufferBytes: number;
  readonly streamWindowBytes: number;
  /** Requests that we have open to one peer. */
  readonly openRequestsPerPeer: number;
  /** Answers to all peers together that are being written. */
  readonly answerBytesInFlight: number;
  readonly heartbeatMs: number;
  /** Without a byte for so long, a peer is taken for dead. */
  readonly silenceMs: number;
  /** With messages waiting and none written for so long, a peer is taken for stuck. */
  readonly stallMs: number;
  readonly dialTimeoutMs: number;
  readonly openTimeoutMs: number;
  readonly requestReceiveTimeoutMs: number;
  readonly answerSendTimeoutMs: number;
  /** How long the higher peer id waits for the lower to dial. */
  readonly higherDialDelayMs: number;
  readonly reconnectBaseMs: number;
  readonly reconnectCapMs: number;
  /** A connection that held so long counts as a success: the next reconnect starts from the base again. */
  readonly stableConnectionMs: number;
  /** Faults that a peer may have before it is refused; one is forgiven every `faultDecayMs`. */
  readonly faultLimit: number;
  readonly faultDecayMs: number;
  /** The first ban, doubled for each further one until it is forgotten after `banForgetMs` of good conduct. */
  readonly banBaseMs: number;
  readonly banCapMs: number;
  readonly banForgetMs: number;
  readonly maxObservers: number;
  /** Handshakes that may be under way at once, and connections that one host may open in a second. */
  readonly pendingInboundConnections: number;
  readonly inboundConnectionsPerSecondPerHost: number;
  readonly quotas: { readonly validator: PeerQuota; readonly observer: PeerQuota };
}

export const DEFAULT_NETWORK_LIMITS: NetworkLimits = {
  batchBytes: 65_400,
  consensusOutboxMessages: 4_096,
  consensusOutboxBytes: 16 * MIB,
  transactionOutboxMessages: 65_536,
  transactionOutboxBytes: 32 * MIB,
  writeBufferBytes: 8 * MIB,
  readBufferBytes: 4 * MIB,
  streamWindowBytes: 2 * MIB,
  openRequestsPerPeer: 8,
  answerBytesInFlight: 128 * MIB,
  heartbeatMs: 5_000,
  silenceMs: 20_000,
  stallMs: 30_000,
  dialTimeoutMs: 5_000,
  openTimeoutMs: 5_000,
  requestReceiveTimeoutMs: 10_000,
  answerSendTimeoutMs: 60_000,
  higherDialDelayMs: 1_500,
  reconnectBaseMs: 250,
  reconnectCapMs: 5_000,
  stableConnectionMs: 10_000,
  faultLimit: 10,
  faultDecayMs: 30_000,
  banBaseMs: 5_000,
  banCapMs: 600_000,
  banForgetMs: 3_600_000,
  maxObservers: 32,
  pendingInboundConnections: 64,
  inboundConnectionsPerSecondPerHost: 64,
  quotas: {
    validator: {
      consensusBytesPerSecond: 16 * MIB,
      transactionBytesPerSecond: 16 * MIB,
      requestsPerSecond: 200,
      answerBytesPerSecond: 64 * MIB,
      concurrentRequests: 8,
    },
    observer: {
      consensusBytesPerSecond: MIB / 4,
      transactionBytesPerSecond: 4 * MIB,
      requestsPerSecond: 20,
      answerBytesPerSecond: 16 * MIB,
      concurrentRequests: 2,
    },
  },
};
