import type { Hash } from '../../primitives/bytes.js';
import { type Evidence, proveFault, type SignedVote, signedVoteDigest } from '../../primitives/evidence.js';
import { sign } from '../../primitives/signature.js';
import { GENESIS_HASH, type TestValidator } from './finalityFixture.js';

type WithoutSignature<Vote> = Vote extends SignedVote ? Omit<Vote, 'signature'> : never;
export type UnsignedVote = WithoutSignature<SignedVote>;

/** A key with which a test signs. */
export type SigningKey = Pick<TestValidator, 'address' | 'privateKey'>;

/** Signs as a validator, on the test network unless told otherwise. */
export function signVote(vote: UnsignedVote, { privateKey }: SigningKey, genesisHash: Hash = GENESIS_HASH): SignedVote {
  const blank = { ...vote, signature: new Uint8Array(64) } as SignedVote;
  return { ...blank, signature: sign(signedVoteDigest(genesisHash, blank), privateKey) };
}

/** What two votes prove that a validator signs here. */
export function evidenceOf(key: SigningKey, a: UnsignedVote, b: UnsignedVote, genesisHash?: Hash): Evidence {
  const { address } = key;
  const votes = [a, b].map((vote) => signVote(vote, key, genesisHash)) as [SignedVote, SignedVote];
  const evidence = proveFault({ address, suite: 1 }, ...votes);
  if (evidence === undefined) throw new Error('these two votes prove nothing');
  return evidence;
}

/** Two Prepares of one round. */
export function doublePrepare(key: SigningKey, height: number, round = 0, genesisHash?: Hash): Evidence {
  const vote = (fill: number): UnsignedVote => ({
    type: 'prepare',
    height,
    round,
    blockHash: new Uint8Array(32).fill(fill),
  });
  return evidenceOf(key, vote(1), vote(2), genesisHash);
}
