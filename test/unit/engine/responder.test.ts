import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { leafHashes } from '../../../node/engine/blockBody.js';
import { BodyStore, type UndecidedBody } from '../../../node/engine/bodyStore.js';
import { PeerRates } from '../../../node/engine/peerRates.js';
import {
  decodeBlocks,
  decodeClaim,
  decodeTransactions,
  encodeRequest,
  type PeerRequest,
} from '../../../node/engine/requestCodec.js';
import { Responder } from '../../../node/engine/responder.js';
import type { CertifiedBlock } from '../../../node/execution/types.js';
import { decodeBlock, headerHash, transactionsRoot } from '../../../primitives/block.js';
import { isCodedError } from '../../../primitives/errors.js';
import { pureHasher } from '../../../primitives/merkle.js';
import { utf8Encode } from '../../../primitives/text.js';
import { testHeader, testValidators } from '../../support/finalityFixture.js';
import { certifiedChain, genesisHead } from './support/chain.js';
import { FakeMempool } from './support/fakeMempool.js';
import { ManualTimers } from './support/manualTimers.js';
import { silentLogger, silentMetrics } from './support/ports.js';

const PLAN = [{ fromHeight: 1, validators: testValidators('responder', 4) }];
const LONG_CHAIN = certifiedChain(PLAN, 80);
const CHAIN = LONG_CHAIN.slice(0, 3);
const [, SECOND, THIRD] = CHAIN;
const TRANSACTIONS = [1, 2, 3].map((index) => utf8Encode(`transaction ${index}`));
const HEADER = testHeader({ height: 4, txRoot: transactionsRoot(leafHashes(TRANSACTIONS)) });
const BODY: UndecidedBody = {
  block: { header: HEADER, transactions: TRANSACTIONS },
  blockHash: headerHash(HEADER),
  leafHashes: leafHashes(TRANSACTIONS),
};

