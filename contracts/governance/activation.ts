import { parameters } from '../parameters/parameters.js';
import { updateAgenda } from './agenda.js';
import type { GovernanceContext } from './declaration.js';
import { electorate } from './electorate.js';
import { decodeCall, type GovernedMethods } from './governedMethods.js';
import { endPauses } from './pauses.js';
import { close } from './proposals.js';
import { PROPOSALS_PER_HEIGHT, type ProposalRecord } from './records.js';

/** Open proposals whose time is over that one block closes: the others follow in the next. */
const EXPIRIES_PER_BLOCK = 16;

/**
 * PROTOCOL §Governance V5. What the end of a block brings: the accepted proposals that are in force from the next height on, those that were
 * never accepted, and the pauses that are over.
 */
export function activateDue(ctx: GovernanceContext, methods: GovernedMethods): void {
  const next = ctx.height + 1;
  for (const { key } of ctx.state.due.entries(PROPOSALS_PER_HEIGHT)) {
    const [activateAt, id] = key;
    if (activateAt > next) break;
    const proposal = ctx.state.proposals.get(id);
    if (proposal.status === 'accepted') activate(ctx, id, proposal, methods);
    else expire(ctx, id, proposal);
  }
  for (const { key } of ctx.state.expiring.entries(EXPIRIES_PER_BLOCK)) {
    const [expiresAt, id] = key;
    if (expiresAt > ctx.timestamp) break;
    expire(ctx, id, ctx.state.proposals.get(id));
  }
  endPauses(ctx);
  updateAgenda(ctx);
}

/** All of the calls or none of them: a proposal that cannot be done stops nothing. */
function activate(ctx: GovernanceContext, id: number, proposal: ProposalRecord, methods: GovernedMethods): void {
  const failure = ctx.attempt(() => {
    for (const [index, call] of proposal.calls.entries()) {
      const { ref, values, fuelLimit } = decodeCall(ctx, methods, call, index);
      ctx.call(ref, values, fuelLimit);
    }
    requireGovernable(ctx);
  });
  if (failure === undefined) {
    close(ctx, id, proposal, 'activated');
    ctx.emit('Activated', { id });
    return;
  }
  const { code, failedCall } = failure;
  close(ctx, id, proposal, 'failed', { code, failedCall });
  ctx.emit('Failed', { id, code, failedCall });
}

/** What was decided leaves a network that fits its own parameters and can decide again. */
function requireGovernable(ctx: GovernanceContext): void {
  ctx.view(parameters.methods.check, {});
  const { voters, quorum } = electorate(ctx);
  ctx.require(voters.size >= quorum, 'ELECTORATE_TOO_SMALL', { voters: voters.size, required: quorum });
}

function expire(ctx: GovernanceContext, id: number, proposal: ProposalRecord): void {
  close(ctx, id, proposal, 'expired');
  ctx.emit('Expired', { id });
}
