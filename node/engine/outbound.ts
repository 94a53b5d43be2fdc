import { encodeMessage, type OutlineMessage, type WireMessage } from '../../consensus/messageCodec.js';
import type { SignedMessage } from '../../consensus/types.js';
import { toHex } from '../../primitives/bytes.js';
import type { Certificate, Validator } from '../../primitives/types.js';
import type { Network } from '../network/types.js';
import type { Metrics } from '../ops/ports.js';
import type { BodyStore } from './bodyStore.js';
import type { KeptEvidence } from './evidence.js';
import { METRIC } from './metrics.js';
import type { PeerDirectory } from './peerDirectory.js';

export interface OutboundModules {
  readonly network: Pick<Network, 'broadcastConsensus' | 'sendConsensus' | 'connectedPeers'>;
  readonly bodies: BodyStore;
  readonly directory: PeerDirectory;
  readonly metrics: Metrics;
}

/** The one way out for consensus messages. Once closed, nothing leaves the node any more. */
export class Outbound {
  private isOpen = true;

  constructor(private readonly modules: OutboundModules) {}

  close(): void {
    this.isOpen = false;
  }

  /** To every validator. */
  async broadcast(message: SignedMessage): Promise<void> {
    const bytes = await this.encode(message);
    if (bytes !== undefined && this.isOpen) this.broadcastBytes(message.type, messageKey(message), bytes);
  }

  /** To every validator: what this node is about to propose. On a slow line the proposal takes its place. */
  sendOutline(outline: OutlineMessage): void {
    if (!this.isOpen) return;
    this.broadcastBytes('outline', `proposal:${outline.height}`, encodeMessage(outline));
  }

  async send(validator: Validator, messages: readonly SignedMessage[]): Promise<void> {
    for (const message of messages) {
      const bytes = await this.encode(message);
      if (bytes === undefined) continue;
      this.sendTo(this.modules.directory.peersOf(validator), messageKey(message), message.type, bytes);
    }
  }

  sendDecision(validator: Validator, certificate: Certificate): void {
    this.sendTo(
      this.modules.directory.peersOf(validator),
      `decision:${certificate.height}`,
      'certificate',
      encodeMessage({ type: 'certificate', certificate }),
    );
  }

  /** PROTOCOL §What is asked N5. Tells observers, who hear nothing of consensus itself, that a block is final. */
  announce(certificate: Certificate): void {
    const { network, directory } = this.modules;
    const observers = network.connectedPeers().filter((peerId) => directory.isObserver(peerId));
    this.sendTo(observers, 'decision', 'certificate', encodeMessage({ type: 'certificate', certificate }));
  }

  showEvidence(peerId: string, { id, evidence }: KeptEvidence): void {
    this.sendTo([peerId], `evidence:${toHex(id)}`, 'evidence', encodeMessage({ type: 'evidence', evidence }));
  }

  private broadcastBytes(type: WireMessage['type'], key: string, bytes: Uint8Array): void {
    const { network, directory } = this.modules;
    const validators = network.connectedPeers().filter((peerId) => !directory.isObserver(peerId));
    this.count(type, validators.length, bytes.length);
    network.broadcastConsensus(key, bytes);
  }

  private sendTo(peerIds: readonly string[], key: string, type: WireMessage['type'], bytes: Uint8Array): void {
    if (!this.isOpen) return;
    this.count(type, peerIds.length, bytes.length);
    for (const peerId of peerIds) this.modules.network.sendConsensus(peerId, key, bytes);
  }

  private count(type: WireMessage['type'], peers: number, sizeBytes: number): void {
    this.modules.metrics.count(METRIC.sent, peers, { type });
    this.modules.metrics.count(METRIC.sentBytes, peers * sizeBytes, { type });
  }

  /** A proposal goes with its block's leaves; without the body, which only a damaged file explains, it does not go. */
  private async encode(message: SignedMessage): Promise<Uint8Array | undefined> {
    if (message.type !== 'proposal') return encodeMessage(message);
    const body = await this.modules.bodies.get(message.blockHash);
    return body === undefined ? undefined : encodeMessage({ ...message, leafHashes: body.leafHashes });
  }
}

/** The newest word of a height takes the place of one that still waits to be sent. */
function messageKey({ type, height }: SignedMessage): string {
  return type === 'status' ? type : `${type}:${height}`;
}
