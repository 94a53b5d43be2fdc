import type { CodedError } from '../../primitives/errors.js';

/** A peer of the allow-list: who it is on the chain, and where to dial it. */
export interface PeerEntry {
  readonly peerId: string;
  readonly member: string;
  /** Index in nobody's list: validators are told apart from observers only for quotas and full mesh. */
  readonly role: 'validator' | 'observer';
  /** Multiaddresses to dial, from configuration or the chain; empty when it dials us. */
  readonly addresses: readonly string[];
}

/** How it stands with a peer of the allow-list, for people. */
export interface PeerReport {
  readonly peerId: string;
  readonly member: string;
  readonly role: 'validator' | 'observer';
  readonly isConnected: boolean;
  /** Refused for a while for its faults. */
  readonly isBanned: boolean;
  /** Code for which its newest connection ended; undefined while none has. */
  readonly endedWith: string | undefined;
  /** What our newest dial failed with; undefined once one has succeeded. */
  readonly dialFailure: string | undefined;
}

/** What the network hands up. Handlers never throw; what is malformed they report through `penalise`. */
export interface NetworkHandlers {
  onConsensus(peerId: string, message: Uint8Array): void;
  /** Views, that hold what they hold until the handler returns: what is kept of them is to be copied. */
  onTransactions(peerId: string, transactions: readonly Uint8Array[]): void;
  /** Answers a request; the answer is framed and bounded like everything else. */
  onRequest(peerId: string, request: Uint8Array): Promise<Uint8Array>;
  onConnected(peerId: string): void;
  onDisconnected(peerId: string): void;
}

/** The mesh: the only thing in the node that knows libp2p. */
export interface Network {
  readonly peerId: string;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Replaces the allow-list: connects to new peers, drops those no longer on it. */
  setPeers(peers: readonly PeerEntry[]): void;
  connectedPeers(): readonly string[];
  /**
   * Queues a consensus message for every connected validator. A message with the same key replaces one that still
   * waits (latest wins).
   */
  broadcastConsensus(key: string, message: Uint8Array): void;
  sendConsensus(peerId: string, key: string, message: Uint8Array): void;
  /** Queues transactions for every connected validator; one hop, never passed on by who receives them. */
  broadcastTransactions(transactions: readonly Uint8Array[]): void;
  /** One request on a stream of its own. @throws NetworkError `REQUEST_TIMEOUT`, `PEER_NOT_CONNECTED`, … */
  request(peerId: string, request: Uint8Array, timeoutMs: number): Promise<Uint8Array>;
  /** Counts a peer's fault; over the limit the connection is closed and refused for a while. */
  penalise(peerId: string, reason: CodedError): void;
}
