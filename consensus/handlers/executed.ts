import { equalBytes } from '../../primitives/bytes.js';
import { acceptIfExecuted } from '../accept.js';
import { handOverDecision } from '../decide.js';
import { isSigning } from '../state.js';
import { noteBody, refuse, type Turn } from '../turn.js';
import type { ExecutedInput } from '../types.js';

/** PROTOCOL §Consensus rule 2: height and round are looked at again when the result of an execution comes. */
export function onExecuted(turn: Turn, { height, round, blockHash, header, outcome }: ExecutedInput): void {
  const { current } = turn.state;
  if (height !== current.height) return;
  if (outcome === 'valid') {
    noteBody(turn, { blockHash, header }, true);
    handOverDecision(turn);
    if (isSigning(turn.state)) acceptIfExecuted(turn);
    return;
  }
  const { candidate } = current;
  if (candidate?.round !== round || !equalBytes(candidate.blockHash, blockHash)) return;
  if (outcome === 'invalid') {
    // It stays this round's one candidate: the leader gets no second try.
    refuse(turn, 'BLOCK_INVALID', candidate.from[0]);
    return;
  }
  current.candidate = undefined;
  refuse(turn, 'BODY_UNAVAILABLE', candidate.from[0]);
}
