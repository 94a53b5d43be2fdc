import { expect } from 'chai';
import fc from 'fast-check';
import { DEFAULT_ENGINE_LIMITS } from '../../../node/engine/limits.js';
import { decodeRequest, encodeBlocks } from '../../../node/engine/requestCodec.js';
import { Synchroniser } from '../../../node/engine/sync.js';
import { syncOptions } from '../../../node/engine/syncOptions.js';
import type { CertifiedBlock } from '../../../node/execution/types.js';
import { NetworkError } from '../../../node/network/errors.js';
import { headerHash } from '../../../primitives/block.js';
import { toHex } from '../../../primitives/bytes.js';
import { pureHasher } from '../../../primitives/merkle.js';
import { certify, GENESIS_HASH, testValidators } from '../../support/finalityFixture.js';
import { certifiedChain, FakeChain, inlineVerifier, type ValidatorPlan } from '../../unit/engine/support/chain.js';
import { ManualTimers, settle } from '../../unit/engine/support/manualTimers.js';
import { silentLogger, silentMetrics } from '../../unit/engine/support/ports.js';

const SETS = ['a', 'b', 'c'].map((name) => testValidators(name, 4));
const PLAN: ValidatorPlan = [
  { fromHeight: 1, validators: SETS[0] ?? [] },
  { fromHeight: 7, validators: SETS[1] ?? [] },
  { fromHeight: 8, validators: SETS[2] ?? [] },
  { fromHeight: 21, validators: SETS[0] ?? [] },
];
const LENGTH = 32;
const CHAIN = certifiedChain(PLAN, LENGTH);
const HASHES = CHAIN.map(({ block }) => toHex(headerHash(block.header)));
/** Another chain of the same validators, up to where it must be told from the first. */
const FORGED = CHAIN.map(({ block }): CertifiedBlock => {
  const header = { ...block.header, timestamp: block.header.timestamp + 1 };
  return { block: { ...block, header }, certificate: certify(header, testValidators('forger', 4)) };
});

type Conduct =
  | 'gives'
  | 'gives one'
  | 'forges one'
  | 'forges all'
  | 'mixes'
  | 'shifts'
  | 'too many'
  | 'garbles'
  | 'silent'
  | 'refuses';
const CONDUCTS: readonly Conduct[] = [
  ...([
    'gives',
    'gives one',
    'forges one',
    'forges all',
    'mixes',
    'shifts',
    'too many',
    'garbles',
    'silent',
    'refuses',
  ] as const),
];

/** What a peer answers when it behaves so. */
async function answer(conduct: Conduct, fromHeight: number, count: number): Promise<Uint8Array> {
  const part = CHAIN.slice(fromHeight - 1, fromHeight - 1 + count);
  const forged = FORGED.slice(fromHeight - 1, fromHeight - 1 + count);
  const middle = Math.floor(part.length / 2);
  switch (conduct) {
    case 'gives':
      return encodeBlocks(part);
    case 'gives one':
      return encodeBlocks(part.slice(0, 1));
    case 'forges one':
      return encodeBlocks(part.map((block, index) => (index === middle ? (forged[index] ?? block) : block)));
    case 'forges all':
      return encodeBlocks(forged);
    case 'mixes':
      return encodeBlocks(
        part.map(({ block }, index) => ({ block, certificate: (forged[index] as CertifiedBlock).certificate })),
      );
    case 'shifts':
      return encodeBlocks(CHAIN.slice(fromHeight, fromHeight + count));
    case 'too many':
      return encodeBlocks(CHAIN.slice(fromHeight - 1, fromHeight + count));
    case 'garbles':
      return Uint8Array.of(0xc2, 1, 2);
    case 'silent':
      return new Promise(() => undefined);
    case 'refuses':
      throw new NetworkError('REQUEST_REFUSED', 'expected an answer, found BUSY');
  }
}

const faulty = fc.record({
  conducts: fc.array(fc.constantFrom(...CONDUCTS), { minLength: 1, maxLength: 4 }),
  claim: fc.oneof(fc.integer({ min: 1, max: LENGTH }), fc.constant(1_000_000)),
});

describe('fetching blocks (property)', () => {
  it('reaches the head while one honest peer answers, and commits nothing but the chain', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(faulty, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 9 }),
        async (others, rangeBlocks) => {
          const chain = new FakeChain(PLAN);
          const timers = new ManualTimers();
          const committed: string[] = [];
          const turns = new Map<string, number>();
          const sync = new Synchroniser(
            { ...syncOptions(DEFAULT_ENGINE_LIMITS), rangeBlocks, commitBlocks: 3 },
            {
              network: {
                request: async (peerId, bytes, timeoutMs) => {
                  const request = decodeRequest(bytes);
                  if (request.type !== 'blocks')
                    throw new NetworkError('REQUEST_REFUSED', 'expected a request for blocks');
                  const { conducts } = others[Number(peerId)] ?? { conducts: ['gives'] as const };
                  const turn = turns.get(peerId) ?? 0;
                  turns.set(peerId, turn + 1);
                  const given = answer(
                    conducts[turn % conducts.length] as Conduct,
                    request.fromHeight,
                    request.maxCount,
                  );
                  const late = new Promise<never>((_, reject) => {
                    timers.set(() => reject(new NetworkError('REQUEST_TIMEOUT', 'expected an answer')), timeoutMs);
                  });
                  late.catch(() => undefined);
                  return Promise.race([given, late]);
                },
                penalise: (peerId) => expect(peerId).not.to.equal('honest'),
              },
              timers,
              head: () => chain.head,
              commit: async (blocks) => {
                for (const certified of blocks) {
                  committed.push(toHex(headerHash(certified.block.header)));
                  await chain.commit(certified);
                }
              },
              genesisHash: GENESIS_HASH,
              hasher: pureHasher,
              verifier: inlineVerifier,
              logger: silentLogger,
              metrics: silentMetrics,
            },
          );
          for (let second = 0; second < 600 && chain.head.header.height < LENGTH; second++) {
            others.forEach(({ claim }, index) => {
              sync.claim(`${index}`, claim);
            });
            sync.claim('honest', LENGTH);
            await settle(40);
            timers.advance(1_000);
          }
          sync.stop();
          expect(chain.head.header.height).to.equal(LENGTH);
          expect(committed).to.deep.equal(HASHES);
        },
      ),
      { seed: 20_260_101, numRuns: 40 },
    );
  }).timeout(60_000);
});
