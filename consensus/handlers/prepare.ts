import { commitIfPrepared } from '../commitVote.js';
import { startTimerIfDue } from '../rounds.js';
import { isSigning } from '../state.js';
import { refuse, type Turn } from '../turn.js';
import type { Prepare, Signed } from '../types.js';

/** PROTOCOL §Consensus rule 3. */
export function onPrepare(turn: Turn, message: Signed<Prepare>): void {
  const { state } = turn;
  if (!isSigning(state)) return;
  const addition = state.current.prepares.add(message);
  if (addition.result === 'conflict') {
    refuse(turn, 'CONFLICTING', message.sender);
    return;
  }
  if (addition.result !== 'added') return;
  state.current.isActive = true;
  startTimerIfDue(turn);
  if (message.round === state.current.round) commitIfPrepared(turn);
}
