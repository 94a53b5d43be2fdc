import { expect } from 'chai';
import { toHex } from '../../../primitives/bytes.js';
import {
  decodeEvidence,
  type Evidence,
  encodeEvidence,
  evidenceId,
  proveFault,
  type SignedVote,
  verifyEvidence,
} from '../../../primitives/evidence.js';
import { domainTag } from '../../../primitives/hash.js';
import { LIMITS } from '../../../primitives/limits.js';
import { nobleBackend } from '../../../primitives/signature.js';
import { evidenceOf, signVote, type UnsignedVote } from '../../support/evidenceFixture.js';
import { GENESIS_HASH, type TestValidator, testValidators } from '../../support/finalityFixture.js';
import { errorOf } from '../../support/rejection.js';

const [validator, other] = testValidators('evidence', 2) as [TestValidator, TestValidator];
const [one, two] = [domainTag('one'), domainTag('two')];

const vote = (type: 'proposal' | 'prepare' | 'commit', round: number, blockHash = one): UnsignedVote => ({
  type,
  height: 7,
  round,
  blockHash,
});
const change = (round: number, preparedRound?: number, preparedHash = one): UnsignedVote => ({
  type: 'roundChange',
  height: 7,
  round,
  preparedRound,
  preparedHash: preparedRound === undefined ? undefined : preparedHash,
});
const proven = (a: UnsignedVote, b: UnsignedVote): Evidence | undefined =>
  proveFault(validator, signVote(a, validator), signVote(b, validator));

const FAULTS: readonly (readonly [string, Evidence['kind'], UnsignedVote, UnsignedVote])[] = [
  ['two Proposals of one round', 'doubleSign', vote('proposal', 0), vote('proposal', 0, two)],
  ['two Prepares of one round', 'doubleSign', vote('prepare', 3), vote('prepare', 3, two)],
  ['two Commits of one round', 'doubleSign', vote('commit', 1), vote('commit', 1, two)],
  ['RoundChanges with and without a claim', 'doubleSign', change(2), change(2, 1)],
  ['RoundChanges with claims of two rounds', 'doubleSign', change(3, 2), change(3, 1)],
  ['RoundChanges with claims of two blocks', 'doubleSign', change(3, 1), change(3, 1, two)],
  ['a RoundChange that claims nothing after a Commit', 'amnesia', vote('commit', 0), change(1)],
  ['a RoundChange with an older claim than the Commit', 'amnesia', vote('commit', 2), change(5, 1)],
  ['a RoundChange that claims another block than the Commit', 'amnesia', vote('commit', 2), change(5, 2, two)],
];

describe('evidence (PROTOCOL §Evidence E1, E2)', () => {
  for (const [what, kind, a, b] of FAULTS) {
    it(`is ${what}`, () => {
      const evidence = proven(a, b);
      expect(evidence?.kind).to.equal(kind);
      if (evidence !== undefined) verifyEvidence(evidence, validator.publicKey, GENESIS_HASH, nobleBackend);
    });
  }

  const INNOCENT: readonly (readonly [string, UnsignedVote, UnsignedVote])[] = [
    ['one vote twice', vote('prepare', 0), vote('prepare', 0)],
    ['one type in two rounds', vote('prepare', 0), vote('prepare', 1, two)],
    ['one round of two heights', vote('commit', 0), { ...vote('commit', 0, two), height: 8 } as UnsignedVote],
    ['two types of one round', vote('prepare', 0), vote('commit', 0, two)],
    ['a Proposal of another block than the Prepare', vote('proposal', 0), vote('prepare', 0, two)],
    ['a RoundChange that remembers its Commit', vote('commit', 1), change(2, 1)],
    ['a RoundChange that remembers a later block', vote('commit', 1), change(4, 3, two)],
    ['a RoundChange for the round of the Commit', vote('commit', 2), change(2)],
    ['a RoundChange before the Commit', vote('commit', 3), change(1)],
    ['a Prepare and a RoundChange without a claim', vote('prepare', 0), change(1)],
    ['a RoundChange of another height', vote('commit', 0), { ...change(1), height: 8 } as UnsignedVote],
  ];
  for (const [what, a, b] of INNOCENT) {
    it(`is not ${what}`, () => {
      expect(proven(a, b)).to.equal(undefined);
      expect(proven(b, a)).to.equal(undefined);
    });
  }
});

describe('evidence in bytes (PROTOCOL §Evidence E3, E4, E5)', () => {
  it('is the same whichever vote came first, and reads back', () => {
    for (const [what, , a, b] of FAULTS) {
      const [ab, ba] = [evidenceOf(validator, a, b), evidenceOf(validator, b, a)];
      expect(toHex(encodeEvidence(ab)), what).to.equal(toHex(encodeEvidence(ba)));
      expect(decodeEvidence(encodeEvidence(ab)), what).to.deep.equal(ab);
    }
  });

  it('fits its bound with the largest numbers', () => {
    const largest = { height: Number.MAX_SAFE_INTEGER, round: LIMITS.round, preparedRound: LIMITS.round };
    const evidence = evidenceOf(
      validator,
      { type: 'roundChange', ...largest, preparedHash: one },
      { type: 'roundChange', ...largest, preparedHash: two },
    );
    expect(encodeEvidence(evidence).length).to.be.at.most(LIMITS.evidenceBytes);
  });

  it('has one id however often the same fault is signed', () => {
    const evidence = evidenceOf(validator, vote('commit', 1), vote('commit', 1, two));
    const again = { ...evidence, first: { ...evidence.first, signature: evidence.second.signature } as SignedVote };
    expect(toHex(evidenceId(again))).to.equal(toHex(evidenceId(evidence)));
    const ids = FAULTS.map(([, , a, b]) => toHex(evidenceId(evidenceOf(validator, a, b))));
    expect(new Set(ids).size).to.equal(FAULTS.length);
    const sameOfOther = evidenceOf(other, vote('commit', 1), vote('commit', 1, two));
    expect(toHex(evidenceId(sameOfOther))).not.to.equal(toHex(evidenceId(evidence)));
  });

  it('is refused in the other order, of another kind, and of two votes that prove nothing', () => {
    const evidence = evidenceOf(validator, vote('commit', 1), vote('commit', 1, two));
    const forgeries: readonly Evidence[] = [
      { ...evidence, first: evidence.second, second: evidence.first },
      { ...evidence, kind: 'amnesia' },
      { ...evidence, second: evidence.first },
      { ...evidence, second: signVote(vote('commit', 2, two), validator) },
    ];
    for (const forged of forgeries) {
      expect(errorOf(() => decodeEvidence(encodeEvidence(forged))).code).to.equal('INCONSISTENT');
    }
  });

  it('holds only against the owner of the key, on the network where it was signed', () => {
    const evidence = evidenceOf(validator, vote('commit', 1), vote('commit', 1, two));
    const code = (against: TestValidator, genesisHash: Uint8Array, given = evidence): string =>
      errorOf(() => verifyEvidence(given, against.publicKey, genesisHash, nobleBackend)).code;
    expect(code(other, GENESIS_HASH)).to.equal('EVIDENCE_KEY_MISMATCH');
    expect(code(validator, domainTag('another network'))).to.equal('EVIDENCE_SIGNATURE_INVALID');
    const borrowed = evidenceOf(other, vote('commit', 1), vote('commit', 1, two));
    const framed = { ...borrowed, validator: validator.address };
    expect(code(validator, GENESIS_HASH, framed)).to.equal('EVIDENCE_SIGNATURE_INVALID');
  });
});
