import { RANGE_LIMIT } from '../api/rangeLimit.js';
import { t } from '../api/t.js';
import { memberMethod } from '../membership/memberMethod.js';
import {
  type AssetsContext,
  byIssuer,
  contract,
  ELIGIBILITY_RULES,
  ineligibilityOf,
  requireInstrument,
  requireIssuer,
} from './declaration.js';

/** Members that the issuer of one instrument may have admitted. */
const MAX_ADMITTED = 10_000;

const onMember = { instrument: t.id, member: t.bic };

interface OnMember {
  readonly instrument: string;
  readonly member: string;
}

/** By the issuer, when it changes anything. @returns how many are admitted */
function requireChange(ctx: AssetsContext, { instrument, member }: OnMember, isAdmitted: boolean): number {
  requireIssuer(ctx, requireInstrument(ctx, instrument));
  const changes = ctx.state.admitted.has(instrument, member) !== isAdmitted;
  ctx.require(changes, 'ADMISSION_UNCHANGED', { member, admitted: isAdmitted });
  return ctx.state.admittedCount.get(instrument);
}

export const eligibilityMethods = {
  /** Puts a member on the issuer's list; whether the list is asked, the terms say. */
  admit: contract.tx({ args: onMember, auth: byIssuer }, (ctx, a) => {
    const count = requireChange(ctx, a, true);
    const { member } = a;
    if (ctx.view(memberMethod, { member }) === undefined) ctx.fail('MEMBER_UNKNOWN', { member });
    ctx.require(count < MAX_ADMITTED, 'ADMITTED_TOO_MANY', { limit: MAX_ADMITTED });
    ctx.state.admitted.set(a.instrument, a.member, true);
    ctx.state.admittedCount.set(a.instrument, count + 1);
    ctx.emit('Admitted', a);
  }),

  /** Takes a member off the list: it keeps what it holds, and may send it to whoever is eligible. */
  exclude: contract.tx({ args: onMember, auth: byIssuer }, (ctx, a) => {
    const count = requireChange(ctx, a, false);
    ctx.state.admitted.delete(a.instrument, a.member);
    if (count === 1) ctx.state.admittedCount.delete(a.instrument);
    else ctx.state.admittedCount.set(a.instrument, count - 1);
    ctx.emit('Excluded', a);
  }),
};

export const pilotMethods = {
  /** Has the bounds of a pilot asked for, or no more. */
  setPilot: contract.tx(
    { args: { instrument: t.id, isPilot: t.bool }, auth: { contracts: ['pilots'] } },
    (ctx, { instrument: id, isPilot }) => {
      requireInstrument(ctx, id);
      if (isPilot) ctx.state.pilots.set(id, true);
      else ctx.state.pilots.delete(id);
    },
  ),
};

export const eligibilityViews = {
  /** Whom the issuer has admitted, in the order of their BICs. */
  admitted: contract.view(
    {
      args: { instrument: t.id, limit: t.uint(RANGE_LIMIT), after: t.optional(t.bic) },
      returns: t.list(t.bic, RANGE_LIMIT),
    },
    (ctx, a) => {
      requireInstrument(ctx, a.instrument);
      return ctx.state.admitted
        .entriesUnder([a.instrument], a.limit, a.after === undefined ? undefined : [a.instrument, a.after])
        .map(({ key: [, member] }) => member);
    },
  ),

  /** Which rule keeps an account from receiving units now; none when it may. */
  ineligibility: contract.view(
    {
      args: { instrument: t.id, account: t.address },
      returns: t.optional(t.enum(ELIGIBILITY_RULES)),
    },
    (ctx, a) => {
      ctx.requireAccount(a.account);
      return ineligibilityOf(ctx, a.instrument, a.account)?.rule;
    },
  ),
};
