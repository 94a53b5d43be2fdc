import { faultTolerance, quorum } from '../../primitives/validator.js';
import { membership } from '../membership/membership.js';
import { VOTING_ROLES } from '../membership/records.js';
import type { GovernanceContext } from './declaration.js';

/**
 * PROTOCOL §Governance V1, who votes: each member with a voting role, once. A member that is suspended counts and does
 * not vote, so that a central bank, which suspends alone, cannot make the rest of the members few enough to be outvoted.
 */
export interface Electorate {
  /** Members that may vote now. */
  readonly voters: ReadonlySet<string>;
  /** Votes that decide. */
  readonly quorum: number;
  /** Votes that pause: at least one of them is of somebody who means well. */
  readonly alarm: number;
}

export function electorate(ctx: GovernanceContext): Electorate {
  const members = ctx.view(membership.methods.electorate, {});
  const voters = new Set(members.flatMap(({ member, suspended }) => (suspended ? [] : [member])));
  const count = Math.max(1, members.length);
  return { voters, quorum: quorum(count), alarm: faultTolerance(count) + 1 };
}

/** The member that the sender votes for. The account of a validator's key has no role, and so no vote. */
export function requireVoter(ctx: GovernanceContext): string {
  const { member, roles } = ctx.requireAccount(ctx.sender);
  const isVoter = roles.some((role) => VOTING_ROLES.includes(role));
  ctx.require(isVoter, 'NOT_A_VOTER', { member });
  return member;
}

/** Votes of members that may vote now: what a member said before it lost its vote counts no more. */
export function countVotes({ voters }: Electorate, members: readonly string[]): number {
  return members.filter((member) => voters.has(member)).length;
}
