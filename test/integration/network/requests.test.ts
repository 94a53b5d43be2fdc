import { expect } from 'chai';
import { encodeFrame } from '../../../node/network/frame.js';
import { PROTOCOLS } from '../../../node/network/limits.js';
import { CodedError } from '../../../primitives/errors.js';
import { RawPeer } from '../../support/network/rawPeer.js';
import {
  bytes,
  FAST,
  isMesh,
  rejection,
  settle,
  startMesh,
  TestPeer,
  text,
  until,
} from '../../support/network/testPeer.js';

describe('requests between peers', () => {
  let peers: TestPeer[] = [];
  let raw: RawPeer | undefined;

  afterEach(async () => {
    await raw?.stop();
    raw = undefined;
    await Promise.all(peers.map((peer) => peer.stop()));
  });

  const setUp = async (limits: Partial<typeof FAST> = {}): Promise<readonly [TestPeer, TestPeer]> => {
    const pair = [new TestPeer(1), new TestPeer(2, 'validator', { ...FAST, ...limits })] as const;
    peers = [...pair];
    await startMesh(peers);
    return pair;
  };

  const requests = (peer: TestPeer, direction: string, result: string): number =>
    peer.metrics.value('vostro_network_requests_total', { direction, result });

  it('are answered, each with its own answer, many at once', async () => {
    const [a, b] = await setUp();
    b.answer = async (from, request) => {
      await settle(10 - Number(text(request)));
      return bytes(`${text(request)} of ${from}`);
    };
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, i) => a.network.request(b.peerId, bytes(`${i}`), 5_000)),
    );
    expect(answers.map(text)).to.deep.equal(Array.from({ length: 8 }, (_, i) => `${i} of ${a.peerId}`));
  });

  it('bring an answer of 16 MiB whole while consensus messages overtake it', async () => {
    const [a, b] = await setUp();
    const large = new Uint8Array(16 * 1_048_576);
    for (let i = 0; i < large.length; i += 997) large[i] = i;
    b.answer = () => Promise.resolve(large);
    let done = false;
    const answer = a.network.request(b.peerId, bytes('blocks'), 20_000).then((received) => {
      done = true;
      return received;
    });
    await until(
      () => a.metrics.value('vostro_network_bytes_total', { protocol: 'request', direction: 'in' }) > 0,
      'its beginning',
    );
    b.network.broadcastConsensus('commit', bytes('commit'));
    await until(() => a.consensus.length === 1, 'the commit');
    expect(done).to.equal(false);
    expect(Buffer.compare(await answer, large)).to.equal(0);
  });

  it('end in time when nobody answers, and leave the connection as it was', async () => {
    const [a, b] = await setUp();
    b.answer = () => new Promise(() => undefined);
    expect(await rejection(a.network.request(b.peerId, bytes('?'), 100))).to.equal('REQUEST_TIMEOUT');
    expect(isMesh(peers)).to.equal(true);
    b.answer = (_, request) => Promise.resolve(request);
    expect(text(await a.network.request(b.peerId, bytes('!'), 5_000))).to.equal('!');
  });

  it('that are answered too late hold nothing up, however many there are', async () => {
    const [a, b] = await setUp({ stallMs: 300 });
    b.answer = async (_, request) => {
      await settle(150);
      return request;
    };
    const late = Array.from({ length: 8 }, () => rejection(a.network.request(b.peerId, bytes('?'), 50)));
    expect(new Set(await Promise.all(late))).to.deep.equal(new Set(['REQUEST_TIMEOUT']));
    await settle(800);
    expect(b.events.filter((event) => event.startsWith('-'))).to.deep.equal([]);
    expect(text(await a.network.request(b.peerId, bytes('!'), 5_000))).to.equal('!');
  });

  it('say why they were refused', async () => {
    const [a, b] = await setUp();
    b.answer = () => Promise.reject(new CodedError('HEIGHT_UNKNOWN', 'no such block here'));
    const refused = await a.network.request(b.peerId, bytes('?'), 5_000).catch((error: unknown) => error as CodedError);
    expect(refused).to.include({ code: 'REQUEST_REFUSED' });
    expect((refused as CodedError).details['answerCode']).to.equal('HEIGHT_UNKNOWN');
    b.answer = () => Promise.reject(new TypeError('a bug'));
    const failed = await a.network.request(b.peerId, bytes('?'), 5_000).catch((error: unknown) => error as CodedError);
    expect((failed as CodedError).details['answerCode']).to.equal('FAILED');
    b.answer = () => Promise.resolve(new Uint8Array(16 * 1_048_576 + 1));
    const tooLarge = await a.network
      .request(b.peerId, bytes('?'), 5_000)
      .catch((error: unknown) => error as CodedError);
    expect((tooLarge as CodedError).details['answerCode']).to.equal('ANSWER_TOO_LARGE');
    expect(isMesh(peers)).to.equal(true);
  });

  it('are bounded in number on the side that asks and on the side that answers', async () => {
    const validator = { ...FAST.quotas.validator, concurrentRequests: 2 };
    const [a, b] = await setUp({ quotas: { ...FAST.quotas, validator } });
    let release: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    b.answer = async (_, request) => {
      await held;
      return request;
    };
    const open = Array.from({ length: 8 }, () => rejection(a.network.request(b.peerId, bytes('?'), 5_000)));
    expect(await rejection(a.network.request(b.peerId, bytes('?'), 5_000))).to.equal('REQUEST_LIMIT');
    await until(() => requests(b, 'in', 'BUSY') === 6, 'six refusals');
    release();
    expect((await Promise.all(open)).filter((code) => code === undefined)).to.have.length(2);
    expect(text(await a.network.request(b.peerId, bytes('!'), 5_000))).to.equal('!');
  });

  it('are answered within a budget of bytes for all peers together', async () => {
    const [a, b] = await setUp({ answerBytesInFlight: 1_000 });
    b.answer = () => Promise.resolve(new Uint8Array(1_001));
    expect(await rejection(a.network.request(b.peerId, bytes('?'), 5_000))).to.equal('REQUEST_REFUSED');
    b.answer = () => Promise.resolve(new Uint8Array(1_000));
    for (let i = 0; i < 3; i++) await a.network.request(b.peerId, bytes('?'), 5_000);
  });

  it('of a peer that is not there, or that goes away, say so', async () => {
    const [a, b] = await setUp();
    expect(await rejection(a.network.request(new TestPeer(7).peerId, bytes('?'), 100))).to.equal('PEER_NOT_CONNECTED');
    b.answer = () => new Promise(() => undefined);
    const asked = rejection(a.network.request(b.peerId, bytes('?'), 5_000));
    await settle(50);
    await b.stop();
    expect(await asked).to.equal('PEER_DISCONNECTED');
    expect(await rejection(a.network.request(a.peerId, new Uint8Array(0), 100))).to.equal('PEER_NOT_CONNECTED');
  });

  it('that are too large are never sent', async () => {
    const [a, b] = await setUp();
    expect(await rejection(a.network.request(b.peerId, new Uint8Array(1_048_577), 100))).to.equal('MESSAGE_TOO_LARGE');
    expect((await a.network.request(b.peerId, new Uint8Array(1_048_576), 5_000)).length).to.equal(1_048_576);
  });

  for (const [name, data] of [
    ['too large', new Uint8Array([1, 0, 0, 0])],
    ['empty', encodeFrame([])],
    ['malformed', new Uint8Array([0, 0, 0, 5, 0, 0, 0, 9, 1])],
  ] as const) {
    it(`that are ${name} cost who sends them the connection`, async () => {
      const [a, b] = await setUp();
      raw = new RawPeer(9);
      for (const peer of [a, b]) peer.network.setPeers([a.entry, b.entry, raw.entry]);
      await raw.start();
      const connection = await raw.dial(a);
      await until(() => raw !== undefined && a.isConnectedTo(raw), 'the raw peer');
      const stream = await connection.newStream(PROTOCOLS.request);
      stream.send(data);
      await until(() => raw !== undefined && !a.isConnectedTo(raw), 'the connection ended');
      expect(isMesh(peers)).to.equal(true);
    });
  }

  it('answered with garbage cost who answers the connection', async () => {
    const [a, b] = await setUp();
    raw = new RawPeer(9);
    for (const peer of [a, b]) peer.network.setPeers([a.entry, b.entry, raw.entry]);
    await raw.start((stream) => {
      if (stream.protocol === PROTOCOLS.request) stream.send(new Uint8Array([0, 0, 0, 9, 255, 0, 0, 0, 0, 0, 0, 0, 0]));
    });
    await raw.dial(a);
    await until(() => raw !== undefined && a.isConnectedTo(raw), 'the raw peer');
    expect(await rejection(a.network.request(raw.peerId, bytes('?'), 5_000))).to.match(/^FRAME_/);
    expect(a.isConnectedTo(raw)).to.equal(false);
    expect(isMesh(peers)).to.equal(true);
  });
});
