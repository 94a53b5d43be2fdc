import { expect } from 'chai';
import { DEFAULT_ENGINE_LIMITS, type EngineLimits } from '../../../node/engine/limits.js';
import { decodeRequest, encodeBlocks } from '../../../node/engine/requestCodec.js';
import { Synchroniser } from '../../../node/engine/sync.js';
import { type SyncOptions, syncOptions } from '../../../node/engine/syncOptions.js';
import type { CertifiedBlock } from '../../../node/execution/types.js';
import { NetworkError } from '../../../node/network/errors.js';
import { pureHasher } from '../../../primitives/merkle.js';
import { certify, GENESIS_HASH, testValidators } from '../../support/finalityFixture.js';
import { certifiedChain, FakeChain, inlineVerifier, type ValidatorPlan } from './support/chain.js';
import { ManualTimers, settle } from './support/manualTimers.js';
import { silentLogger, silentMetrics } from './support/ports.js';

const OLD = testValidators('old', 4);
const NEW = testValidators('new', 4);
const PLAN: ValidatorPlan = [
  { fromHeight: 1, validators: OLD },
  { fromHeight: 9, validators: NEW },
];
const CHAIN = certifiedChain(PLAN, 12);
const CHUNK = 3;

type Answerer = (fromHeight: number, count: number) => Promise<readonly CertifiedBlock[]>;

/** An honest peer with the chain up to a height. */
const honest =
  (upTo: number): Answerer =>
  async (fromHeight, count) =>
    CHAIN.slice(fromHeight - 1, Math.min(upTo, fromHeight - 1 + count));

const timeout: Answerer = async () => {
  throw new NetworkError('REQUEST_TIMEOUT', 'expected an answer, found none');
};

/** Takes the question and says nothing, ever. */
const silent: Answerer = () => new Promise(() => undefined);

/** An honest peer but for one block. */
const corrupted =
  (height: number, change: (certified: CertifiedBlock) => CertifiedBlock): Answerer =>
  async (fromHeight, count) =>
    (await honest(12)(fromHeight, count)).map((block) =>
      block.block.header.height === height ? change(block) : block,
    );

const LIMITS: EngineLimits = { ...DEFAULT_ENGINE_LIMITS, attempts: 3, retryMs: 500 };

function scene(peers: Readonly<Record<string, Answerer>>, change: Partial<SyncOptions> = {}) {
  const chain = new FakeChain(PLAN);
  const timers = new ManualTimers();
  const asked: string[] = [];
  const penalised: string[] = [];
  const said: string[] = [];
  const sync = new Synchroniser(
    { ...syncOptions(LIMITS), rangeBlocks: CHUNK, commitBlocks: 2, ...change },
    {
      network: {
        request: async (peerId, bytes) => {
          const request = decodeRequest(bytes);
          if (request.type !== 'blocks') throw new NetworkError('REQUEST_REFUSED', 'expected a request for blocks');
          asked.push(`${peerId}:${request.fromHeight}`);
          return encodeBlocks(await (peers[peerId] as Answerer)(request.fromHeight, request.maxCount));
        },
        penalise: (peerId, reason) => void penalised.push(`${peerId}:${reason.code}`),
      },
      timers,
      head: () => chain.head,
      commit: (blocks) => chain.commitAll(blocks),
      genesisHash: GENESIS_HASH,
      hasher: pureHasher,
      verifier: inlineVerifier,
      logger: { ...silentLogger, info: (_fields, message) => void said.push(message) },
      metrics: silentMetrics,
    },
  );
  const height = (): number => chain.head.header.height;
  return { sync, timers, asked, penalised, height, chain, said };
}

