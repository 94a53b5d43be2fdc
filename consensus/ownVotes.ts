import { equalBytes } from '../primitives/bytes.js';
import type { SignedVote } from '../primitives/evidence.js';
import { equalClaims } from './roundChangeBook.js';
import type { SigningState } from './signingGuard.js';

/** What tells a vote from every other of its sender: its signature is left out. */
export type VotePayload =
  | Omit<Extract<SignedVote, { type: 'roundChange' }>, 'signature'>
  | Omit<Exclude<SignedVote, { type: 'roundChange' }>, 'signature'>;

/**
 * PROTOCOL §Journal J8. True for a vote that carries this key's signature and that nobody with this state can have given:
 * then somebody else has the key, or the state is older than the key's last use. What lies below the state is not judged:
 * it holds the newest vote of each type only.
 */
export function isSignedElsewhere({ height, sent }: SigningState, vote: VotePayload): boolean {
  if (vote.height !== height) return vote.height > height;
  if (vote.round < (sent.roundChange?.round ?? 0)) return false;
  if (vote.type === 'roundChange') {
    const own = sent.roundChange;
    return own === undefined || own.round < vote.round || !equalClaims(own, vote);
  }
  const own = sent[vote.type];
  if (own === undefined || own.round < vote.round) return true;
  return own.round === vote.round && !equalBytes(own.blockHash, vote.blockHash);
}
