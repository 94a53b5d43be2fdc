import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { leafHash, leafHashes } from '../../../node/engine/blockBody.js';
import { BodyAssembly } from '../../../node/engine/bodyAssembly.js';
import { BodyStore, type UndecidedBody } from '../../../node/engine/bodyStore.js';
import { decodeRequest, encodeTransactions, type PeerRequest } from '../../../node/engine/requestCodec.js';
import { NetworkError } from '../../../node/network/errors.js';
import { encodeBlock, headerHash, transactionsRoot } from '../../../primitives/block.js';
import { equalBytes } from '../../../primitives/bytes.js';
import { EMPTY_TREE_ROOT, pureHasher } from '../../../primitives/merkle.js';
import { utf8Encode } from '../../../primitives/text.js';
import { testHeader } from '../../support/finalityFixture.js';
import { FakeMempool } from './support/fakeMempool.js';
import { ManualTimers, settle } from './support/manualTimers.js';
import { silentLogger, silentMetrics } from './support/ports.js';

const TRANSACTIONS = Array.from({ length: 6 }, (_, index) => utf8Encode(`transaction ${index}`));
const HEADER = testHeader({ height: 7, txRoot: transactionsRoot(leafHashes(TRANSACTIONS)) });
const BODY: UndecidedBody = {
  block: { header: HEADER, transactions: TRANSACTIONS },
  blockHash: headerHash(HEADER),
  leafHashes: leafHashes(TRANSACTIONS),
};

type Answerer = (request: PeerRequest) => Uint8Array | Promise<Uint8Array>;

/** An honest peer that gives at most so many transactions an answer. */
const honest =
  (perAnswer = 100): Answerer =>
  (request) => {
    if (request.type === 'body') return encodeBlock(BODY.block);
    if (request.type !== 'transactions') throw new NetworkError('REQUEST_REFUSED', 'expected another request');
    return encodeTransactions(
      request.leafHashes.map((leaf, position) =>
        position < perAnswer ? TRANSACTIONS.find((transaction) => equalBytes(leafHash(transaction), leaf)) : undefined,
      ),
    );
  };

const silent: Answerer = () => {
  throw new NetworkError('REQUEST_TIMEOUT', 'expected an answer, found none');
};

/** Takes the request and never says anything. */
const hanging: Answerer = () => new Promise(() => undefined);

/** Knows the block, but none of its transactions apart. */
const committed: Answerer = (request) => {
  if (request.type === 'body') return encodeBlock(BODY.block);
  throw new NetworkError('REQUEST_REFUSED', 'expected an answer, found the refusal NOT_FOUND');
};

