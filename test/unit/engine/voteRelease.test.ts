import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { emptyRecord } from '../../../consensus/journalRecord.js';
import { decodeMessage } from '../../../consensus/messageCodec.js';
import { messageDigest } from '../../../consensus/messageDigest.js';
import type { JournalRecord, PersistEffect, Vote } from '../../../consensus/types.js';
import { BodyStore, type UndecidedBody } from '../../../node/engine/bodyStore.js';
import { Outbound } from '../../../node/engine/outbound.js';
import { PeerDirectory } from '../../../node/engine/peerDirectory.js';
import { SignatureChecker } from '../../../node/engine/signatureChecker.js';
import { VoteRelease } from '../../../node/engine/voteRelease.js';
import { LocalSigner } from '../../../node/keys/localSigner.js';
import { headerHash } from '../../../primitives/block.js';
import type { Hash } from '../../../primitives/bytes.js';
import { buildCertificate } from '../../../primitives/certificate.js';
import { isCodedError } from '../../../primitives/errors.js';
import { EMPTY_TREE_ROOT, pureHasher } from '../../../primitives/merkle.js';
import { prepareDigest } from '../../../primitives/message.js';
import type { Certificate } from '../../../primitives/types.js';
import { GENESIS_HASH, testHeader, testValidators } from '../../support/finalityFixture.js';
import { backend, inlineVerifier } from './support/chain.js';
import { silentLogger, silentMetrics } from './support/ports.js';

const HEIGHT = 5;
const VALIDATORS = testValidators('release', 4);
const [SELF] = VALIDATORS;

function body(seed: number): UndecidedBody {
  const header = testHeader({ height: HEIGHT, timestamp: 1_790_000_000_000 + seed, txRoot: EMPTY_TREE_ROOT });
  return { block: { header, transactions: [] }, blockHash: headerHash(header), leafHashes: [] };
}

const [ONE, OTHER] = [body(1), body(2)];

function prepared(round: number, blockHash: Hash, forged = false): Certificate {
  const vote = { height: HEIGHT, round, blockHash };
  const digest = prepareDigest(GENESIS_HASH, forged ? { ...vote, round: round + 1 } : vote);
  const signatures = VALIDATORS.slice(0, 3).map(
    ({ privateKey }, index) => [index, backend.sign(digest, privateKey)] as const,
  );
  return buildCertificate('prepare', vote, VALIDATORS.length, new Map(signatures));
}

const prepare = (round: number, { blockHash }: UndecidedBody) =>
  ({ type: 'prepare', height: HEIGHT, round, blockHash }) as const;
const commit = (round: number, { blockHash }: UndecidedBody) =>
  ({ type: 'commit', height: HEIGHT, round, blockHash }) as const;
const roundChange = (round: number, preparedCertificate?: Certificate) =>
  ({
    type: 'roundChange',
    height: HEIGHT,
    round,
    preparedRound: preparedCertificate?.round,
    preparedHash: preparedCertificate?.blockHash,
    preparedCertificate,
  }) as const;

/** What the state machine would ask to have released. */
function persist(before: JournalRecord, votes: readonly Vote[], certificate?: Certificate): PersistEffect {
  const sent = { ...before.sent, ...Object.fromEntries(votes.map((vote) => [vote.type, vote])) };
  const round = Math.max(before.round, ...votes.map((vote) => vote.round));
  return {
    type: 'persist',
    record: { height: HEIGHT, round, sent, prepared: certificate ?? before.prepared },
    thenSend: votes,
  };
}

