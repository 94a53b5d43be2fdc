import type { ConsensusState } from './state.js';
import type { SentVotes, SignedMessage, Vote } from './types.js';

/**
 * What is said again (PROTOCOL §Consensus rule 8): this round's votes, and the newest Commit of whatever round, since
 * Commits decide in any round.
 */
function isSaidAgain(vote: Pick<Vote, 'type' | 'round'>, round: number): boolean {
  return vote.round === round || vote.type === 'commit';
}

function saidAgain<Said extends Pick<Vote, 'type' | 'round'>>(votes: readonly (Said | undefined)[], round: number) {
  return votes.flatMap((vote) => (vote !== undefined && isSaidAgain(vote, round) ? [vote] : []));
}

/** In the order in which they were first said. */
export function resendable({ current }: ConsensusState): SignedMessage[] {
  const { roundChange, proposal, prepare, commit } = current.own;
  return saidAgain([roundChange, proposal, prepare, commit], current.round);
}

/** The same from a journal's record, still to be signed again. */
export function restoredVotes({ roundChange, proposal, prepare, commit }: SentVotes, round: number): Vote[] {
  return saidAgain([roundChange, proposal, prepare, commit], round);
}
