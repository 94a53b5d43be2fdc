import { commitIfPrepared } from './commitVote.js';
import type { Candidate } from './state.js';
import { sign, type Turn } from './turn.js';

/**
 * PROTOCOL §Consensus rule 2, its end: the candidate is accepted as soon as it has executed here, whether it is fresh or
 * was prepared before, and once in a round. It is always of this round: who enters another one has none.
 */
export function acceptIfExecuted(turn: Turn): boolean {
  const { current } = turn.state;
  const { candidate, height, round } = current;
  if (candidate === undefined || current.acceptedHash !== undefined) return false;
  if (!current.bodies.isExecuted(candidate.blockHash)) return false;
  current.acceptedHash = candidate.blockHash;
  current.candidate = undefined;
  sign(turn, { type: 'prepare', height, round, blockHash: candidate.blockHash });
  commitIfPrepared(turn);
  return true;
}

/** Makes a justified block this round's one candidate, and has it executed unless it was. */
export function consider(turn: Turn, candidate: Candidate): void {
  const { state, effects } = turn;
  state.current.candidate = candidate;
  if (acceptIfExecuted(turn)) return;
  effects.push({ type: 'executeBlock', height: state.current.height, ...candidate });
}