describe('the answers to peers', () => {
  let home: string;
  let bodies: BodyStore;
  let responder: Responder;
  let timers: ManualTimers;
  let penalised: string[];
  let isRecovering: boolean;
  let chain: readonly CertifiedBlock[];
  /** Blocks that each read of the chain asked for. */
  let reads: number[];

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'vostro-responder-'));
    bodies = await BodyStore.open({ directory: home, maxBodies: 8 }, { hasher: pureHasher, logger: silentLogger }, 0);
    await bodies.put(BODY);
    const mempool = new FakeMempool();
    mempool.add(utf8Encode('waiting'));
    timers = new ManualTimers();
    penalised = [];
    isRecovering = false;
    const head = {
      ...genesisHead(PLAN),
      header: THIRD?.block.header ?? HEADER,
      blockHash: headerHash(THIRD?.block.header ?? HEADER),
      certificate: THIRD?.certificate,
    };
    chain = CHAIN;
    reads = [];
    responder = new Responder({
      executor: {
        head: () => ({ ...head, header: { ...head.header, height: chain.length } }),
        blocks: async (from, count) => {
          reads.push(count);
          return chain.slice(from - 1, from - 1 + count);
        },
      },
      bodies,
      mempool,
      network: { penalise: (peerId, { code }) => void penalised.push(`${peerId} ${code}`) },
      rates: new PeerRates({ perWindow: 3, windowMs: 1_000 }, timers),
      metrics: silentMetrics,
      isRecovering: () => isRecovering,
    });
  });
  afterEach(async () => {
    await bodies.close();
    await rm(home, { recursive: true });
  });

  const ask = (request: PeerRequest, peerId = 'peer') => responder.answer(peerId, encodeRequest(request));

  async function codeOf(answer: Promise<unknown>): Promise<string> {
    const outcome: unknown = await answer.catch((error: unknown) => error);
    return isCodedError(outcome) ? outcome.code : 'answered';
  }

  it('say how far this node is, with the certificate of it', async () => {
    const claim = decodeClaim(await ask({ type: 'status' }));
    expect(claim.headHeight).to.equal(3);
    expect(claim.certificate).to.deep.equal(THIRD?.certificate);
    expect(decodeClaim(await ask({ type: 'workingHeight' }))).to.deep.equal(claim);
  });

  it('give no working height while the own journal is being recovered', async () => {
    isRecovering = true;
    expect(await codeOf(ask({ type: 'workingHeight' }))).to.equal('NOT_FOUND');
    expect(await codeOf(ask({ type: 'status' }))).to.equal('answered');
  });

  it('give ranges of blocks, and none that are not there', async () => {
    const blocks = (fromHeight: number, maxCount: number) =>
      ask({ type: 'blocks', fromHeight, maxCount, maxBytes: 10_000 }).then(decodeBlocks);
    expect(await blocks(2, 5)).to.deep.equal(CHAIN.slice(1));
    expect(await blocks(4, 5)).to.deep.equal([]);
    expect(await blocks(0, 5)).to.deep.equal([]);
  });

  it('read long ranges in parts, so that consensus gets its turn between them', async () => {
    chain = LONG_CHAIN;
    const range = { type: 'blocks', fromHeight: 2, maxCount: 70, maxBytes: 4_194_304 } as const;
    expect(decodeBlocks(await ask(range))).to.deep.equal(LONG_CHAIN.slice(1, 71));
    expect(reads).to.deep.equal([32, 32, 6]);
  });

  it('give no more blocks than fit, but one at the least', async () => {
    chain = LONG_CHAIN;
    // An empty block counts as 1,024 bytes.
    for (const [maxBytes, count] of [
      [1, 1],
      [1_024, 1],
      [2_047, 1],
      [2_048, 2],
      [51_200, 50],
    ] as const) {
      const range = { type: 'blocks', fromHeight: 5, maxCount: 256, maxBytes } as const;
      expect(decodeBlocks(await ask(range, `peer ${maxBytes}`))).to.deep.equal(LONG_CHAIN.slice(4, 4 + count));
    }
  });

  it('give the transactions of an undecided block, and of the mempool, and leave out what is not here', async () => {
    const strange = new Uint8Array(32).fill(9);
    const [first, , third] = BODY.leafHashes;
    const [waiting] = leafHashes([utf8Encode('waiting')]);
    const leaves = [third, strange, first, waiting] as Uint8Array[];
    const answer = await ask({ type: 'transactions', blockHash: BODY.blockHash, leafHashes: leaves });
    expect(decodeTransactions(answer, 4)).to.deep.equal([
      TRANSACTIONS[2],
      undefined,
      TRANSACTIONS[0],
      utf8Encode('waiting'),
    ]);
    expect(await codeOf(ask({ type: 'transactions', blockHash: strange, leafHashes: [strange] }))).to.equal(
      'NOT_FOUND',
    );
  });

  it('give an undecided body by its hash, and a committed one by height and hash', async () => {
    expect(decodeBlock(await ask({ type: 'body', height: 4, blockHash: BODY.blockHash }))).to.deep.equal(BODY.block);
    const committed = headerHash(SECOND?.block.header ?? HEADER);
    expect(decodeBlock(await ask({ type: 'body', height: 2, blockHash: committed }))).to.deep.equal(SECOND?.block);
    expect(await codeOf(ask({ type: 'body', height: 3, blockHash: committed }))).to.equal('NOT_FOUND');
  });

  it('are given so often and no more, to each peer', async () => {
    for (let i = 0; i < 3; i++) expect(await codeOf(ask({ type: 'status' }))).to.equal('answered');
    expect(await codeOf(ask({ type: 'status' }))).to.equal('REQUEST_LIMIT');
    expect(await codeOf(ask({ type: 'status' }, 'another'))).to.equal('answered');
    timers.advance(1_000);
    expect(await codeOf(ask({ type: 'status' }))).to.equal('answered');
  });

  it('hold what does not decode against its sender', async () => {
    expect(await codeOf(responder.answer('peer', Uint8Array.of(1, 2, 3)))).to.equal('REQUEST_MALFORMED');
    expect(penalised).to.deep.equal(['peer REQUEST_MALFORMED']);
  });
});
