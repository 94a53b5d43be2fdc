import { invariant } from '../primitives/errors.js';
import { newHeightState } from './heightState.js';
import { restoredVotes } from './resend.js';
import { isSigning } from './state.js';
import { sign, stopTimer, type Turn } from './turn.js';
import type { ConsensusConfig, ConsensusHead, JournalRecord } from './types.js';

/** Works at the height after the head: everything of the height before is forgotten. */
export function enterHeight(turn: Turn, head: ConsensusHead): void {
  const { state, effects, nowMs } = turn;
  stopTimer(turn);
  state.head = head;
  state.self = indexOf(state.config, head);
  state.current = newHeightState(head.header.height + 1);
  const { height } = state.current;
  state.watch.enterHeight(height);
  if (state.self !== undefined) {
    const { minBlockIntervalMs, heartbeatMs } = state.config;
    const sinceParentMs = nowMs - head.header.timestamp;
    effects.push({
      type: 'scheduleProposal',
      height,
      intervalMs: remainingMs(minBlockIntervalMs, sinceParentMs),
      heartbeatMs: remainingMs(heartbeatMs, sinceParentMs),
    });
  }
  restoreIfReached(turn);
}

function indexOf({ address }: ConsensusConfig, { validators }: ConsensusHead): number | undefined {
  if (address === undefined) return undefined;
  const index = validators.findIndex((validator) => validator.address === address);
  return index < 0 ? undefined : index;
}

/** A clock that disagrees with the parent's timestamp shortens or lengthens no delay beyond its bounds. */
function remainingMs(delayMs: number, passedMs: number): number {
  return Math.min(delayMs, Math.max(0, delayMs - passedMs));
}

/** PROTOCOL §Journal J5, J6: below the chain it is superseded, at the working height restored, above it awaited. */
function restoreIfReached(turn: Turn): void {
  const { state } = turn;
  const record = state.awaitedRecord;
  if (record === undefined || record.height > state.current.height) return;
  state.awaitedRecord = undefined;
  if (record.height === state.current.height) restore(turn, record);
}

/** Takes up where the journal left off: what it names binds, and is signed and sent again. */
function restore(turn: Turn, record: JournalRecord): void {
  requireConsistent(record);
  const { state } = turn;
  const { current } = state;
  const { round, sent, prepared } = record;
  current.round = round;
  current.sent = sent;
  current.prepared = prepared;
  if (sent.prepare?.round === round) current.acceptedHash = sent.prepare.blockHash;
  if (!isSigning(state)) return;
  const votes = restoredVotes(sent, round);
  if (votes.length > 0) current.isActive = true;
  for (const vote of votes) sign(turn, vote);
}

function requireConsistent({ height, round, sent }: JournalRecord): void {
  for (const vote of [sent.proposal, sent.prepare, sent.commit, sent.roundChange]) {
    if (vote === undefined) continue;
    invariant(vote.height === height && vote.round <= round, 'a record names votes of its height and rounds only', {
      expected: `height ${height}, at most round ${round}`,
      actual: `${vote.type} for height ${vote.height}, round ${vote.round}`,
    });
  }
}
