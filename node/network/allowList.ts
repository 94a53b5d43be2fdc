import type { ConnectionGater, PeerId } from '@libp2p/interface';
import { isMultiaddr, type Multiaddr, multiaddr } from '@multiformats/multiaddr';
import type { Logger, Metrics } from '../ops/ports.js';
import { CONNECTIONS_PER_PEER, MAX_ADDRESSES_PER_PEER } from './host.js';
import { METRIC } from './metrics.js';
import type { PeerScores } from './peerScores.js';
import type { PeerEntry } from './types.js';

/** Why a peer gets no connection. */
export type Refusal = 'stranger' | 'banned' | 'observers_full' | 'connections_full';

/**
 * Who may connect: the peers of the chain and nobody else. It is asked when libp2p knows who is at the other end and
 * before the connection can carry a stream.
 */
export class AllowList {
  private entries: ReadonlyMap<string, PeerEntry> = new Map();

  constructor(
    private readonly options: { readonly ownPeerId: string; readonly maxObservers: number },
    private readonly modules: {
      readonly scores: PeerScores;
      readonly metrics: Metrics;
      readonly logger: Logger;
      readonly connectionsOf: (peerId: string) => number;
      /** Observers other than this one that have a connection. */
      readonly connectedObservers: (except: string) => number;
    },
  ) {}

  /** Replaces the list; ourselves on it says which role we have. */
  replace(peers: readonly PeerEntry[]): void {
    this.entries = new Map(peers.map((entry) => [entry.peerId, entry]));
    this.modules.scores.retain(new Set(this.entries.keys()));
  }

  /** A peer of the list; we ourselves are none. */
  get(peerId: string): PeerEntry | undefined {
    return peerId === this.options.ownPeerId ? undefined : this.entries.get(peerId);
  }

  /** Everybody on the list but ourselves. */
  others(): readonly PeerEntry[] {
    return [...this.entries.values()].filter(({ peerId }) => peerId !== this.options.ownPeerId);
  }

  /** Those that we dial: everybody for a validator, the validators for an observer. */
  toDial(): readonly PeerEntry[] {
    const isValidator = this.entries.get(this.options.ownPeerId)?.role === 'validator';
    const peers = this.others();
    return isValidator ? peers : peers.filter(({ role }) => role === 'validator');
  }

  /** The gater that libp2p asks at each step of a connection. */
  gater(): ConnectionGater {
    const dialled = (peerId: PeerId): boolean => this.deny(peerId, this.refusal(peerId.toString()));
    const accepted = (peerId: PeerId): boolean => this.deny(peerId, this.inboundRefusal(peerId.toString()));
    return {
      denyDialPeer: dialled,
      denyDialMultiaddr: () => false,
      denyOutboundConnection: dialled,
      denyOutboundEncryptedConnection: dialled,
      denyOutboundUpgradedConnection: dialled,
      denyInboundEncryptedConnection: accepted,
      denyInboundUpgradedConnection: accepted,
      denyInboundRelayReservation: () => true,
      denyInboundRelayedConnection: () => true,
      denyOutboundRelayedConnection: () => true,
    };
  }

  private refusal(peerId: string): Refusal | undefined {
    if (this.get(peerId) === undefined) return 'stranger';
    return this.modules.scores.isBanned(peerId) ? 'banned' : undefined;
  }

  private inboundRefusal(peerId: string): Refusal | undefined {
    const refusal = this.refusal(peerId);
    if (refusal !== undefined) return refusal;
    if (this.modules.connectionsOf(peerId) >= CONNECTIONS_PER_PEER) return 'connections_full';
    const isObserver = this.get(peerId)?.role === 'observer';
    return isObserver && this.modules.connectedObservers(peerId) >= this.options.maxObservers
      ? 'observers_full'
      : undefined;
  }

  private deny(peerId: PeerId, refusal: Refusal | undefined): boolean {
    if (refusal === undefined) return false;
    this.modules.metrics.count(METRIC.refused, 1, { reason: refusal });
    const fields = { event: 'network.peer_refused', peer: peerId.toString(), reason: refusal };
    this.modules.logger.debug(fields, 'a connection was refused');
    return true;
  }
}

/** The addresses of an entry that can be dialled, each with the peer's id; the rest is reported. */
export function dialAddresses(entry: PeerEntry, onUnusable: (address: string) => void): readonly Multiaddr[] {
  return entry.addresses.slice(0, MAX_ADDRESSES_PER_PEER).flatMap((text) => {
    const address = withPeerId(text, entry.peerId);
    if (address === undefined) onUnusable(text);
    return address === undefined ? [] : [address];
  });
}

function withPeerId(text: string, peerId: string): Multiaddr | undefined {
  try {
    const address = multiaddr(text);
    if (!isMultiaddr(address) || !address.getComponents().some(({ name }) => name === 'tcp')) return undefined;
    const named = address.getComponents().findLast(({ name }) => name === 'p2p');
    if (named === undefined) return address.encapsulate(`/p2p/${peerId}`);
    return named.value === peerId ? address : undefined;
  } catch {
    return undefined;
  }
}
