import type { TxContext } from '../api/context.js';
import { defineContract } from '../api/define.js';
import { t } from '../api/t.js';
import { governanceState, hash, name, scope, status } from './records.js';

const id = t.uint();
const count = t.uint();
const votes = { votes: count, required: count };

const events = {
  Proposed: { id, proposer: t.bic, hash, activateAt: t.uint(), expiresAt: t.uint() },
  Approved: { id, member: t.bic, ...votes },
  Accepted: { id, activateAt: t.uint() },
  CancellationApproved: { id, member: t.bic, ...votes },
  Cancelled: { id },
  Expired: { id },
  Activated: { id },
  Failed: { id, code: name, failedCall: t.text(129) },
  PauseVoted: { scope, member: t.bic, untilMs: t.uint(), ...votes },
  Paused: { scope, untilMs: t.uint() },
  LiftVoted: { scope, member: t.bic, ...votes },
  /** Early by a quorum, or because its time was over. */
  PauseLifted: { scope, early: t.bool },
};

const errors = {
  /** The sender's member has no voting role, or the account is not one that speaks for it. */
  NOT_A_VOTER: { member: t.bic },
  PROPOSAL_UNKNOWN: { id },
  PROPOSAL_CLOSED: { id, status },
  /** What was approved is not what the chain holds under this id. */
  HASH_MISMATCH: { id, actual: hash },
  VOTED_ALREADY: { member: t.bic },
  /** No such method, or none that governance may call. */
  NOT_GOVERNED: { contract: name, method: name },
  CALL_INVALID: { index: t.uint(), contract: name, method: name },
  ACTIVATION_TOO_EARLY: { activateAt: t.uint(), earliest: t.uint() },
  EXPIRY_INVALID: { earliest: t.uint(), latest: t.uint() },
  PROPOSAL_EXPIRED: { id, expiresAt: t.uint() },
  PROPOSALS_TOO_MANY: { limit: t.uint() },
  /** As many proposals as may be due at one height are. */
  HEIGHT_FULL: { height: t.uint(), limit: t.uint() },
  /** Too few members would be left that may vote. */
  ELECTORATE_TOO_SMALL: { voters: count, required: count },
  SCOPE_INVALID: { scope },
  PAUSE_TIME_INVALID: { earliest: t.uint(), latest: t.uint() },
  NOT_PAUSED: { scope },
};

/** What the members decide together. */
export const governanceDeclaration = defineContract({
  name: 'governance',
  version: 1,
  state: governanceState,
  events,
  errors,
});

export type GovernanceContext = TxContext<typeof governanceState, typeof events, typeof errors>;
