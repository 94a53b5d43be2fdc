import { LIMITS } from '../../primitives/limits.js';
import { advance, enterRound } from '../rounds.js';
import { isSigning } from '../state.js';
import type { Turn } from '../turn.js';
import type { TimeoutInput } from '../types.js';

/** PROTOCOL §Consensus rule 5. Timers of other heights and rounds are stale. */
export function onTimeout(turn: Turn, { height, round }: TimeoutInput): void {
  const { state } = turn;
  const { current } = state;
  if (height !== current.height || round !== current.round || !current.isTimerRunning || !isSigning(state)) return;
  if (round >= LIMITS.round) return;
  current.isTimerRunning = false;
  enterRound(turn, round + 1);
  advance(turn);
}
