import type { Connection, Stream } from '@libp2p/interface';
import { expect } from 'chai';
import { NetworkError } from '../../../node/network/errors.js';
import { encodeFrame } from '../../../node/network/frame.js';
import { PROTOCOLS } from '../../../node/network/limits.js';
import { RawPeer } from '../../support/network/rawPeer.js';
import { bytes, FAST, isMesh, settle, startMesh, TestPeer, text, until } from '../../support/network/testPeer.js';

/** Draws integers from 0 to below a bound, the same in every run. */
function seededDraw(seed: number): (bound: number) => number {
  let state = seed;
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * bound);
  };
}

function attempt(action: () => unknown): void {
  try {
    action();
  } catch {
    // What the attacker's own side refuses is not what is tested.
  }
}

interface Multiplexer {
  sendFrame(header: { type: number; flag: number; streamID: number; length: number }, data?: Uint8Array): boolean;
}

/** What libp2p keeps to itself and a hostile peer would write by hand. */
function multiplexer(connection: Connection): Multiplexer {
  return (connection as unknown as { muxer: Multiplexer }).muxer;
}

function line(connection: Connection): { pause(): void } {
  return (connection as unknown as { maConn: { pause(): void } }).maConn;
}

describe('a network with a peer that breaks the rules', () => {
  let peers: TestPeer[] = [];
  let raw: RawPeer;

  afterEach(async () => {
    await raw.stop();
    await Promise.all(peers.map((peer) => peer.stop()));
  });

  const at = (index: number): TestPeer => peers[index] as TestPeer;

  /** Two honest peers and one on the list that does as it pleases, connected to the first. */
  const setUp = async (
    options: { role?: 'validator' | 'observer'; limits?: Partial<typeof FAST> } = {},
  ): Promise<Connection> => {
    peers = [1, 2].map((number) => new TestPeer(number, 'validator', { ...FAST, ...options.limits }));
    raw = new RawPeer(9, options.role);
    await startMesh(peers);
    const entries = [...peers.map(({ entry }) => entry), raw.entry];
    for (const peer of peers) peer.network.setPeers(entries);
    await raw.start();
    const connection = await raw.dial(at(0));
    await until(() => at(0).isConnectedTo(raw), 'the raw peer connected');
    return connection;
  };

  /** The honest are as they were: connected all along, and heard. */
  const expectOthersUnharmed = async (): Promise<void> => {
    expect(isMesh(peers)).to.equal(true);
    for (const peer of peers) {
      expect(peer.events.filter((event) => event.startsWith('-') && !event.includes(raw.peerId))).to.deep.equal([]);
    }
    at(0).network.broadcastConsensus('after', bytes('after'));
    await until(() => at(1).consensus.some(({ message }) => text(message) === 'after'), 'others');
  };

  const send = (stream: Stream, data: Uint8Array): void => {
    if (stream.writeStatus === 'writable') stream.send(data);
  };

  const ATTACKS: readonly { readonly name: string; readonly code: string; readonly data: Uint8Array }[] = [
    { name: 'a frame that claims 4 GiB', code: 'FRAME_TOO_LARGE', data: new Uint8Array([255, 255, 255, 255, 0]) },
    { name: 'a frame one byte over the cap', code: 'FRAME_TOO_LARGE', data: new Uint8Array([0, 16, 0, 5]) },
    { name: 'garbage', code: 'FRAME_TOO_LARGE', data: bytes('GET / HTTP/1.1\r\nHost: bank\r\n\r\n') },
    {
      name: 'a message longer than its frame',
      code: 'FRAME_MALFORMED',
      data: new Uint8Array([0, 0, 0, 5, 0, 0, 0, 9, 1]),
    },
    { name: 'half a length in a frame', code: 'FRAME_MALFORMED', data: new Uint8Array([0, 0, 0, 2, 0, 0]) },
    {
      name: 'more messages in a frame than are allowed',
      code: 'FRAME_MALFORMED',
      data: encodeFrame(Array.from({ length: 4_097 }, () => new Uint8Array(0))),
    },
  ];

  for (const [i, attack] of ATTACKS.entries()) {
    for (const protocol of i === 0 ? (['consensus', 'transactions'] as const) : (['consensus'] as const)) {
      it(`ends the connection of who sends ${attack.name} as ${protocol}, and nobody else notices`, async () => {
        const connection = await setUp();
        const stream = await connection.newStream(PROTOCOLS[protocol]);
        send(stream, encodeFrame([bytes('well-formed at first')]));
        send(stream, attack.data);
        await until(() => !at(0).isConnectedTo(raw), 'the connection ended');
        expect(at(0).metrics.value('vostro_network_faults_total', { code: attack.code })).to.equal(1);
        await expectOthersUnharmed();
      });
    }
  }

  it('refuses a banned peer for a while, and takes it back when it behaves', async () => {
    const connection = await setUp({ limits: { banBaseMs: 600_000, silenceMs: 3_600_000 } });
    const stream = await connection.newStream(PROTOCOLS.consensus);
    send(stream, new Uint8Array([255, 255, 255, 255]));
    await until(() => !at(0).isConnectedTo(raw), 'the ban');
    await raw.dial(at(0)).catch(() => undefined);
    await until(
      () => at(0).metrics.value('vostro_network_refused_total', { reason: 'banned' }) > 0,
      'the refusal of a banned peer',
    );
    expect(at(0).isConnectedTo(raw)).to.equal(false);
    at(0).skewMs += 600_000;
    await raw.dial(at(0));
    await until(() => at(0).isConnectedTo(raw), 'the ban over');
    await expectOthersUnharmed();
  });

  it('bans a peer whose words the engine refuses again and again', async () => {
    await setUp({ limits: { faultLimit: 3 } });
    const fault = new NetworkError('FRAME_MALFORMED', 'stands for a fault of a message');
    Object.defineProperty(fault, 'code', { value: 'SIGNATURE_INVALID' });
    for (let i = 0; i < 3; i++) at(0).network.penalise(raw.peerId, fault);
    expect(at(0).isConnectedTo(raw)).to.equal(true);
    at(0).network.penalise(raw.peerId, fault);
    expect(at(0).isConnectedTo(raw)).to.equal(false);
    await expectOthersUnharmed();
  });

  it('gives a stranger no stream, whatever it opens', async () => {
    peers = [1, 2].map((number) => new TestPeer(number));
    await startMesh(peers);
    raw = new RawPeer(9);
    await raw.start();
    const opened: unknown[] = [];
    try {
      const connection = await raw.dial(at(0));
      for (const protocol of Object.values(PROTOCOLS)) opened.push(await connection.newStream(protocol));
    } catch {
      // Refused at the handshake or right after it: which of the two the stranger sees is a matter of timing.
    }
    await until(() => at(0).metrics.value('vostro_network_refused_total', { reason: 'stranger' }) > 0, 'the refusal');
    expect(opened).to.deep.equal([]);
    expect(raw.inbound).to.deep.equal([]);
    expect(at(0).events.filter((event) => event.includes(raw.peerId))).to.deep.equal([]);
    expect(isMesh(peers)).to.equal(true);
  });

  it('lets a second stream of the same kind end nothing but itself', async () => {
    const connection = await setUp();
    await connection.newStream(PROTOCOLS.consensus);
    const second = await connection.newStream(PROTOCOLS.consensus).catch(() => undefined);
    if (second !== undefined) await until(() => second.status !== 'open', 'the second stream refused');
    expect(at(0).isConnectedTo(raw)).to.equal(true);
    await expectOthersUnharmed();
  });

  it('holds a bounded amount for a peer that reads nothing, and lets it go when consensus overflows', async () => {
    const limits = { consensusOutboxMessages: 50, consensusOutboxBytes: 2_000_000, transactionOutboxBytes: 1_000_000 };
    await setUp({ limits });
    const transactions = Array.from({ length: 100 }, () => new Uint8Array(10_000));
    for (let i = 0; i < 20; i++) {
      at(0).network.broadcastTransactions(transactions);
      await settle(5);
      expect(at(0).network.waitingBytes).to.be.at.most(3 * 1_000_000);
    }
    expect(
      at(0).metrics.value('vostro_network_dropped_messages_total', { protocol: 'transactions' }),
    ).to.be.greaterThan(0);
    for (let i = 0; i < 60; i++) at(0).network.sendConsensus(raw.peerId, 'same', new Uint8Array(100_000).fill(i));
    expect(at(0).isConnectedTo(raw)).to.equal(true);
    for (let i = 0; i < 60; i++) at(0).network.sendConsensus(raw.peerId, `other ${i}`, new Uint8Array(100_000));
    expect(at(0).isConnectedTo(raw)).to.equal(false);
    await expectOthersUnharmed();
  });

  it('ends a connection on which nothing is read for too long, and one on which nothing is said', async () => {
    await setUp({ limits: { stallMs: 400 } });
    at(0).network.sendConsensus(raw.peerId, 'large', new Uint8Array(1_000_000));
    at(0).network.sendConsensus(raw.peerId, 'more', new Uint8Array(1_000_000));
    await until(() => !at(0).isConnectedTo(raw), 'the stalled peer');
    const closed = (reason: string) =>
      at(0).metrics.value('vostro_network_connections_total', { event: 'closed', reason });
    expect(closed('PEER_STALLED')).to.equal(1);
    await expectOthersUnharmed();
  });

  it('cuts a connection whose multiplexer claims a frame of 4 GiB before it has arrived', async () => {
    const connection = await setUp();
    multiplexer(connection).sendFrame({ type: 0, flag: 0, streamID: 1, length: 0xffffffff }, new Uint8Array(8));
    await until(() => !at(0).isConnectedTo(raw), 'the connection cut');
    expect(at(0).metrics.value('vostro_network_faults_total', { code: 'MULTIPLEXER_ABUSED' })).to.equal(1);
    await expectOthersUnharmed();
  });

  it('cuts a connection that takes nothing off the line but asks for echo after echo', async () => {
    const connection = await setUp({ limits: { writeBufferBytes: 262_144 } });
    await until(() => raw.inbound.length === 2, 'the streams of the honest peer');
    const stream = raw.inbound.find(({ protocol }) => protocol === 'transactions')?.stream;
    multiplexer(connection).sendFrame({ type: 1, flag: 0, streamID: Number(stream?.id), length: 16_777_216 });
    line(connection).pause();
    for (let i = 0; i < 16; i++) {
      at(0).network.broadcastTransactions(Array.from({ length: 100 }, () => new Uint8Array(10_000)));
    }
    await until(() => at(1).transactions.length === 1_600, 'the line full');
    expect(at(0).isConnectedTo(raw)).to.equal(true);
    let echoes = 0;
    await until(() => {
      for (let i = 0; i < 200 && connection.status === 'open'; i++) {
        multiplexer(connection).sendFrame({ type: 2, flag: 1, streamID: 0, length: echoes++ });
      }
      return !at(0).isConnectedTo(raw);
    }, 'the connection cut');
    await expectOthersUnharmed();
  });

  it('survives whatever a multiplexer may be sent', async () => {
    let connection = await setUp({ limits: { banBaseMs: 1, banCapMs: 1 } });
    const draw = seededDraw(20_261);
    for (let round = 0; round < 15; round++) {
      if (round > 0) connection = await raw.dial(at(0));
      for (let i = 0; i < 40 && connection.status === 'open'; i++) {
        const data = new Uint8Array(draw(40)).map(() => draw(256));
        const length = draw(4) > 0 ? data.length : draw(2 ** 32);
        const header = { type: draw(5), flag: draw(16), streamID: draw(12), length };
        // Its own end may refuse to write once the other has hung up.
        attempt(() => multiplexer(connection).sendFrame(header, data));
        if (i % 10 === 9) await settle(2);
      }
      attempt(() => connection.abort(new TypeError('next round')));
      await settle(5);
    }
    await expectOthersUnharmed();
  });

  it('takes a peer that says nothing for dead', async () => {
    await setUp({ limits: { silenceMs: 1_500 } });
    await until(() => !at(0).isConnectedTo(raw), 'the silent peer');
    expect(
      at(0).metrics.value('vostro_network_connections_total', { event: 'closed', reason: 'PEER_SILENT' }),
    ).to.equal(1);
    await expectOthersUnharmed();
  });

  it('holds back an honest flood again and again without a word lost or the connection ended', async () => {
    const validator = { ...FAST.quotas.validator, transactionBytesPerSecond: 1_000_000 };
    await setUp({ limits: { quotas: { ...FAST.quotas, validator } } });
    const transactions = Array.from({ length: 250 }, (_, i) => new Uint8Array(16_000).fill(i));
    at(0).network.broadcastTransactions(transactions);
    await until(() => at(1).transactions.length === 250, 'all of them');
    expect(at(1).metrics.value('vostro_network_throttled_total', { protocol: 'transactions' })).to.be.greaterThan(1);
    await expectOthersUnharmed();
  });

  it('reads an observer over its rate more slowly, and loses none of its transactions', async () => {
    const observer = { ...FAST.quotas.observer, transactionBytesPerSecond: 200_000 };
    const connection = await setUp({ role: 'observer', limits: { quotas: { ...FAST.quotas, observer } } });
    const stream = await connection.newStream(PROTOCOLS.transactions);
    for (let i = 0; i < 40; i++) send(stream, encodeFrame([new Uint8Array(8_000).fill(i)]));
    await until(() => at(0).transactions.length === 40, 'all of them');
    expect(at(0).metrics.value('vostro_network_throttled_total', { protocol: 'transactions' })).to.be.greaterThan(0);
    expect(at(0).isConnectedTo(raw)).to.equal(true);
    await expectOthersUnharmed();
  });
});
