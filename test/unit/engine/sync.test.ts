import { expect } from 'chai';
import { type CertifiedBlock, decodeRequest, encodeBlocks } from '../../../node/engine/requestCodec.js';
import { Synchroniser } from '../../../node/engine/sync.js';
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

type Answerer = (fromHeight: number) => Promise<readonly CertifiedBlock[]>;

/** An honest peer with the chain up to a height, three blocks an answer. */
const honest =
  (upTo: number): Answerer =>
  async (fromHeight) =>
    CHAIN.slice(fromHeight - 1, Math.min(upTo, fromHeight - 1 + CHUNK));

const timeout: Answerer = async () => {
  throw new NetworkError('REQUEST_TIMEOUT', 'expected an answer, found none');
};

/** An honest peer but for one block. */
const corrupted =
  (height: number, change: (certified: CertifiedBlock) => CertifiedBlock): Answerer =>
  async (fromHeight) =>
    (await honest(12)(fromHeight)).map((block) => (block.block.header.height === height ? change(block) : block));

function scene(peers: Readonly<Record<string, Answerer>>) {
  const chain = new FakeChain(PLAN);
  const timers = new ManualTimers();
  const asked: string[] = [];
  const penalised: string[] = [];
  const sync = new Synchroniser(
    { requestTimeoutMs: 1_000, attempts: 3, retryMs: 500 },
    {
      network: {
        request: async (peerId, bytes) => {
          const request = decodeRequest(bytes);
          if (request.type !== 'blocks') throw new NetworkError('REQUEST_REFUSED', 'expected a request for blocks');
          asked.push(`${peerId}:${request.fromHeight}`);
          return encodeBlocks(await (peers[peerId] as Answerer)(request.fromHeight));
        },
        penalise: (peerId, reason) => void penalised.push(`${peerId}:${reason.code}`),
      },
      timers,
      head: () => chain.head,
      commit: (certified) => chain.commit(certified),
      genesisHash: GENESIS_HASH,
      hasher: pureHasher,
      verifier: inlineVerifier,
      logger: silentLogger,
      metrics: silentMetrics,
    },
  );
  const height = (): number => chain.head.header.height;
  return { sync, timers, asked, penalised, height, chain };
}

describe('fetching blocks from peers', () => {
  it('reaches the claimed head over a change of validators, taking turns among peers', async () => {
    const { sync, asked, penalised, height } = scene({ a: honest(12), b: honest(12) });
    sync.claim('a', 12);
    sync.claim('b', 12);
    await settle(200);
    expect(height()).to.equal(12);
    expect(asked).to.deep.equal(['a:1', 'b:4', 'a:7', 'b:10']);
    expect(penalised).to.deep.equal([]);
    expect(sync.isBehind).to.equal(false);
  });

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
    'another block in its place': corrupted(8, () => other),
    'blocks of another range': async (fromHeight) => honest(12)(Math.min(fromHeight + 2, 10)),
  };
  for (const [lie, answerer] of Object.entries(lies)) {
    it(`commits nothing of ${lie}, counts it and asks another peer`, async () => {
      const { sync, penalised, height } = scene({ liar: answerer, honest: honest(12) });
      sync.claim('liar', 12);
      sync.claim('honest', 12);
      await settle(200);
      expect(height()).to.equal(12);
      expect(penalised).to.include('liar:ANSWER_UNPROVEN');
      expect(penalised.every((entry) => entry.startsWith('liar'))).to.equal(true);
    });
  }

  it('stops believing a peer that has nothing of what it claims', async () => {
    const { sync, asked, height } = scene({ liar: honest(2) });
    sync.claim('liar', 1_000_000);
    await settle(100);
    expect(height()).to.equal(2);
    expect(asked).to.have.length(2);
    expect(sync.isBehind).to.equal(false);
  });

  it('counts an answer that does not decode', async () => {
    const garbled: Answerer = async () => [{ ...other, block: { ...other.block, transactions: [Uint8Array.of(1)] } }];
    const { sync, penalised } = scene({ a: garbled });
    sync.claim('a', 12);
    await settle(50);
    expect(penalised).to.deep.equal(['a:ANSWER_UNPROVEN']);
  });

  it('pauses when peers do not answer and goes on by itself when they do', async () => {
    let answers = timeout;
    const { sync, timers, asked, height } = scene({ a: (from) => answers(from), b: (from) => answers(from) });
    sync.claim('a', 12);
    sync.claim('b', 12);
    await settle(50);
    expect(asked).to.have.length(3);
    answers = honest(12);
    timers.advance(499);
    await settle(50);
    expect(asked).to.have.length(3);
    timers.advance(1);
    await settle(200);
    expect(height()).to.equal(12);
  });

  it('stops believing a peer that never answers', async () => {
    const { sync, timers, asked } = scene({ a: timeout });
    sync.claim('a', 12);
    for (let i = 0; i < 5; i++) {
      await settle(20);
      timers.advance(500);
    }
    expect(asked).to.have.length(3);
    expect(sync.isBehind).to.equal(false);
  });

  it('skips what consensus decided in the meantime', async () => {
    const { sync, chain, height } = scene({
      a: async (fromHeight) => {
        for (const certified of CHAIN.slice(0, 2)) await chain.commit(certified);
        return honest(12)(fromHeight);
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
    expect(asked).to.have.length(3);
  });
});