describe('the release of votes', () => {
  let home: string;
  let bodies: BodyStore;
  let steps: string[];
  let diskFails: boolean;

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'vostro-release-'));
    bodies = await BodyStore.open({ directory: home, maxBodies: 8 }, { hasher: pureHasher, logger: silentLogger }, 0);
    await Promise.all([bodies.put(ONE), bodies.put(OTHER)]);
    steps = [];
    diskFails = false;
  });
  afterEach(async () => {
    await bodies.close();
    await rm(home, { recursive: true });
  });

  function releaseAfter(record: JournalRecord): VoteRelease {
    const signer = new LocalSigner(SELF?.privateKey as Uint8Array, backend);
    const network = {
      broadcastConsensus: (key: string, bytes: Uint8Array) =>
        void steps.push(`send ${decodeMessage(bytes).type} ${key}`),
      sendConsensus: () => undefined,
      connectedPeers: () => [],
    };
    const directory = new PeerDirectory({ peerId: 'self', addresses: new Map() });
    return new VoteRelease(
      {
        genesisHash: GENESIS_HASH,
        journal: {
          write: async () => {
            if (diskFails) throw new RangeError('the disk is full');
            steps.push('journal');
          },
        },
        signer: {
          address: signer.address,
          publicKey: signer.publicKey,
          sign: (digest) => {
            steps.push('sign');
            return signer.sign(digest);
          },
        },
        checker: new SignatureChecker({ remembered: 100 }, { backend, verifier: inlineVerifier }),
        bodies,
        outbound: new Outbound({ network, bodies, directory, metrics: silentMetrics }),
        metrics: silentMetrics,
      },
      record,
    );
  }

  async function outcome(release: VoteRelease, effect: PersistEffect): Promise<string> {
    try {
      await release.release(effect, VALIDATORS);
      return 'released';
    } catch (error) {
      if (isCodedError(error)) return error.code;
      throw error;
    }
  }

  const FRESH = emptyRecord(HEIGHT);

  // PROTOCOL §Journal J1.
  it('writes, then signs, then sends', async () => {
    const release = releaseAfter(FRESH);
    const [signed] = await release.release(persist(FRESH, [prepare(0, ONE)]), VALIDATORS);
    expect(steps).to.deep.equal(['journal', 'sign', 'send prepare prepare:5']);
    const digest = signed === undefined ? new Uint8Array() : messageDigest(GENESIS_HASH, signed);
    expect(signed?.sender).to.equal(0);
    expect(backend.verify(signed?.signature as Uint8Array, digest, SELF?.publicKey as Uint8Array)).to.equal(true);
  });

  it('neither signs nor sends when the journal cannot be written', async () => {
    diskFails = true;
    const release = releaseAfter(FRESH);
    const failure: unknown = await release
      .release(persist(FRESH, [prepare(0, ONE)]), VALIDATORS)
      .catch((e: unknown) => e);
    expect(failure).to.be.instanceOf(RangeError);
    expect(steps).to.deep.equal([]);
  });

  it('signs for no block whose body is not on the disk', async () => {
    const absent = body(3);
    expect(await outcome(releaseAfter(FRESH), persist(FRESH, [prepare(0, absent)]))).to.equal('INVARIANT_BROKEN');
    expect(steps).to.deep.equal([]);
  });

  it('says again what the journal names although its body was lost since', async () => {
    const { record } = persist(FRESH, [prepare(0, body(3))]);
    const again = { type: 'persist', record, thenSend: [record.sent.prepare as Vote] } as const;
    expect(await outcome(releaseAfter(record), again)).to.equal('released');
  });

  it('gives the same signature for the same vote after a restart', async () => {
    const effect = persist(FRESH, [prepare(0, ONE)]);
    const [first] = await releaseAfter(FRESH).release(effect, VALIDATORS);
    const [second] = await releaseAfter(effect.record).release(effect, VALIDATORS);
    expect(second).to.deep.equal(first);
  });

  const sentOne = persist(FRESH, [prepare(0, ONE)]).record;
  const committed = persist(sentOne, [commit(0, ONE)], prepared(0, ONE.blockHash)).record;
  const refusals: readonly [string, JournalRecord, Vote, Certificate | undefined, string][] = [
    ['a second block in one round', sentOne, prepare(0, OTHER), undefined, 'SIGNING_CONFLICT'],
    ['a Commit without a quorum of Prepares', sentOne, commit(0, ONE), undefined, 'SIGNING_UNJUSTIFIED'],
    [
      'a Commit on a certificate of another block',
      sentOne,
      commit(0, ONE),
      prepared(0, OTHER.blockHash),
      'SIGNING_UNJUSTIFIED',
    ],
    [
      'a Commit on a certificate of another round',
      sentOne,
      commit(0, ONE),
      prepared(1, ONE.blockHash),
      'SIGNING_UNJUSTIFIED',
    ],
    ['a Commit on forged signatures', sentOne, commit(0, ONE), prepared(0, ONE.blockHash, true), 'SIGNING_UNJUSTIFIED'],
    ['a RoundChange that forgets a Commit', committed, roundChange(1), undefined, 'SIGNING_UNJUSTIFIED'],
    [
      'a RoundChange on forged signatures',
      committed,
      roundChange(1, prepared(0, ONE.blockHash, true)),
      undefined,
      'SIGNING_UNJUSTIFIED',
    ],
    [
      'a Prepare below a round that it left',
      persist(sentOne, [roundChange(2)]).record,
      prepare(1, OTHER),
      undefined,
      'SIGNING_ROUND_DECREASES',
    ],
  ];
  for (const [what, record, vote, certificate, code] of refusals) {
    it(`refuses ${what}, even when it is asked to after a restart`, async () => {
      expect(await outcome(releaseAfter(record), persist(record, [vote], certificate))).to.equal(code);
      // Not in the journal either: what it names counts as signed when the node starts again.
      expect(steps).to.deep.equal([]);
    });
  }

  // PROTOCOL §Journal J2.
  it('writes no record that forgets what was signed', async () => {
    const forgetful = { ...persist(FRESH, [roundChange(1)]), thenSend: [roundChange(1)] };
    expect(await outcome(releaseAfter(sentOne), forgetful)).to.equal('INVARIANT_BROKEN');
    const elsewhere = { ...persist(sentOne, [roundChange(1)]) };
    const other = { ...elsewhere, record: { ...elsewhere.record, height: HEIGHT + 1 } };
    expect(await outcome(releaseAfter(sentOne), other)).to.equal('INVARIANT_BROKEN');
    expect(steps).to.deep.equal([]);
  });

  it('passes a Commit with its certificate, and a RoundChange that shows it', async () => {
    const release = releaseAfter(sentOne);
    const certificate = prepared(0, ONE.blockHash);
    expect(await outcome(release, persist(sentOne, [commit(0, ONE)], certificate))).to.equal('released');
    expect(await outcome(release, persist(committed, [roundChange(1, certificate)]))).to.equal('released');
  });
});
