import { NetworkError } from '../../../../node/network/errors.js';
import type { Network, NetworkHandlers, PeerEntry } from '../../../../node/network/types.js';

interface Member {
  readonly handlers: NetworkHandlers;
  readonly network: BusNetwork;
  peers: readonly PeerEntry[];
}

/** What a test may do to one message: let it through, or not. */
export type MessageFilter = (from: string, to: string, bytes: Uint8Array) => boolean;

/** A network in memory: every message is delivered in a later turn, in order, unless the test has cut the way. */
export class MemoryBus {
  private readonly members = new Map<string, Member>();
  private readonly cuts = new Set<string>();
  /** Asked when a message is sent; those that it says no to are lost. */
  filter: MessageFilter = () => true;
  readonly penalised: string[] = [];

  network(peerId: string, handlers: NetworkHandlers): Network {
    return new BusNetwork(peerId, this, handlers);
  }

  join(peerId: string, member: Member): void {
    this.members.set(peerId, member);
    for (const other of this.members.keys()) if (this.isConnected(peerId, other)) this.connected(peerId, other);
  }

  leave(peerId: string): void {
    const others = [...this.members.keys()].filter((other) => this.isConnected(peerId, other));
    this.members.delete(peerId);
    for (const other of others) this.members.get(other)?.handlers.onDisconnected(peerId);
  }

  /** Ends all connections of a node, in both directions, until `heal`. */
  cut(peerId: string): void {
    const others = this.connectedPeers(peerId);
    this.cuts.add(peerId);
    for (const other of others) {
      this.members.get(other)?.handlers.onDisconnected(peerId);
      this.members.get(peerId)?.handlers.onDisconnected(other);
    }
  }

  heal(peerId: string): void {
    this.cuts.delete(peerId);
    for (const other of this.members.keys()) if (this.isConnected(peerId, other)) this.connected(peerId, other);
  }

  connectedPeers(peerId: string): readonly string[] {
    return [...this.members.keys()].filter((other) => this.isConnected(peerId, other));
  }

  member(peerId: string): Member | undefined {
    return this.members.get(peerId);
  }

  isConnected(a: string, b: string): boolean {
    return a !== b && this.members.has(a) && this.members.has(b) && !this.cuts.has(a) && !this.cuts.has(b);
  }

  private connected(a: string, b: string): void {
    setImmediate(() => {
      if (!this.isConnected(a, b)) return;
      this.members.get(a)?.handlers.onConnected(b);
      this.members.get(b)?.handlers.onConnected(a);
    });
  }
}

class BusNetwork implements Network {
  constructor(
    readonly peerId: string,
    private readonly bus: MemoryBus,
    private readonly handlers: NetworkHandlers,
  ) {}

  private peers: readonly PeerEntry[] = [];

  async start(): Promise<void> {
    this.bus.join(this.peerId, { handlers: this.handlers, network: this, peers: this.peers });
  }

  async stop(): Promise<void> {
    this.bus.leave(this.peerId);
  }

  setPeers(peers: readonly PeerEntry[]): void {
    this.peers = peers;
  }

  connectedPeers(): readonly string[] {
    return this.bus.connectedPeers(this.peerId);
  }

  broadcastConsensus(key: string, message: Uint8Array): void {
    const validators = this.peers.filter(({ role }) => role === 'validator');
    for (const { peerId } of validators) this.sendConsensus(peerId, key, message);
  }

  sendConsensus(peerId: string, _key: string, message: Uint8Array): void {
    const bytes = message.slice();
    if (!this.bus.filter(this.peerId, peerId, bytes)) return;
    this.deliver(peerId, (handlers) => handlers.onConsensus(this.peerId, bytes));
  }

  broadcastTransactions(transactions: readonly Uint8Array[]): void {
    for (const { peerId } of this.peers.filter(({ role }) => role === 'validator')) {
      this.deliver(peerId, (handlers) => handlers.onTransactions(this.peerId, transactions));
    }
  }

  private deliver(peerId: string, deliver: (handlers: NetworkHandlers) => void): void {
    if (!this.bus.isConnected(this.peerId, peerId)) return;
    setImmediate(() => {
      const member = this.bus.member(peerId);
      if (member !== undefined && this.bus.isConnected(this.peerId, peerId)) deliver(member.handlers);
    });
  }

  async request(peerId: string, request: Uint8Array): Promise<Uint8Array> {
    await new Promise((resolve) => setImmediate(resolve));
    const member = this.bus.member(peerId);
    if (member === undefined || !this.bus.isConnected(this.peerId, peerId)) {
      throw new NetworkError('PEER_NOT_CONNECTED', `expected a connection to ${peerId}, found none`);
    }
    try {
      return (await member.handlers.onRequest(this.peerId, request.slice())).slice();
    } catch (error) {
      throw new NetworkError('REQUEST_REFUSED', error instanceof Error ? error.message : String(error));
    }
  }

  penalise(peerId: string, reason: { readonly code: string }): void {
    this.bus.penalised.push(`${this.peerId} ${peerId} ${reason.code}`);
  }
}
