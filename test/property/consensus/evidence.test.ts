import { expect } from 'chai';
import fc from 'fast-check';
import { SigningError } from '../../../consensus/errors.js';
import { EvidenceWatch } from '../../../consensus/evidence.js';
import { emptyRecord } from '../../../consensus/journalRecord.js';
import { checkSigning, signingStateOf } from '../../../consensus/signingGuard.js';
import type { Signed, Vote } from '../../../consensus/types.js';
import { decodeEvidence, type Evidence, encodeEvidence, verifyEvidence } from '../../../primitives/evidence.js';
import { nobleBackend } from '../../../primitives/signature.js';
import type { Certificate } from '../../../primitives/types.js';
import { signVote, type UnsignedVote } from '../../support/evidenceFixture.js';
import { GENESIS_HASH, type TestValidator, testValidators } from '../../support/finalityFixture.js';

const SEED = { seed: 20_260_101 };
const HEIGHT = 5;
const ROUNDS = 6;
const [validator] = testValidators('property', 1) as [TestValidator];

const hash = (fill: number): Uint8Array => new Uint8Array(32).fill(fill);
/** Of honest quorums there is one prepared block a round. Its signer is somebody else. */
const preparedIn = (round: number): Certificate => ({
  type: 'prepare',
  height: HEIGHT,
  round,
  blockHash: hash(round + 1),
  signerBitmap: Uint8Array.of(2),
  signatures: [new Uint8Array(64)],
});

/** Any vote that a state machine, however broken, may ask a key to sign. */
const anyVote: fc.Arbitrary<Vote> = fc
  .record({
    type: fc.constantFrom('proposal', 'prepare', 'commit', 'roundChange'),
    round: fc.nat(ROUNDS),
    block: fc.integer({ min: 1, max: 4 }),
    claim: fc.option(fc.nat(ROUNDS), { nil: undefined }),
  })
  .map(({ type, round, block, claim }) => {
    const position = { height: HEIGHT, round };
    if (type === 'roundChange') {
      const prepared = claim === undefined ? undefined : preparedIn(claim);
      const claimed = { preparedRound: prepared?.round, preparedHash: prepared?.blockHash };
      return { type, ...position, ...claimed, preparedCertificate: prepared };
    }
    const blockHash = type === 'commit' ? preparedIn(round).blockHash : hash(block);
    return {
      type,
      ...position,
      blockHash,
      header: undefined,
      roundChanges: [],
      preparedCertificate: undefined,
    } as unknown as Vote;
  });

/** What a key signs that follows the rules of §Signer, of everything that it is asked to. */
function signedOf(asked: readonly Vote[]): Vote[] {
  let guard = signingStateOf(emptyRecord(HEIGHT));
  return asked.filter((vote) => {
    try {
      guard = checkSigning(guard, vote, { prepared: preparedIn(vote.round), isValid: () => true });
      return true;
    } catch (error) {
      if (error instanceof SigningError) return false;
      throw error;
    }
  });
}

const signatureOf = (vote: UnsignedVote): Uint8Array => signVote(vote, validator).signature;

function watch(votes: readonly Vote[], sign: (vote: Vote) => Uint8Array): Evidence[] {
  const book = new EvidenceWatch();
  return votes.flatMap((vote) => {
    const message = { ...vote, sender: 0, signature: sign(vote) } as Signed<Vote>;
    return book.noteMessage(message, [validator], { height: HEIGHT, round: 0 });
  });
}

describe('evidence', () => {
  it('is never found against a key that follows the rules of the signer, in whatever order its votes come', () => {
    const noSignature = (): Uint8Array => new Uint8Array(64);
    const histories = fc.array(anyVote, { minLength: 5, maxLength: 40 }).chain((asked) => {
      const signed = signedOf(asked);
      return fc.shuffledSubarray([...signed, ...signed], { minLength: 2 * signed.length });
    });
    fc.assert(
      fc.property(histories, (votes) => {
        expect(watch(votes, noSignature)).to.deep.equal([]);
      }),
      { ...SEED, numRuns: 500 },
    );
  });

  it('is found, holds for anybody, and reads back, when a key signs what the rules forbid', () => {
    let found = 0;
    fc.assert(
      fc.property(fc.array(anyVote, { minLength: 2, maxLength: 12 }), (votes) => {
        for (const evidence of watch(votes, (vote) => signatureOf(vote as UnsignedVote))) {
          found++;
          verifyEvidence(evidence, validator.publicKey, GENESIS_HASH, nobleBackend);
          expect(decodeEvidence(encodeEvidence(evidence))).to.deep.equal(evidence);
        }
      }),
      { ...SEED, numRuns: 40 },
    );
    expect(found).to.be.above(10);
  });

  it('with one byte changed anywhere is refused, or is the same evidence', () => {
    const pairs: readonly (readonly [UnsignedVote, UnsignedVote])[] = [
      [
        { type: 'commit', height: HEIGHT, round: 1, blockHash: hash(1) },
        { type: 'commit', height: HEIGHT, round: 1, blockHash: hash(2) },
      ],
      [
        { type: 'commit', height: HEIGHT, round: 1, blockHash: hash(1) },
        { type: 'roundChange', height: HEIGHT, round: 3, preparedRound: 0, preparedHash: hash(3) },
      ],
    ];
    for (const votes of pairs) {
      const [evidence] = watch(votes as readonly unknown[] as Vote[], (vote) => signatureOf(vote as UnsignedVote));
      if (evidence === undefined) throw new Error('these prove a fault');
      const bytes = encodeEvidence(evidence);
      for (let at = 0; at < bytes.length; at++) {
        const changed = bytes.slice();
        changed[at] = (changed[at] as number) ^ 0x01;
        expect(() => {
          verifyEvidence(decodeEvidence(changed), validator.publicKey, GENESIS_HASH, nobleBackend);
        }, `byte ${at}`).to.throw();
      }
    }
  }).timeout(20_000);
});
