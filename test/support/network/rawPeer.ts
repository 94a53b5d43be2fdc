import '../../../node/network/promiseWithResolvers.js';
import { noise } from '@chainsafe/libp2p-noise';
import type { Connection, Libp2p, Stream } from '@libp2p/interface';
import { tcp } from '@libp2p/tcp';
import { multiaddr } from '@multiformats/multiaddr';
import { createLibp2p } from 'libp2p';
import { guardedYamux } from '../../../node/network/connectionGuard.js';
import { networkKey, peerIdOf } from '../../../node/network/identity.js';
import { DEFAULT_NETWORK_LIMITS, PROTOCOLS, type ProtocolName } from '../../../node/network/limits.js';
import type { PeerEntry } from '../../../node/network/types.js';
import { type TestPeer, testKey, until } from './testPeer.js';

/** A peer that speaks libp2p but keeps none of our rules. */
export class RawPeer {
  readonly peerId: string;
  /** Streams that the other end opened. */
  readonly inbound: { readonly protocol: ProtocolName; readonly stream: Stream }[] = [];
  private node: Libp2p | undefined;

  constructor(
    readonly number: number,
    readonly role: PeerEntry['role'] = 'validator',
    private readonly key: Uint8Array = testKey(number),
  ) {
    this.peerId = peerIdOf(key);
  }

  /** It never listens: whoever has it on the list waits for it to dial. */
  get entry(): PeerEntry {
    return { peerId: this.peerId, member: `RAW${this.number}`, role: this.role, addresses: [] };
  }

  /** @param onStream what it does with streams of the other end; by default it reads nothing of them. */
  async start(onStream: (stream: Stream) => void = (stream) => stream.pause()): Promise<void> {
    this.node = await createLibp2p({
      privateKey: networkKey(this.key),
      transports: [tcp()],
      connectionEncrypters: [noise()],
      // The honest and the hostile share a process here: a crash of the one must not pass for one of the other.
      streamMuxers: [guardedYamux({ ...DEFAULT_NETWORK_LIMITS, maxStreams: 64, keepAliveMs: 60_000 })],
    });
    for (const [protocol, id] of Object.entries(PROTOCOLS)) {
      await this.node.handle(id, (stream) => {
        this.inbound.push({ protocol: protocol as ProtocolName, stream });
        onStream(stream);
      });
    }
  }

  /** A new connection; libp2p would give an older one back that the other end has closed but this one not yet seen. */
  async dial(peer: Pick<TestPeer, 'peerId' | 'entry'>): Promise<Connection> {
    const { node } = this;
    if (node === undefined) throw new TypeError('start it first');
    await until(() => node.getConnections().length === 0, 'the end of the older connection');
    return await node.dial(multiaddr(`${peer.entry.addresses[0]}/p2p/${peer.peerId}`));
  }

  async stop(): Promise<void> {
    for (const connection of this.node?.getConnections() ?? []) connection.abort(new TypeError('the test is over'));
    await this.node?.stop();
  }
}
