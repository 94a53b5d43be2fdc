import type { Network, PeerEntry } from '../../../node/network/types.js';
import type { CodedError } from '../../../primitives/errors.js';
import type { SentLog } from '../signing/sentLog.js';
import type { Failpoints } from './failpoints.js';

/** What was given to the sockets leaves within it on loopback. */
const FLUSH_MS = 30;

/** A node's network that writes down every consensus message before it leaves, and can die around one. */
export class WatchedNetwork implements Network {
  constructor(
    private readonly inner: Network,
    private readonly modules: { readonly sent: SentLog; readonly failpoints: Failpoints },
  ) {}

  get peerId(): string {
    return this.inner.peerId;
  }

  start(): Promise<void> {
    return this.inner.start();
  }

  stop(): Promise<void> {
    return this.inner.stop();
  }

  setPeers(peers: readonly PeerEntry[]): void {
    this.inner.setPeers(peers);
  }

  connectedPeers(): readonly string[] {
    return this.inner.connectedPeers();
  }

  broadcastConsensus(key: string, message: Uint8Array): void {
    const { sent, failpoints } = this.modules;
    if (failpoints.frozen) return;
    failpoints.pass('send.before');
    sent.note(message);
    if (failpoints.isDue('send.some')) {
      const [first] = this.inner.connectedPeers();
      if (first !== undefined) this.inner.sendConsensus(first, key, message);
      failpoints.freezeAndDie(FLUSH_MS);
      return;
    }
    this.inner.broadcastConsensus(key, message);
    if (failpoints.isDue('send.after')) failpoints.freezeAndDie(FLUSH_MS);
  }

  sendConsensus(peerId: string, key: string, message: Uint8Array): void {
    if (this.modules.failpoints.frozen) return;
    this.modules.sent.note(message);
    this.inner.sendConsensus(peerId, key, message);
  }

  broadcastTransactions(transactions: readonly Uint8Array[]): void {
    if (!this.modules.failpoints.frozen) this.inner.broadcastTransactions(transactions);
  }

  request(peerId: string, request: Uint8Array, timeoutMs: number): Promise<Uint8Array> {
    return this.inner.request(peerId, request, timeoutMs);
  }

  penalise(peerId: string, reason: CodedError): void {
    this.inner.penalise(peerId, reason);
  }
}
