import { invariant } from '../primitives/errors.js';
import { leaderIndex } from '../primitives/validator.js';
import { requireConfig } from './config.js';
import { enterHeight } from './enterHeight.js';
import { EvidenceWatch } from './evidence.js';
import { onBodyAvailable } from './handlers/bodyAvailable.js';
import { onBuildFailed, onBuilt } from './handlers/built.js';
import { onCertificate } from './handlers/certificate.js';
import { onCommitted } from './handlers/committed.js';
import { onExecuted } from './handlers/executed.js';
import { onHeal } from './handlers/heal.js';
import { onMessage } from './handlers/message.js';
import { onPeerConnected } from './handlers/peerConnected.js';
import { onTimeout } from './handlers/timeout.js';
import { onProposalDue, onWorkPending } from './handlers/work.js';
import { newHeightState } from './heightState.js';
import { NextHeightBuffer } from './nextHeightBuffer.js';
import { advance } from './rounds.js';
import { type ConsensusState, isSigning, validatorsOf } from './state.js';
import { endTurn, noteBody, startTurn, type Turn } from './turn.js';
import type { ConsensusConfig, ConsensusStart, Effect, Input } from './types.js';

/**
 * The door of the protocol: a state machine without IO, clock or randomness. The host gives inputs one after the other
 * and carries out the effects of each, in their order; the same inputs give the same effects. PROTOCOL §Consensus.
 */

/** @throws ConsensusError `CONSENSUS_CONFIG_INVALID` */
export function startConsensus(
  config: ConsensusConfig,
  start: ConsensusStart,
): { readonly state: ConsensusState; readonly effects: readonly Effect[] } {
  const { head, record, bodies, nowMs } = start;
  const state: ConsensusState = {
    config: requireConfig(config),
    head,
    self: undefined,
    isJournaled: record !== undefined,
    awaitedRecord: record,
    finalHeight: head.header.height,
    isWorkPending: start.workPending,
    current: newHeightState(head.header.height + 1),
    next: new NextHeightBuffer(),
    watch: new EvidenceWatch(),
    answered: new Map(),
    ahead: new Map(),
    healedHeight: 0,
  };
  const turn = startTurn(state, nowMs);
  enterHeight(turn, head);
  for (const body of bodies) {
    if (body.header.height === state.current.height) noteBody(turn, body, false);
  }
  advance(turn);
  return { state, effects: endTurn(turn) };
}

/** Takes one input and changes the state by it. @throws InvariantError when the host breaks its side: the node stops */
export function step(state: ConsensusState, input: Input): readonly Effect[] {
  const turn = startTurn(state, input.nowMs);
  handle(turn, input);
  return endTurn(turn);
}

function handle(turn: Turn, input: Input): void {
  switch (input.type) {
    case 'message':
      onMessage(turn, input.message);
      break;
    case 'timeout':
      onTimeout(turn, input);
      break;
    case 'heal':
      onHeal(turn);
      break;
    case 'peerConnected':
      onPeerConnected(turn, input.validator);
      break;
    case 'workPending':
      onWorkPending(turn, input.pending);
      break;
    case 'proposalDue':
      onProposalDue(turn, input);
      break;
    case 'built':
      onBuilt(turn, input);
      break;
    case 'buildFailed':
      onBuildFailed(turn, input);
      break;
    case 'executed':
      onExecuted(turn, input);
      break;
    case 'bodyAvailable':
      onBodyAvailable(turn, input);
      break;
    case 'committed':
      onCommitted(turn, input);
      break;
    case 'certificate':
      onCertificate(turn, input);
      break;
  }
}

/** Where the protocol stands, for status pages and metrics. */
export interface ConsensusStatus {
  readonly height: number;
  readonly round: number;
  /** Index of the leader of this round. */
  readonly leader: number;
  /** Index of this node; undefined where it does not validate. */
  readonly self: number | undefined;
  readonly isSigning: boolean;
  readonly isDecided: boolean;
  /** A later height is known to be final: this node has to sync. */
  readonly isSyncing: boolean;
}

export function consensusStatus(state: ConsensusState): ConsensusStatus {
  const { current, self } = state;
  const validatorCount = validatorsOf(state).length;
  invariant(validatorCount > 0, 'a height has validators');
  return {
    height: current.height,
    round: current.round,
    leader: leaderIndex(current.height, current.round, validatorCount),
    self,
    isSigning: isSigning(state),
    isDecided: current.decision !== undefined,
    isSyncing: state.finalHeight >= current.height && current.decision === undefined,
  };
}
