import { t } from '../api/t.js';
import { membership } from '../membership/membership.js';
import { count, left } from './counting.js';
import {
  contract,
  exposureFields,
  owner,
  type SupervisionContext,
  supervisionState,
  velocityFields,
} from './declaration.js';
import { countArgs, leftOptions, MAX_EXPOSURES, mandateFields, mandateOptions } from './methods.js';
import { endExposure, endVelocity, setExposure, setVelocity } from './rules.js';

const byAuthority = { roles: ['supervisor', 'centralBank'] } as const;
const byMembers = { contracts: ['governance'] } as const;

function requireSupervisor(ctx: SupervisionContext, member: string): void {
  const record = ctx.view(membership.methods.member, { member }) ?? ctx.fail('MEMBER_UNKNOWN', { member });
  ctx.require(record.roles.includes('supervisor'), 'NOT_SUPERVISOR', { member });
}

/** What supervisors may do, and the rules by which authorities bind accounts of money. */
export const supervision = contract.build({
  /** Bounds what a supervisor may order and bind: the members' decision, in the place of an earlier one. */
  setMandate: contract.tx({ args: { member: t.bic, ...mandateFields }, auth: byMembers }, (ctx, a) => {
    const { member, ...terms } = a;
    requireSupervisor(ctx, member);
    ctx.state.mandates.set(member, terms);
    ctx.emit('MandateSet', a);
  }),

  /** Ends a mandate: the supervisor may do again what its role says. */
  clearMandate: contract.tx({ args: { member: t.bic }, auth: byMembers }, (ctx, { member }) => {
    ctx.require(ctx.state.mandates.has(member), 'MANDATE_UNKNOWN', { member });
    ctx.state.mandates.delete(member);
    ctx.emit('MandateCleared', { member });
  }),

  /** Bounds how often and how much an account authorises in any window of time. */
  setVelocity: contract.tx({ args: { ...owner, ...velocityFields }, auth: byAuthority }, setVelocity),

  endVelocity: contract.tx({ args: owner, auth: byAuthority }, endVelocity),

  /** Bounds what an account sends to a counterparty on a business day, less what comes from there. */
  setExposure: contract.tx({ args: { ...owner, ...exposureFields }, auth: byAuthority }, setExposure),

  endExposure: contract.tx({ args: { ...owner, counterparty: t.bic }, auth: byAuthority }, endExposure),

  /** Counts what an account with rules authorises or pays. */
  count: contract.tx({ args: countArgs, auth: { contracts: ['cash'] } }, count),

  /** What rules leave an account now. */
  left: contract.view(leftOptions, left),

  /** What the members let a supervisor do; none: what its role says. */
  mandate: contract.view(mandateOptions, (ctx, { member }) => ctx.state.mandates.find(member)),

  /** The rules that bind an account, and who says so. */
  rules: contract.view(
    {
      args: owner,
      returns: t.struct({
        velocity: t.optional(supervisionState.velocities.value),
        exposures: t.list(t.struct({ ...exposureFields, by: t.bic }), MAX_EXPOSURES),
      }),
    },
    (ctx, { currency, account }) => ({
      velocity: ctx.state.velocities.find(currency, account),
      exposures: ctx.state.exposures
        .entriesUnder([currency, account], MAX_EXPOSURES)
        .map(({ key, value: { by, limit, offsetting } }) => ({ counterparty: key[2], by, limit, offsetting })),
    }),
  ),
});
