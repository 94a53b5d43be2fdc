import { expect } from 'chai';
import { bytes, FAST, isMesh, rejection, startMesh, TestPeer, text, until } from '../../support/network/testPeer.js';

describe('a mesh of validators over loopback TCP', () => {
  let peers: TestPeer[] = [];

  afterEach(async () => {
    await Promise.all(peers.map((peer) => peer.stop()));
    peers = [];
  });

  const mesh = async (count: number): Promise<TestPeer[]> => {
    peers = Array.from({ length: count }, (_, i) => new TestPeer(i + 1));
    await startMesh(peers);
    return peers;
  };

  const at = (index: number): TestPeer => peers[index] as TestPeer;

  it('brings a consensus message of one validator to each of the others, and not back', async () => {
    await mesh(4);
    at(0).network.broadcastConsensus('prepare:1', bytes('prepare'));
    await until(() => peers.slice(1).every((peer) => peer.consensus.length === 1), 'the message everywhere');
    for (const peer of peers.slice(1)) {
      expect(peer.consensus.map(({ from, message }) => [from, text(message)])).to.deep.equal([
        [at(0).peerId, 'prepare'],
      ]);
    }
    expect(at(0).consensus).to.deep.equal([]);
  });

  it('brings transactions one hop, whole and in order, in far fewer frames than transactions', async () => {
    await mesh(3);
    const sent = Array.from({ length: 5_000 }, (_, i) => bytes(`transaction ${i} `.repeat(1 + (i % 20))));
    for (let i = 0; i < sent.length; i += 50) at(1).network.broadcastTransactions(sent.slice(i, i + 50));
    await until(() => at(0).transactions.length === 5_000 && at(2).transactions.length === 5_000, 'all transactions');
    for (const peer of [at(0), at(2)]) {
      expect(peer.transactions.map(({ transaction }) => text(transaction))).to.deep.equal(sent.map(text));
    }
    expect(at(1).metrics.value('vostro_network_frames_total', { protocol: 'transactions' })).to.be.lessThan(100);
  });

  it('brings a message of the largest size, and refuses to send a larger one', async () => {
    await mesh(2);
    const largest = new Uint8Array(1_048_576).fill(7);
    at(0).network.broadcastConsensus('proposal:1', largest);
    await until(() => at(1).consensus.length === 1, 'the large message');
    expect(Buffer.from(at(1).consensus[0]?.message ?? []).equals(largest)).to.equal(true);
    expect(() => at(0).network.broadcastConsensus('proposal:1', new Uint8Array(1_048_577))).to.throw(/1048577/);
    expect(isMesh(peers)).to.equal(true);
  });

  it('says that a peer is connected before it hands up what the peer says', async () => {
    const order: string[] = [];
    peers = [new TestPeer(1), new TestPeer(2)];
    for (const peer of peers) await peer.start();
    const [a, b] = [at(0), at(1)];
    const push = a.consensus.push.bind(a.consensus);
    a.consensus.push = (...items) => {
      order.push('message');
      return push(...items);
    };
    const note = a.events.push.bind(a.events);
    a.events.push = (...items) => {
      order.push('connected');
      return note(...items);
    };
    b.events.push = () => {
      b.network.sendConsensus(a.peerId, 'status', bytes('status'));
      return 0;
    };
    a.network.setPeers([a.entry, b.entry]);
    b.network.setPeers([a.entry, b.entry]);
    await until(() => a.consensus.length > 0, 'the status');
    expect(order.slice(0, 2)).to.deep.equal(['connected', 'message']);
  });

  it('is whole again after one of its peers crashed and came back', async () => {
    await mesh(4);
    const entries = peers.map(({ entry }) => entry);
    for (const victim of [at(0), at(3)]) {
      await victim.restart(entries);
      await until(() => isMesh(peers), 'the mesh healed');
    }
    at(3).network.broadcastConsensus('commit:2', bytes('commit'));
    await until(
      () => peers.slice(0, 3).every((peer) => peer.consensus.some(({ message }) => text(message) === 'commit')),
      'the message after the crash',
    );
  });

  it('says where it could not listen, and stops cleanly even while it starts', async () => {
    peers = [new TestPeer(1), new TestPeer(2)];
    await at(0).start();
    const taken = at(0).entry.addresses[0] ?? '';
    const second = new TestPeer(3, 'validator', FAST, taken);
    expect(await rejection(second.start())).to.equal('LISTEN_FAILED');
    await second.stop();
    const starting = at(1).start();
    await at(1).stop();
    await starting;
    expect(at(1).network.listenAddresses()).to.deep.equal([]);
  });

  it('goes on dialling a peer that is away until it is there', async () => {
    peers = [new TestPeer(1), new TestPeer(2)];
    const [a, b] = [at(0), at(1)];
    await b.start();
    const entry = b.entry;
    await b.stop();
    await a.start();
    a.network.setPeers([a.entry, entry]);
    await until(() => a.metrics.value('vostro_network_dials_total', { result: 'failed' }) >= 3, 'failed dials');
    const report = () => a.network.peers()[0];
    expect(report()).to.include({ peerId: b.peerId, member: 'MEMBER2', isConnected: false, endedWith: undefined });
    expect(report()?.dialFailure).to.match(/ECONNREFUSED/);
    await b.restart([a.entry, entry]);
    await until(() => isMesh(peers), 'the connection');
    expect(report()).to.include({ isConnected: true, dialFailure: undefined });
    await b.stop();
    await until(() => report()?.isConnected === false, 'the end of the connection');
    expect(report()?.endedWith).to.equal('PEER_DISCONNECTED');
  });

  it('keeps one connection to each peer when both dial at once', async () => {
    peers = [1, 2].map((number) => new TestPeer(number, 'validator', { ...FAST, higherDialDelayMs: 0 }));
    await startMesh(peers);
    await until(() => isMesh(peers), 'the mesh');
    at(0).network.broadcastConsensus('a', bytes('a'));
    await until(() => at(1).consensus.length === 1, 'the message');
  });

  it('drops a peer that is taken off the list, and lets it back when it returns to it', async () => {
    await mesh(3);
    const entries = peers.map(({ entry }) => entry);
    for (const peer of [at(0), at(1)]) peer.network.setPeers(entries.slice(0, 2));
    await until(() => !at(0).isConnectedTo(at(2)) && !at(1).isConnectedTo(at(2)), 'the peer dropped');
    expect(at(0).isConnectedTo(at(1))).to.equal(true);
    expect(at(0).events).to.include(`-${at(2).peerId}`);
    for (const peer of [at(0), at(1)]) peer.network.setPeers(entries);
    await until(() => isMesh(peers), 'the mesh of three');
  });

  it('sends broadcasts to validators only, while an observer can be sent to and can send transactions', async () => {
    peers = [new TestPeer(1), new TestPeer(2), new TestPeer(3, 'observer'), new TestPeer(4, 'observer')];
    const [a, b, observer, other] = [at(0), at(1), at(2), at(3)];
    for (const peer of peers) await peer.start();
    for (const peer of peers) peer.network.setPeers(peers.map(({ entry }) => entry));
    await until(() => isMesh([a, b, observer]) && isMesh([a, b, other]), 'both observers at both validators');
    expect(observer.isConnectedTo(other)).to.equal(false);
    a.network.broadcastConsensus('prepare:1', bytes('prepare'));
    a.network.sendConsensus(observer.peerId, 'status', bytes('status'));
    observer.network.broadcastTransactions([bytes('payment')]);
    await until(() => b.consensus.length > 0 && observer.consensus.length > 0, 'consensus');
    await until(() => a.transactions.length > 0 && b.transactions.length > 0, 'the transaction');
    expect(observer.consensus.map(({ message }) => text(message))).to.deep.equal(['status']);
    expect(other.transactions).to.deep.equal([]);
  });
});
