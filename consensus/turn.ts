import type { Hash } from '../primitives/bytes.js';
import { invariant } from '../primitives/errors.js';
import type { Evidence } from '../primitives/evidence.js';
import type { TimestampMs } from '../primitives/types.js';
import type { RefusalCode } from './refusalCode.js';
import { type ConsensusState, isSigning } from './state.js';
import type { Effect, HeldBody, JournalRecord, Vote } from './types.js';

/** One step under way: the state, and what it asks of the host so far. */
export interface Turn {
  readonly state: ConsensusState;
  readonly nowMs: TimestampMs;
  readonly effects: Effect[];
  readonly votes: Vote[];
}

export function startTurn(state: ConsensusState, nowMs: TimestampMs): Turn {
  return { state, nowMs, effects: [], votes: [] };
}

/**
 * Ends a step. All votes of a step share one record, so that a step costs one sync of the disk: the record holds the
 * newest vote of each type, and so all of them (PROTOCOL §Journal J3).
 */
export function endTurn({ state, effects, votes }: Turn): readonly Effect[] {
  if (votes.length > 0) effects.unshift({ type: 'persist', record: journalRecord(state), thenSend: votes });
  return effects;
}

/** What binds this node at the working height, which begins when the one before is committed (PROTOCOL §Journal J4). */
function journalRecord({ current }: ConsensusState): JournalRecord {
  const { height, round, sent, prepared } = current;
  return { height, round, sent, prepared };
}

/** Notes a vote as signed; it leaves the node after this step's record is on disk. */
export function sign(turn: Turn, vote: Vote): void {
  const { current } = turn.state;
  invariant(isSigning(turn.state), 'a node signs only where it takes part', { vote: vote.type, height: vote.height });
  invariant(vote.height === current.height, 'a vote is of the working height', {
    expected: `${current.height}`,
    actual: `${vote.height}`,
  });
  current.sent = { ...current.sent, [vote.type]: vote };
  turn.votes.push(vote);
}

export function refuse(turn: Turn, code: RefusalCode, from?: number): void {
  turn.effects.push({ type: 'refused', code, from });
}

export function reportEvidence(turn: Turn, found: readonly Evidence[]): void {
  for (const evidence of found) turn.effects.push({ type: 'reportEvidence', evidence });
}

/** Notes a body that the host holds; the oldest one that binds nobody makes room. */
export function noteBody({ state, effects }: Turn, body: HeldBody, isExecuted: boolean): void {
  for (const blockHash of state.current.bodies.add(body, isExecuted, pinnedBodies(state))) {
    effects.push({ type: 'releaseBody', blockHash });
  }
}

/** The bodies that this node must be able to show: for those it signed, or is about to. */
function pinnedBodies({ current }: ConsensusState): Hash[] {
  const { acceptedHash, candidate, sent, prepared, decision } = current;
  return [
    acceptedHash,
    candidate?.blockHash,
    sent.prepare?.blockHash,
    sent.proposal?.blockHash,
    prepared?.blockHash,
    decision?.certificate.blockHash,
  ].filter((hash) => hash !== undefined);
}

export function stopTimer({ state, effects }: Turn): void {
  if (!state.current.isTimerRunning) return;
  state.current.isTimerRunning = false;
  effects.push({ type: 'cancelTimer' });
}
