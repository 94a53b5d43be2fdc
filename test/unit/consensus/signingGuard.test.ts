import { expect } from 'chai';
import { emptyRecord } from '../../../consensus/journalRecord.js';
import { checkSigning, type SigningState, signingStateOf } from '../../../consensus/signingGuard.js';
import type { Commit, Prepare, Proposal, RoundChange, Vote } from '../../../consensus/types.js';
import type { Certificate } from '../../../primitives/types.js';
import { certify, genesisHead, hashOf, indices, testValidators } from '../../scenarios/protocol/fixture.js';

const a = hashOf(1);
const b = hashOf(2);
const START = signingStateOf(emptyRecord(5));

const prepare = (round: number, blockHash = a, height = 5): Prepare => ({ type: 'prepare', height, round, blockHash });
const commit = (round: number, blockHash = a, height = 5): Commit => ({ type: 'commit', height, round, blockHash });
const certificate = (round: number, blockHash = a, height = 5) =>
  certify('prepare', { height, round, blockHash }, [0, 1, 2], 4);

function proposal(round: number, blockHash = a): Proposal {
  const { header } = genesisHead(testValidators(indices(4)));
  return { type: 'proposal', height: 5, round, blockHash, header, roundChanges: [], preparedCertificate: undefined };
}

function roundChange(round: number, prepared?: Certificate): RoundChange {
  const claim = { preparedRound: prepared?.round, preparedHash: prepared?.blockHash };
  return { type: 'roundChange', height: 5, round, ...claim, preparedCertificate: prepared };
}

/** Signs one after the other; a Commit with the certificate that belongs to it. */
function sign(votes: readonly Vote[], state: SigningState = START): SigningState {
  return votes.reduce((known, vote) => {
    const prepared = vote.type === 'commit' ? certificate(vote.round, vote.blockHash, vote.height) : undefined;
    return checkSigning(known, vote, { prepared, isValid: () => true });
  }, state);
}

function codeOf(votes: readonly Vote[]): string {
  try {
    sign(votes);
    return 'signed';
  } catch (error) {
    return (error as { code: string }).code;
  }
}

describe('a validator’s key', () => {
  it('signs a height from its first vote to its Commit, over several rounds', () => {
    const votes = [
      proposal(0),
      prepare(0),
      commit(0),
      roundChange(1, certificate(0)),
      roundChange(3, certificate(0)),
      proposal(3),
      prepare(3),
      commit(3),
      prepare(0, b, 6),
    ];
    expect(codeOf(votes)).to.equal('signed');
  });

  // PROTOCOL §Signer S1.
  it('signs again what it signed, at any time of the height', () => {
    const votes = [proposal(0), prepare(0), commit(0)];
    expect(codeOf([...votes, roundChange(1, certificate(0)), ...votes])).to.equal('signed');
  });

  // PROTOCOL §Signer S2.
  it('never goes back to a lower height', () => {
    expect(codeOf([prepare(0, a, 4)])).to.equal('SIGNING_HEIGHT_DECREASES');
    expect(codeOf([prepare(0, a, 9), prepare(0)])).to.equal('SIGNING_HEIGHT_DECREASES');
  });

  // PROTOCOL §Signer S3.
  it('signs one block for each type, height and round', () => {
    expect(codeOf([proposal(0), proposal(0, b)])).to.equal('SIGNING_CONFLICT');
    expect(codeOf([prepare(0), prepare(0, b)])).to.equal('SIGNING_CONFLICT');
    expect(codeOf([commit(0), commit(0, b)])).to.equal('SIGNING_CONFLICT');
    expect(codeOf([roundChange(2), roundChange(2, certificate(0))])).to.equal('SIGNING_CONFLICT');
    expect(codeOf([proposal(0), prepare(0, b)]), 'types are apart').to.equal('signed');
  });

  // PROTOCOL §Signer S4.
  it('asks for a round only above every round for which it signed', () => {
    for (const vote of [proposal(2), prepare(2), commit(2)]) {
      expect(codeOf([vote, roundChange(2, certificate(1))]), vote.type).to.equal('SIGNING_ROUND_DECREASES');
    }
    expect(codeOf([roundChange(3), roundChange(2)])).to.equal('SIGNING_ROUND_DECREASES');
    expect(codeOf([prepare(2), roundChange(3)])).to.equal('signed');
  });

  it('prepares, commits and proposes in no round below one that it asked for', () => {
    for (const vote of [proposal(1), prepare(1), commit(1)]) {
      expect(codeOf([roundChange(2), vote]), vote.type).to.equal('SIGNING_ROUND_DECREASES');
    }
    expect(codeOf([roundChange(2), prepare(2), commit(2)])).to.equal('signed');
  });

  // PROTOCOL §Signer S5.
  it('commits only with the certificate of its own block and round, given by its validators', () => {
    const wrong: readonly (Certificate | undefined)[] = [
      undefined,
      certificate(1),
      certificate(0, b),
      certificate(0, a, 4),
      certify('commit', { height: 5, round: 0, blockHash: a }, [0, 1, 2], 4),
    ];
    for (const prepared of wrong) {
      expect(() => checkSigning(START, commit(0), { prepared, isValid: () => true }))
        .to.throw()
        .with.property('code', 'SIGNING_UNJUSTIFIED');
    }
    expect(() => checkSigning(START, commit(0), { prepared: certificate(0), isValid: () => false }))
      .to.throw()
      .with.property('code', 'SIGNING_UNJUSTIFIED');
  });

  // PROTOCOL §Signer S6.
  it('forgets no Commit when it asks for a round', () => {
    expect(codeOf([commit(1), roundChange(2)])).to.equal('SIGNING_UNJUSTIFIED');
    expect(codeOf([commit(1), roundChange(2, certificate(0))])).to.equal('SIGNING_UNJUSTIFIED');
    expect(codeOf([commit(1), roundChange(2, certificate(1))])).to.equal('signed');
  });

  it('claims nothing that it cannot prove, and nothing of the round that it asks for', () => {
    expect(codeOf([roundChange(2, certificate(2))])).to.equal('SIGNING_UNJUSTIFIED');
    expect(codeOf([{ ...roundChange(2, certificate(1)), preparedCertificate: undefined }])).to.equal(
      'SIGNING_UNJUSTIFIED',
    );
    expect(codeOf([{ ...roundChange(2, certificate(1)), preparedRound: 0 }])).to.equal('SIGNING_UNJUSTIFIED');
    expect(codeOf([{ ...roundChange(2, certificate(1)), preparedHash: b }])).to.equal('SIGNING_UNJUSTIFIED');
    expect(codeOf([{ ...roundChange(2, certificate(1)), preparedHash: undefined }])).to.equal('SIGNING_UNJUSTIFIED');
  });

  it('names what was expected and what was found', () => {
    expect(() => sign([roundChange(3), prepare(1)])).to.throw(
      'prepare for height 5, round 1 is not signed: expected a round from 3, found 1',
    );
  });
});
