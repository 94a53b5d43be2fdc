import { faultTolerance, quorum } from '../primitives/validator.js';
import { leadIfDue } from './lead.js';
import { roundTimeoutMs } from './roundTimeout.js';
import { isSigning, validatorsOf } from './state.js';
import { sign, stopTimer, type Turn } from './turn.js';

/** Does what the round changes, the pending work and the passage of time now ask for. */
export function advance(turn: Turn): void {
  jumpIfLeftBehind(turn);
  startTimerIfDue(turn);
  leadIfDue(turn);
}

/**
 * Leaves the round for a higher one: nothing is accepted there yet, and this node's RoundChange says what it last saw
 * prepared. Every round above 0 is entered here and in no other way, so that each validator's journal holds a
 * RoundChange for the round at which it works (PROTOCOL §Consensus rule 5).
 */
export function enterRound(turn: Turn, round: number): void {
  const { current } = turn.state;
  stopTimer(turn);
  current.round = round;
  current.acceptedHash = undefined;
  current.candidate = undefined;
  current.seenProposal = undefined;
  current.building = undefined;
  current.missingBodies.clear();
  sign(turn, {
    type: 'roundChange',
    height: current.height,
    round,
    preparedRound: current.prepared?.round,
    preparedHash: current.prepared?.blockHash,
    preparedCertificate: current.prepared,
  });
}

/** PROTOCOL §Consensus rule 6: at least one honest validator is beyond this round. */
function jumpIfLeftBehind(turn: Turn): void {
  const { state } = turn;
  if (!isSigning(state)) return;
  const reached = state.current.roundChanges.roundReachedBy(faultTolerance(validatorsOf(state).length) + 1);
  if (reached !== undefined && reached > state.current.round) enterRound(turn, reached);
}

/**
 * PROTOCOL §Consensus rule 5: in round 0 while there is something to agree on; later only once a quorum has reached the
 * round, so that a validator that was alone for a while does not run ahead of the others for ever.
 */
export function startTimerIfDue({ state, effects }: Turn): void {
  const { current, config } = state;
  const { height, round } = current;
  if (current.isTimerRunning || !isSigning(state)) return;
  const isDue =
    round === 0
      ? current.isIntervalOver && (state.isWorkPending || current.isActive || current.isHeartbeatDue)
      : current.roundChanges.countFrom(round) >= quorum(validatorsOf(state).length);
  if (!isDue) return;
  current.isTimerRunning = true;
  effects.push({ type: 'scheduleTimer', height, round, durationMs: roundTimeoutMs(config, round) });
}
