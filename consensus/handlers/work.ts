import { advance } from '../rounds.js';
import type { Turn } from '../turn.js';
import type { ProposalDueInput } from '../types.js';

/** The mempool came to hold something to include, or nothing more. A timer that runs goes on. */
export function onWorkPending(turn: Turn, isPending: boolean): void {
  turn.state.isWorkPending = isPending;
  if (isPending) advance(turn);
}

/** PROTOCOL §Consensus rule 1: the least interval between blocks is over, or the heartbeat is due. */
export function onProposalDue(turn: Turn, { height, reason }: ProposalDueInput): void {
  const { current } = turn.state;
  if (height !== current.height) return;
  current.isIntervalOver = true;
  if (reason === 'heartbeat') current.isHeartbeatDue = true;
  advance(turn);
}
