import { type Evidence, proveFault, type SignedVote, signedVoteDigest } from '../../primitives/evidence.js';
import { sign } from '../../primitives/signature.js';
import { GENESIS_HASH, type TestValidator } from './finalityFixture.js';

type WithoutSignature<Vote> = Vote extends SignedVote ? Omit<Vote, 'signature'> : never;
export type UnsignedVote = WithoutSignature<SignedVote>;

/** Signs as a validator, on the test network. */
export function signVote(vote: UnsignedVote, { privateKey }: Pick<TestValidator, 'privateKey'>): SignedVote {
  const blank = { ...vote, signature: new Uint8Array(64) } as SignedVote;
  return { ...blank, signature: sign(signedVoteDigest(GENESIS_HASH, blank), privateKey) };
}

/** What two votes prove that a validator signs here. */
export function evidenceOf(validator: TestValidator, a: UnsignedVote, b: UnsignedVote): Evidence {
  const evidence = proveFault(validator, signVote(a, validator), signVote(b, validator));
  if (evidence === undefined) throw new Error('these two votes prove nothing');
  return evidence;
}

/** Two Prepares of one round. */
export function doublePrepare(validator: TestValidator, height: number, round = 0): Evidence {
  const vote = (fill: number): UnsignedVote => ({
    type: 'prepare',
    height,
    round,
    blockHash: new Uint8Array(32).fill(fill),
  });
  return evidenceOf(validator, vote(1), vote(2));
}
