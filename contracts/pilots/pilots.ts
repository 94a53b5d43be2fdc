import type { TxContext } from '../api/context.js';
import { defineContract } from '../api/define.js';
import { RANGE_LIMIT } from '../api/rangeLimit.js';
import { map } from '../api/state.js';
import { t } from '../api/t.js';
import { assets } from '../assets/assets.js';
import { cash } from '../cash/cash.js';
import { membership } from '../membership/membership.js';
import { MANDATE_FAULTS, mandateFault } from '../supervision/authority.js';
import { deadlineFault, LONGEST_WAIT_MS } from '../time/deadline.js';
import { boundsOptions } from './methods.js';

/** Accounts that one pilot names. */
const MAX_HOLDERS = 100;

const boundFields = {
  /** Units that may be outstanding. */
  cap: t.amount,
  /** Units that one holder may have, locked ones among them. */
  perHolder: t.amount,
  /** Consensus time from which units go to their issuer alone. */
  sunsetAt: t.uint(),
};
const pilot = t.struct({ by: t.bic, ...boundFields, holders: t.uint(MAX_HOLDERS) });

/** How the state is laid out, for those who read it. */
export const pilotsState = {
  pilots: map([t.id], pilot),
  /** Instrument, account: who may receive units. */
  holders: map([t.id, t.address], t.bool),
  /** Instrument, member → its account among them: one of each. */
  accounts: map([t.id, t.bic], t.address),
};

const onAccount = { instrument: t.id, account: t.address };

const events = {
  PilotSet: { instrument: t.id, ...boundFields, by: t.bic },
  HolderNamed: onAccount,
  HolderRemoved: onAccount,
  PilotEnded: { instrument: t.id, by: t.bic },
};

const errors = {
  /** Neither a supervisor nor the central bank of the currency, the issuer's own member, or the pilot of another authority. */
  NOT_ENTITLED: { member: t.bic },
  MANDATE_EXCEEDED: { member: t.bic, fault: t.enum(MANDATE_FAULTS) },
  INSTRUMENT_UNKNOWN: { instrument: t.id },
  PILOT_UNKNOWN: { instrument: t.id },
  AMOUNT_ZERO: {},
  /** Its bounds count units, which the split changes. */
  SPLIT_UNDER_WAY: { instrument: t.id },
  SUNSET_INVALID: { earliest: t.uint(), latest: t.uint() },
  /** It is named already, or it is not. */
  HOLDER_UNCHANGED: { account: t.address, isNamed: t.bool },
  /** Another account of the member is named: bounds of a holder are bounds of a member. */
  MEMBER_REPEATED: { member: t.bic, account: t.address },
  HOLDERS_TOO_MANY: { limit: t.uint() },
};

const contract = defineContract({ name: 'pilots', version: 1, state: pilotsState, events, errors });
type PilotsContext = TxContext<typeof pilotsState, typeof events, typeof errors>;

/**
 * The sender's member, where it may set the pilot of an instrument: a supervisor, or the central bank of its currency, and never the issuer's
 * own. What another authority has set is that one's, unless it can change nothing any more.
 */
function requireAuthority(ctx: PilotsContext, id: string): string {
  const found =
    ctx.view(assets.methods.instrument, { instrument: id }) ?? ctx.fail('INSTRUMENT_UNKNOWN', { instrument: id });
  const { currency, issuer } = found;
  const { member, roles } = ctx.requireAccount(ctx.sender);
  const about = ctx.account(issuer)?.member;
  ctx.require(about !== member, 'NOT_ENTITLED', { member });
  const isIssuer = roles.includes('centralBank') && ctx.view(cash.methods.currency, { currency })?.issuer === member;
  if (!isIssuer) {
    ctx.require(roles.includes('supervisor'), 'NOT_ENTITLED', { member });
    const fault = mandateFault(ctx, member, { currency, about });
    if (fault !== undefined) ctx.fail('MANDATE_EXCEEDED', { member, fault });
  }
  const setBy = ctx.state.pilots.find(id)?.by ?? member;
  ctx.require(setBy === member || (isIssuer && isGone(ctx, setBy)), 'NOT_ENTITLED', { member });
  return member;
}

function isGone(ctx: PilotsContext, member: string): boolean {
  const record = ctx.view(membership.methods.member, { member });
  return record === undefined || record.suspended || !record.roles.includes('supervisor');
}

function requirePilot(ctx: PilotsContext, id: string) {
  return ctx.state.pilots.find(id) ?? ctx.fail('PILOT_UNKNOWN', { instrument: id });
}

const byAuthority = { roles: ['supervisor', 'centralBank'] } as const;

