import { isConsistent, provesClaim } from '../justification.js';
import { advance } from '../rounds.js';
import { isSigning } from '../state.js';
import { refuse, type Turn } from '../turn.js';
import type { RoundChange, Signed } from '../types.js';

/** PROTOCOL §Consensus rules 5, 6 and 7. */
export function onRoundChange(turn: Turn, message: Signed<RoundChange>): void {
  const { state } = turn;
  if (!isSigning(state)) return;
  if (!isConsistent(message) || !provesClaim(message.preparedCertificate, message.height, message)) {
    refuse(turn, 'ROUND_CHANGE_INVALID', message.sender);
    return;
  }
  noteRoundChange(turn, message);
  advance(turn);
}

/** Counts a consistent round change, with its certificate or, out of a proposal, without. */
export function noteRoundChange(turn: Turn, message: Signed<RoundChange>): void {
  const { current } = turn.state;
  current.isActive = true;
  if (current.roundChanges.add(message).result === 'conflict') refuse(turn, 'CONFLICTING', message.sender);
}
