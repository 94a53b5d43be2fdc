import { BodyBook } from './bodyBook.js';
import { RoundChangeBook } from './roundChangeBook.js';
import type { HeightState } from './state.js';
import type { SentVotes } from './types.js';
import { VoteBook } from './voteBook.js';

export const NOTHING_SENT: SentVotes = {
  proposal: undefined,
  prepare: undefined,
  commit: undefined,
  roundChange: undefined,
};

/** A height at which nothing has happened yet. */
export function newHeightState(height: number): HeightState {
  return {
    height,
    round: 0,
    acceptedHash: undefined,
    candidate: undefined,
    seenProposal: undefined,
    sent: NOTHING_SENT,
    prepared: undefined,
    own: { proposal: undefined, prepare: undefined, commit: undefined, roundChange: undefined },
    prepares: new VoteBook(),
    commits: new VoteBook(),
    roundChanges: new RoundChangeBook(),
    bodies: new BodyBook(),
    missingBodies: new Map(),
    building: undefined,
    decision: undefined,
    isTimerRunning: false,
    isIntervalOver: false,
    isHeartbeatDue: false,
    isActive: false,
  };
}