describe('fetching blocks from peers', () => {
  it('reaches the claimed head over a change of validators, asking both peers at once', async () => {
    const { sync, asked, penalised, height } = scene({ a: honest(12), b: honest(12) });
    sync.claim('a', 12);
    sync.claim('b', 12);
    await settle(200);
    expect(height()).to.equal(12);
    expect(asked.slice(0, 2)).to.deep.equal(['a:1', 'b:4']);
    expect(asked).to.have.length(4);
    expect(penalised).to.deep.equal([]);
    expect(sync.isBehind).to.equal(false);
  });

  // PROTOCOL §What is asked N1.
  it('asks nobody while no peer says that it has more', async () => {
    const { sync, asked } = scene({ a: honest(12) });
    sync.claim('a', 0);
    await settle();
    expect(asked).to.deep.equal([]);
  });

  it('goes on to a claim that comes while it runs', async () => {
    const { sync, height } = scene({ a: honest(12) });
    sync.claim('a', 2);
    sync.claim('a', 12);
    await settle(200);
    expect(height()).to.equal(12);
  });

  const other = CHAIN[2] as CertifiedBlock;
  const lies: Readonly<Record<string, Answerer>> = {
    'a certificate of too few': corrupted(8, ({ block }) => ({
      block,
      certificate: certify(block.header, OLD, { signerCount: 2 }),
    })),
    'a certificate of validators who are not in office yet': corrupted(8, ({ block }) => ({
      block,
      certificate: certify(block.header, NEW),
    })),
    'a certificate of validators who left office': corrupted(9, ({ block }) => ({
      block,
      certificate: certify(block.header, OLD),
    })),
    'a prepare certificate': corrupted(8, ({ block }) => ({
      block,
      certificate: certify(block.header, OLD, { type: 'prepare' }),
    })),
    'a certificate of another block': corrupted(8, ({ block }) => ({ block, certificate: other.certificate })),
    'a signature that is not valid': corrupted(8, ({ block, certificate }) => ({
      block,
      certificate: { ...certificate, signatures: certificate.signatures.map(() => new Uint8Array(64).fill(1)) },
    })),
    'a body that the header does not name': corrupted(8, ({ block, certificate }) => ({
      block: { ...block, transactions: [Uint8Array.of(1)] },
      certificate,
    })),
    'a decided block on another parent': corrupted(8, ({ block }) => {
      const header = { ...block.header, parentHash: other.certificate.blockHash };
      return { block: { ...block, header }, certificate: certify(header, OLD) };
    }),
    'another block in its place': corrupted(8, () => other),
    'blocks of another range': async (fromHeight, count) => honest(12)(fromHeight + 1, count),
    'a hole in a range': async (fromHeight, count) => (await honest(12)(fromHeight, count)).toSpliced(1, 1),
  };
  for (const [lie, answerer] of Object.entries(lies)) {
    // PROTOCOL §What is asked N2, N3.
    it(`commits nothing of ${lie}, counts it and asks another peer`, async () => {
      const { sync, penalised, height } = scene({ liar: answerer, honest: honest(12) }, { rangeBlocks: 12 });
      sync.claim('liar', 12);
      sync.claim('honest', 12);
      await settle(200);
      expect(height()).to.equal(12);
      expect(penalised).to.include('liar:ANSWER_UNPROVEN');
      expect(penalised.every((entry) => entry.startsWith('liar'))).to.equal(true);
    });
  }

  it('leaves a liar alone for a while, whatever it says meanwhile', async () => {
    const { sync, timers, asked, height } = scene({ liar: corrupted(1, () => other) });
    sync.claim('liar', 12);
    await settle(50);
    expect(asked).to.include('liar:1');
    const before = asked.length;
    sync.claim('liar', 12);
    timers.advance(LIMITS.syncLiarMs - 1);
    sync.claim('liar', 12);
    await settle(50);
    expect(asked).to.have.length(before);
    expect(sync.isBehind).to.equal(false);
    timers.advance(2);
    sync.claim('liar', 12);
    await settle(50);
    expect(asked.length).to.be.above(before);
    expect(height()).to.equal(0);
  });

  it('asks a second peer for the range that everything waits for', async () => {
    const { sync, timers, height, asked } = scene({ silent, honest: honest(12) });
    sync.claim('silent', 12);
    sync.claim('honest', 12);
    await settle(50);
    expect(asked[0]).to.equal('silent:1');
    expect(height()).to.equal(0);
    timers.advance(LIMITS.syncHedgeMs);
    await settle(50);
    timers.advance(LIMITS.syncHedgeMs);
    await settle(50);
    expect(height()).to.equal(12);
  });

  // PROTOCOL §What is asked N4.
  it('commits in the order of the heights, whichever answer comes first', async () => {
    const late: (() => void)[] = [];
    const slow: Answerer = async (fromHeight, count) => {
      await new Promise<void>((resolve) => late.push(resolve));
      return honest(12)(fromHeight, count);
    };
    const { sync, height, asked } = scene({ slow, fast: honest(12) });
    sync.claim('slow', 12);
    sync.claim('fast', 12);
    await settle(50);
    expect(asked[0]).to.equal('slow:1');
    expect(height()).to.equal(0);
    for (const answer of late) answer();
    await settle(100);
    expect(height()).to.equal(12);
  });

  it('goes on where an answer ended early', async () => {
    const brief: Answerer = async (fromHeight) => honest(12)(fromHeight, 1);
    const { sync, height } = scene({ brief }, { rangeBlocks: 12 });
    sync.claim('brief', 12);
    await settle(200);
    expect(height()).to.equal(12);
  });

  it('says how far it is and how long it takes', async () => {
    const pending: (() => void)[] = [];
    const slow: Answerer = async (fromHeight, count) => {
      await new Promise<void>((resolve) => pending.push(resolve));
      return honest(12)(fromHeight, count);
    };
    const { sync, timers, said } = scene({ slow });
    sync.claim('slow', 1_003);
    await settle(10);
    expect(said).to.deep.equal(['sync: this node is 1003 blocks behind and fetches them']);
    timers.advance(1_000);
    for (const answer of pending.splice(0)) answer();
    await settle(50);
    timers.advance(4_000);
    expect(said.at(-1)).to.equal('sync: height 3 of 1,003, 1 blocks/s, about 28 min left');
    expect(sync.status()).to.deep.include({ height: 3, targetHeight: 1_003, blocksPerSecond: 1, secondsLeft: 1_667 });
  });

  it('tells a height that only a liar has from one that more peers have than may be faulty', async () => {
    const { sync } = scene({ liar: silent, a: silent, b: silent });
    sync.claim('liar', 1_000_000);
    sync.claim('a', 11);
    sync.claim('b', 12);
    expect(sync.status().targetHeight).to.equal(12);
  });

  it('stops believing a peer that has nothing of what it claims', async () => {
    const { sync, asked, height } = scene({ liar: honest(2) });
    sync.claim('liar', 1_000_000);
    await settle(100);
    expect(height()).to.equal(2);
    expect(asked).to.include('liar:3');
    expect(sync.isBehind).to.equal(false);
  });

  it('counts an answer that does not decode', async () => {
    const garbled: Answerer = async () => [{ ...other, block: { ...other.block, transactions: [Uint8Array.of(1)] } }];
    const { sync, penalised } = scene({ a: garbled });
    sync.claim('a', 12);
    await settle(50);
    expect(penalised).to.deep.equal(['a:ANSWER_UNPROVEN']);
  });

  it('leaves peers alone that do not answer, longer each time, and goes on by itself when they do', async () => {
    let answers = timeout;
    const { sync, timers, asked, height } = scene({ a: (...range) => answers(...range) });
    sync.claim('a', 12);
    await settle(50);
    expect(asked).to.have.length(1);
    timers.advance(499);
    await settle(50);
    expect(asked).to.have.length(1);
    timers.advance(1);
    await settle(50);
    expect(asked).to.have.length(2);
    answers = honest(12);
    timers.advance(999);
    await settle(50);
    expect(asked).to.have.length(2);
    timers.advance(1);
    await settle(200);
    expect(height()).to.equal(12);
  });

  it('counts an answer with more blocks than were asked for', async () => {
    const { sync, penalised, height } = scene({ a: async (fromHeight) => CHAIN.slice(fromHeight - 1) });
    sync.claim('a', 12);
    await settle(50);
    expect(penalised).to.deep.equal(['a:ANSWER_MALFORMED']);
    expect(height()).to.equal(0);
  });

  it('stops believing a peer that never answers', async () => {
    const { sync, timers, asked } = scene({ a: timeout });
    sync.claim('a', 12);
    for (let i = 0; i < 20; i++) {
      await settle(20);
      timers.advance(500);
    }
    expect(asked).to.have.length(3);
    expect(sync.isBehind).to.equal(false);
  });

  it('skips what consensus decided in the meantime', async () => {
    const { sync, chain, height } = scene({
      a: async (fromHeight, count) => {
        for (const certified of CHAIN.slice(0, 2)) await chain.commit(certified);
        return honest(12)(fromHeight, count);
      },
    });
    sync.claim('a', 12);
    await settle(200);
    expect(height()).to.equal(12);
  });

  it('asks nobody once it is stopped', async () => {
    const { sync, timers, asked } = scene({ a: timeout });
    sync.claim('a', 12);
    await settle(50);
    sync.stop();
    timers.advance(10_000);
    await settle(50);
    expect(asked).to.have.length(1);
  });
});
