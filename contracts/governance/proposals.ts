import { equalBytes, type Hash } from '../../primitives/bytes.js';
import { TAGS, taggedHash } from '../../primitives/hash.js';
import { deadlineFault } from '../time/deadline.js';
import { updateAgenda } from './agenda.js';
import type { GovernanceContext } from './declaration.js';
import { countVotes, electorate, requireVoter } from './electorate.js';
import { decodeCall, type GovernedMethods } from './governedMethods.js';
import {
  MAX_OPEN_MS,
  NOTICE_BLOCKS,
  type Payload,
  PROPOSALS_PER_HEIGHT,
  PROPOSALS_PER_MEMBER,
  type ProposalRecord,
  type ProposalStatus,
  payload,
} from './records.js';

/** Hashing in JavaScript takes about this many nanoseconds a byte. */
const HASH_FUEL = 40;

/** What members approve: H(tag ‖ canonical bytes of the payload). */
export function payloadHash(values: Payload): Hash {
  return taggedHash(TAGS.proposalPayload, payload.encode(values));
}

/** PROTOCOL §Governance V2. Makes a proposal, which its proposer approves by it. */
export function propose(ctx: GovernanceContext, values: Payload, methods: GovernedMethods): { id: number; hash: Hash } {
  const proposer = requireVoter(ctx);
  for (const [index, call] of values.calls.entries()) decodeCall(ctx, methods, call, index);
  requireNotice(ctx, values.activateAt);
  const fault = deadlineFault(values.expiresAt, ctx.timestamp, MAX_OPEN_MS);
  if (fault !== undefined) ctx.fail('EXPIRY_INVALID', fault);
  const live = ctx.state.live.get(proposer);
  ctx.require(live < PROPOSALS_PER_MEMBER, 'PROPOSALS_TOO_MANY', { limit: PROPOSALS_PER_MEMBER });
  const sameHeight = ctx.state.due.entriesUnder([values.activateAt], PROPOSALS_PER_HEIGHT);
  const hasRoom = sameHeight.length < PROPOSALS_PER_HEIGHT;
  ctx.require(hasRoom, 'HEIGHT_FULL', { height: values.activateAt, limit: PROPOSALS_PER_HEIGHT });

  const id = ctx.state.nextId.get();
  ctx.useFuel(HASH_FUEL * values.calls.reduce((bytes, { args }) => bytes + args.length + 256, 2_048));
  const hash = payloadHash(values);
  const { calls, activateAt, expiresAt, description, document } = values;
  ctx.state.nextId.set(id + 1);
  ctx.state.proposals.set(id, {
    ...{ calls, activateAt, expiresAt, description, document },
    ...{ proposer, hash, status: 'open', code: undefined, failedCall: undefined },
  });
  ctx.state.live.set(proposer, live + 1);
  ctx.state.due.set(activateAt, id, true);
  ctx.state.expiring.set(expiresAt, id, true);
  ctx.emit('Proposed', { id, proposer, hash, activateAt, expiresAt });
  addApproval(ctx, id, proposer);
  updateAgenda(ctx);
  return { id, hash };
}

/** PROTOCOL §Governance V3. Approves exactly what the hash says. */
export function approve(ctx: GovernanceContext, id: number, hash: Hash): void {
  const member = requireVoter(ctx);
  const proposal = requireStatus(ctx, id, ['open']);
  ctx.require(equalBytes(hash, proposal.hash), 'HASH_MISMATCH', { id, actual: proposal.hash });
  const { expiresAt, activateAt } = proposal;
  ctx.require(ctx.timestamp < expiresAt, 'PROPOSAL_EXPIRED', { id, expiresAt });
  requireNotice(ctx, activateAt);
  ctx.require(!ctx.state.approvals.get(id).includes(member), 'VOTED_ALREADY', { member });
  addApproval(ctx, id, member);
  updateAgenda(ctx);
}

function addApproval(ctx: GovernanceContext, id: number, member: string): void {
  const approvals = [...ctx.state.approvals.get(id), member];
  ctx.state.approvals.set(id, approvals);
  const all = electorate(ctx);
  const votes = countVotes(all, approvals);
  ctx.emit('Approved', { id, member, votes, required: all.quorum });
  if (votes < all.quorum) return;
  const proposal = ctx.state.proposals.get(id);
  ctx.state.proposals.set(id, { ...proposal, status: 'accepted' });
  ctx.state.expiring.delete(proposal.expiresAt, id);
  ctx.emit('Accepted', { id, activateAt: proposal.activateAt });
}

/** PROTOCOL §Governance V4. The proposer's member takes an open proposal back; a quorum cancels an accepted one, too. */
export function cancel(ctx: GovernanceContext, id: number): void {
  const member = requireVoter(ctx);
  const proposal = requireStatus(ctx, id, ['open', 'accepted']);
  if (member === proposal.proposer && proposal.status === 'open') {
    close(ctx, id, proposal, 'cancelled');
    ctx.emit('Cancelled', { id });
  } else {
    const cancellations = ctx.state.cancellations.get(id);
    ctx.require(!cancellations.includes(member), 'VOTED_ALREADY', { member });
    const all = electorate(ctx);
    const wanted = [...cancellations, member];
    const votes = countVotes(all, wanted);
    ctx.state.cancellations.set(id, wanted);
    ctx.emit('CancellationApproved', { id, member, votes, required: all.quorum });
    if (votes < all.quorum) return;
    close(ctx, id, proposal, 'cancelled');
    ctx.emit('Cancelled', { id });
  }
  updateAgenda(ctx);
}

/** Ends a proposal for good: nothing is due for it any more. */
export function close(
  ctx: GovernanceContext,
  id: number,
  proposal: ProposalRecord,
  status: Exclude<ProposalStatus, 'open' | 'accepted'>,
  failure: { readonly code?: string; readonly failedCall?: string } = {},
): void {
  const { proposer, activateAt, expiresAt } = proposal;
  const { code, failedCall } = failure;
  ctx.state.proposals.set(id, { ...proposal, status, code, failedCall });
  ctx.state.due.delete(activateAt, id);
  if (proposal.status === 'open') ctx.state.expiring.delete(expiresAt, id);
  const live = ctx.state.live.get(proposer) - 1;
  if (live === 0) ctx.state.live.delete(proposer);
  else ctx.state.live.set(proposer, live);
}

function requireStatus(ctx: GovernanceContext, id: number, statuses: readonly ProposalStatus[]): ProposalRecord {
  const proposal = ctx.state.proposals.find(id) ?? ctx.fail('PROPOSAL_UNKNOWN', { id });
  const { status } = proposal;
  ctx.require(statuses.includes(status), 'PROPOSAL_CLOSED', { id, status });
  return proposal;
}

/** A whole block lies between an approval in this block and the end of the block before the activation height. */
function requireNotice(ctx: GovernanceContext, activateAt: number): void {
  const earliest = ctx.height + NOTICE_BLOCKS + 1;
  ctx.require(activateAt >= earliest, 'ACTIVATION_TOO_EARLY', { activateAt, earliest });
}