/** Instruments that are tried out: by named holders, up to a bound, until a day. `assets` asks wherever units come to somebody. */
export const pilots = contract.build({
  /** Makes a pilot of an instrument, or changes its bounds. Whoever holds units keeps them; others must be named to receive any. */
  set: contract.tx({ args: { instrument: t.id, ...boundFields }, auth: byAuthority }, (ctx, a) => {
    const { instrument: id, cap, perHolder, sunsetAt } = a;
    const by = requireAuthority(ctx, id);
    ctx.require(cap > 0n && perHolder > 0n, 'AMOUNT_ZERO');
    const fault = deadlineFault(sunsetAt, ctx.timestamp, LONGEST_WAIT_MS);
    if (fault !== undefined) ctx.fail('SUNSET_INVALID', fault);
    const isSplit = ctx.view(assets.methods.split, { instrument: id }) !== undefined;
    ctx.require(!isSplit, 'SPLIT_UNDER_WAY', { instrument: id });
    const before = ctx.state.pilots.find(id);
    if (before === undefined) ctx.call(assets.methods.setPilot, { instrument: id, isPilot: true });
    const holders = before?.holders ?? 0;
    ctx.state.pilots.set(id, { by, cap, perHolder, sunsetAt, holders });
    ctx.emit('PilotSet', { ...a, by });
  }),

  /** Names an account that may receive units: one of each member. */
  name: contract.tx({ args: onAccount, auth: byAuthority }, (ctx, { instrument: id, account }) => {
    requireAuthority(ctx, id);
    const found = requirePilot(ctx, id);
    const { member } = ctx.requireAccount(account);
    ctx.require(!ctx.state.holders.has(id, account), 'HOLDER_UNCHANGED', { account, isNamed: true });
    const other = ctx.state.accounts.find(id, member);
    if (other !== undefined) ctx.fail('MEMBER_REPEATED', { member, account: other });
    ctx.require(found.holders < MAX_HOLDERS, 'HOLDERS_TOO_MANY', { limit: MAX_HOLDERS });
    ctx.state.holders.set(id, account, true);
    ctx.state.accounts.set(id, member, account);
    ctx.state.pilots.set(id, { ...found, holders: found.holders + 1 });
    ctx.emit('HolderNamed', { instrument: id, account });
  }),

  /** Takes an account off the list: it keeps what it holds, and may send it to whoever is named. */
  remove: contract.tx({ args: onAccount, auth: byAuthority }, (ctx, { instrument: id, account }) => {
    requireAuthority(ctx, id);
    const found = requirePilot(ctx, id);
    ctx.require(ctx.state.holders.has(id, account), 'HOLDER_UNCHANGED', { account, isNamed: false });
    const member = ctx.account(account)?.member ?? ctx.fail('ACCOUNT_UNKNOWN', { account });
    ctx.state.holders.delete(id, account);
    ctx.state.accounts.delete(id, member);
    ctx.state.pilots.set(id, { ...found, holders: found.holders - 1 });
    ctx.emit('HolderRemoved', { instrument: id, account });
  }),

  /** Ends a pilot: from then on the terms of the instrument alone say who may have how much. */
  end: contract.tx({ args: { instrument: t.id }, auth: byAuthority }, (ctx, { instrument: id }) => {
    const by = requireAuthority(ctx, id);
    requirePilot(ctx, id);
    for (const { key } of ctx.state.holders.entriesUnder([id], MAX_HOLDERS)) ctx.state.holders.delete(...key);
    for (const { key } of ctx.state.accounts.entriesUnder([id], MAX_HOLDERS)) ctx.state.accounts.delete(...key);
    ctx.state.pilots.delete(id);
    ctx.call(assets.methods.setPilot, { instrument: id, isPilot: false });
    ctx.emit('PilotEnded', { instrument: id, by });
  }),

  /** What a pilot says of an account that is to receive units; none where the instrument is no pilot. */
  bounds: contract.view(boundsOptions, (ctx, { instrument: id, account }) => {
    const found = ctx.state.pilots.find(id);
    if (found === undefined) return undefined;
    const { cap, perHolder, sunsetAt } = found;
    return { isNamed: ctx.state.holders.has(id, account), isOver: ctx.timestamp >= sunsetAt, cap, perHolder };
  }),

  pilot: contract.view({ args: { instrument: t.id }, returns: t.optional(pilot) }, (ctx, a) =>
    ctx.state.pilots.find(a.instrument),
  ),

  /** Who may receive units of a pilot, in the order of the addresses. */
  holders: contract.view({ args: { instrument: t.id }, returns: t.list(t.address, MAX_HOLDERS) }, (ctx, a) =>
    ctx.state.holders.entriesUnder([a.instrument], MAX_HOLDERS).map(({ key }) => key[1]),
  ),

  /** Every pilot, in the order of the instruments' ids. */
  pilots: contract.view(
    {
      args: { limit: t.uint(RANGE_LIMIT), after: t.optional(t.id) },
      returns: t.list(t.struct({ instrument: t.id, ...pilot.fields }), RANGE_LIMIT),
    },
    (ctx, a) =>
      ctx.state.pilots
        .entries(a.limit, a.after === undefined ? undefined : [a.after])
        .map(({ key, value }) => ({ instrument: key[0], ...value })),
  ),
});
