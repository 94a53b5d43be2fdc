import type { TimestampMs } from '../../primitives/types.js';
import { isActiveMethod } from '../deployment/methodsForGovernance.js';
import { deadlineFault } from '../time/deadline.js';
import { PAUSES, updateAgenda } from './agenda.js';
import type { GovernanceContext } from './declaration.js';
import { type Electorate, electorate, requireVoter } from './electorate.js';
import { ALL_CONTRACTS, MAX_PAUSE_MS, NEVER_PAUSED } from './records.js';

/** Votes for one scope that are read at once: one of each member. */
const VOTES = 1_000;

/**
 * PROTOCOL §Governance V6. A member's vote to pause a contract, or all of them, until a time. It replaces the member's earlier one. The pause lasts
 * as long as enough members want it to: until the k-th latest of the times that they name.
 */
export function votePause(
  ctx: GovernanceContext,
  scope: string,
  untilMs: TimestampMs,
  pausable: ReadonlySet<string>,
): void {
  const member = requireVoter(ctx);
  const isPausable = scope === ALL_CONTRACTS || (pausable.has(scope) && !NEVER_PAUSED.includes(scope));
  ctx.require(isPausable || ctx.view(isActiveMethod, { name: scope }), 'SCOPE_INVALID', { scope });
  const fault = deadlineFault(untilMs, ctx.timestamp, MAX_PAUSE_MS);
  if (fault !== undefined) ctx.fail('PAUSE_TIME_INVALID', fault);
  ctx.require(ctx.state.pauseVotes.find(scope, member) !== untilMs, 'VOTED_ALREADY', { member });
  ctx.state.pauseVotes.set(scope, member, untilMs);

  const all = electorate(ctx);
  const times = wantedTimes(ctx, scope, all);
  ctx.emit('PauseVoted', { scope, member, untilMs, votes: times.length, required: all.alarm });
  const pausedUntil = times[all.alarm - 1];
  if (pausedUntil === undefined || pausedUntil === ctx.state.pauses.find(scope)) return;
  ctx.state.pauses.set(scope, pausedUntil);
  ctx.emit('Paused', { scope, untilMs: pausedUntil });
  updateAgenda(ctx);
}

/** The times that members who may vote now name and that are not over, the latest first. */
function wantedTimes(ctx: GovernanceContext, scope: string, { voters }: Electorate): readonly TimestampMs[] {
  return ctx.state.pauseVotes
    .entriesUnder([scope], VOTES)
    .flatMap(({ key, value }) => (voters.has(key[1]) && value > ctx.timestamp ? [value] : []))
    .sort((a, b) => b - a);
}

/** A member's vote to end a pause before its time; a quorum ends it. */
export function voteLift(ctx: GovernanceContext, scope: string): void {
  const member = requireVoter(ctx);
  ctx.require(ctx.state.pauses.find(scope) !== undefined, 'NOT_PAUSED', { scope });
  ctx.require(!ctx.state.liftVotes.has(scope, member), 'VOTED_ALREADY', { member });
  ctx.state.liftVotes.set(scope, member, true);
  const all = electorate(ctx);
  const votes = ctx.state.liftVotes.entriesUnder([scope], VOTES).filter(({ key }) => all.voters.has(key[1])).length;
  ctx.emit('LiftVoted', { scope, member, votes, required: all.quorum });
  if (votes < all.quorum) return;
  endPause(ctx, scope, true);
  updateAgenda(ctx);
}

/** Ends the pauses that are over. They have stopped nothing since their time came. */
export function endPauses(ctx: GovernanceContext): void {
  for (const { key, value } of ctx.state.pauses.entries(PAUSES)) {
    if (value <= ctx.timestamp) endPause(ctx, key[0], false);
  }
}

/** With its votes: the next pause needs new ones. */
function endPause(ctx: GovernanceContext, scope: string, early: boolean): void {
  ctx.state.pauses.delete(scope);
  for (const { key } of ctx.state.pauseVotes.entriesUnder([scope], VOTES)) ctx.state.pauseVotes.delete(...key);
  for (const { key } of ctx.state.liftVotes.entriesUnder([scope], VOTES)) ctx.state.liftVotes.delete(...key);
  ctx.emit('PauseLifted', { scope, early });
}
