import { expect } from 'chai';
import { NOTHING_SENT } from '../../../consensus/heightState.js';
import { isSignedElsewhere, type VotePayload } from '../../../consensus/ownVotes.js';
import type { SigningState } from '../../../consensus/signingGuard.js';

const A = new Uint8Array(32).fill(1);
const B = new Uint8Array(32).fill(2);

const prepare = (height: number, round: number, blockHash = A): VotePayload => ({
  type: 'prepare',
  height,
  round,
  blockHash,
});
const roundChange = (height: number, round: number, preparedHash?: Uint8Array): VotePayload => ({
  type: 'roundChange',
  height,
  round,
  preparedRound: preparedHash === undefined ? undefined : 0,
  preparedHash,
});

describe('a vote that carries an own signature', () => {
  const own: SigningState = {
    height: 7,
    sent: {
      ...NOTHING_SENT,
      prepare: { type: 'prepare', height: 7, round: 1, blockHash: A },
      roundChange: {
        type: 'roundChange',
        height: 7,
        round: 1,
        preparedRound: undefined,
        preparedHash: undefined,
        preparedCertificate: undefined,
      },
    },
  };

  const cases: readonly (readonly [string, VotePayload, boolean])[] = [
    ['the newest of its type is one’s own', prepare(7, 1), false],
    ['another block in its round is not', prepare(7, 1, B), true],
    ['a later round is not', prepare(7, 2), true],
    ['an earlier round is not judged', prepare(7, 0, B), false],
    ['a type that was never signed at the height is not', { ...prepare(7, 1), type: 'commit' } as VotePayload, true],
    ['below the newest RoundChange nothing is judged', { ...prepare(7, 0), type: 'commit' } as VotePayload, false],
    ['a later height is not', prepare(8, 0), true],
    ['an earlier height is not judged', prepare(6, 5, B), false],
    ['the same claim is one’s own', roundChange(7, 1), false],
    ['another claim is not', roundChange(7, 1, A), true],
    ['a later RoundChange is not', roundChange(7, 2), true],
  ];
  for (const [sentence, vote, expected] of cases) {
    it(sentence, () => expect(isSignedElsewhere(own, vote)).to.equal(expected));
  }

  it('at the height of an empty record none is one’s own', () => {
    expect(isSignedElsewhere({ height: 9, sent: NOTHING_SENT }, prepare(9, 0))).to.equal(true);
    expect(isSignedElsewhere({ height: 9, sent: NOTHING_SENT }, prepare(8, 0))).to.equal(false);
  });
});
