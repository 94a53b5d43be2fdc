import { decideIfCommitted } from '../decide.js';
import { startTimerIfDue } from '../rounds.js';
import { refuse, type Turn } from '../turn.js';
import type { Commit, Signed } from '../types.js';

/** PROTOCOL §Consensus rule 4. Nodes that sign nothing follow the decisions all the same. */
export function onCommit(turn: Turn, message: Signed<Commit>): void {
  const { current } = turn.state;
  const addition = current.commits.add(message);
  if (addition.result === 'conflict') {
    refuse(turn, 'CONFLICTING', message.sender);
    return;
  }
  if (addition.result !== 'added') return;
  current.isActive = true;
  startTimerIfDue(turn);
  decideIfCommitted(turn, message.round, message.blockHash);
}