describe('assembling a proposed body', () => {
  let home: string;
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'vostro-assembly-'));
  });
  const opened: BodyStore[] = [];
  afterEach(async () => {
    for (const bodies of opened.splice(0)) await bodies.close();
    await rm(home, { recursive: true });
  });

  async function scene(peers: Readonly<Record<string, Answerer>>, known = 0) {
    const bodies = await BodyStore.open(
      { directory: home, maxBodies: 8 },
      { hasher: pureHasher, logger: silentLogger },
      0,
    );
    opened.push(bodies);
    const mempool = new FakeMempool();
    for (const transaction of TRANSACTIONS.slice(0, known)) mempool.add(transaction);
    const timers = new ManualTimers();
    const asked: string[] = [];
    const penalised: string[] = [];
    const assembly = new BodyAssembly(
      { requestTimeoutMs: 10_000, attempts: 3, patienceMs: 1_000 },
      {
        bodies,
        mempool,
        network: {
          request: async (peerId, bytes) => {
            const request = decodeRequest(bytes);
            asked.push(`${peerId} ${request.type}`);
            return (peers[peerId] as Answerer)(request);
          },
          penalise: (peerId, { code }) => void penalised.push(`${peerId} ${code}`),
        },
        hasher: pureHasher,
        timers,
        logger: silentLogger,
        metrics: silentMetrics,
      },
    );
    const obtain = (isNeeded = () => true, from = Object.keys(peers)) =>
      assembly.obtain({ height: 7, blockHash: BODY.blockHash, peers: from, isNeeded });
    const offer = (leaves = BODY.leafHashes) => assembly.offer(HEADER, BODY.blockHash, leaves, 'a');
    return { assembly, bodies, asked, penalised, obtain, offer, timers };
  }

  it('asks nobody for what the mempool holds', async () => {
    const { obtain, offer, asked } = await scene({ a: honest() }, 6);
    offer();
    expect(await obtain()).to.deep.equal(BODY);
    expect(asked).to.deep.equal([]);
  });

  it('asks nobody for what is on the disk', async () => {
    const { obtain, bodies, asked } = await scene({ a: honest() });
    await bodies.put(BODY);
    expect(await obtain()).to.deep.equal(BODY);
    expect(asked).to.deep.equal([]);
  });

  it('pulls what it misses from the proposer, in as many answers as it takes', async () => {
    const { obtain, offer, asked } = await scene({ a: honest(2), b: honest() }, 1);
    offer();
    expect(await obtain()).to.deep.equal(BODY);
    expect(asked).to.deep.equal(['a transactions', 'a transactions', 'a transactions']);
  });

  it('goes on with the next peer where the proposer does not answer', async () => {
    const { obtain, offer, asked } = await scene({ a: silent, b: honest() }, 3);
    offer();
    expect(await obtain()).to.deep.equal(BODY);
    expect(asked).to.deep.equal(['a transactions', 'b transactions']);
  });

  it('takes no transaction that it did not ask for', async () => {
    const liar: Answerer = (request) =>
      encodeTransactions(request.type === 'transactions' ? request.leafHashes.map(() => utf8Encode('another')) : []);
    const { obtain, offer, penalised } = await scene({ a: liar, b: honest() }, 3);
    offer();
    expect(await obtain()).to.deep.equal(BODY);
    expect(penalised).to.deep.equal(['a BODY_MISMATCH']);
  });

  it('holds leaves that do not belong to the header against who sent them, and fetches the body whole', async () => {
    const { obtain, offer, asked, penalised } = await scene({ a: honest() }, 6);
    offer([...BODY.leafHashes].reverse());
    offer(BODY.leafHashes.slice(1));
    expect(penalised).to.deep.equal(['a BODY_MISMATCH', 'a BODY_MISMATCH']);
    expect(await obtain()).to.deep.equal(BODY);
    expect(asked).to.deep.equal(['a body']);
  });

  it('takes no whole body but the one with the hash', async () => {
    const swapped: Answerer = () => encodeBlock({ header: HEADER, transactions: [...TRANSACTIONS].reverse() });
    const other: Answerer = () => encodeBlock({ header: testHeader({ height: 7 }), transactions: TRANSACTIONS });
    const garbled: Answerer = () => Uint8Array.of(1, 2, 3);
    const { obtain, penalised } = await scene({ a: swapped, b: other, c: garbled });
    expect(await obtain()).to.equal(undefined);
    expect(penalised).to.deep.equal(['a BODY_MISMATCH', 'b BODY_MISMATCH', 'c ANSWER_MALFORMED']);
  });

  it('asks no more peers than it may, and none when nobody waits any more', async () => {
    const many = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((peerId) => [peerId, silent]));
    const first = await scene(many);
    expect(await first.obtain()).to.equal(undefined);
    expect(first.asked).to.have.length(3);
    const second = await scene(many);
    expect(await second.obtain(() => false)).to.equal(undefined);
    expect(second.asked).to.deep.equal([]);
  });

  it('searches once, however many wait', async () => {
    const { obtain, asked } = await scene({ a: honest() });
    const [one, two] = await Promise.all([obtain(), obtain()]);
    expect(one).to.deep.equal(BODY);
    expect(two).to.equal(one);
    expect(asked).to.deep.equal(['a body']);
  });

  it('asks the next peer as well where one takes its time', async () => {
    const { obtain, offer, asked, timers } = await scene({ a: hanging, b: honest() });
    offer();
    const body = obtain();
    await settle(5);
    expect(asked).to.deep.equal(['a transactions']);
    timers.advance(1_000);
    expect(await body).to.deep.equal(BODY);
    expect(asked).to.deep.equal(['a transactions', 'b transactions']);
    expect(timers.pending).to.equal(0);
  });

  it('asks a leader who proposes the block again at once, while the first one keeps it waiting', async () => {
    const { obtain, offer, asked } = await scene({ a: hanging, b: honest() });
    offer();
    const first = obtain(undefined, ['a']);
    await settle(5);
    expect(await obtain(undefined, ['b', 'a'])).to.deep.equal(BODY);
    expect(await first, 'who waited before has it, too').to.deep.equal(BODY);
    expect(asked).to.deep.equal(['a transactions', 'b transactions']);
  });

  it('takes the whole body from a peer that has no transactions apart', async () => {
    const { obtain, offer, asked } = await scene({ a: committed });
    offer();
    expect(await obtain()).to.deep.equal(BODY);
    expect(asked).to.deep.equal(['a transactions', 'a body']);
  });

  it('comes to everybody in the end who may have it, however many say nothing', async () => {
    const names = Array.from({ length: 12 }, (_, index) => `p${index}`);
    const peers = Object.fromEntries(names.map((name) => [name, name === 'p9' ? honest() : silent]));
    const { obtain } = await scene(peers);
    let tries = 1;
    while ((await obtain()) === undefined && tries < 20) tries++;
    expect(tries).to.be.at.most(6);
  });

  it('lets one peer’s proposals push out no one’s but its own', async () => {
    const { obtain, offer, assembly, asked } = await scene({ a: honest() }, 6);
    offer();
    for (let i = 0; i < 600; i++) {
      const header = testHeader({ height: 7, timestamp: 1_790_000_000_000 + i, txRoot: EMPTY_TREE_ROOT });
      assembly.offer(header, headerHash(header), [], 'liar');
    }
    expect(await obtain()).to.deep.equal(BODY);
    expect(asked).to.deep.equal([]);
  });
});
