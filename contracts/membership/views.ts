import { LIMITS } from '../../primitives/limits.js';
import { RANGE_LIMIT } from '../api/rangeLimit.js';
import { t } from '../api/t.js';
import { membershipDeclaration as contract } from './declaration.js';
import { memberOptions } from './memberMethod.js';
import { allEntries } from './paging.js';
import {
  accountRecord,
  isValidatorLabel,
  keyRecord,
  memberRecord,
  nodeRecord,
  VOTING_ROLES,
  validatorRecord,
} from './records.js';
import { signingOptions } from './signingMethod.js';

const page = { limit: t.uint(RANGE_LIMIT) };

/** Far above what a network of banks has. */
const MAX_ELECTORATE = 10_000;

/** The registry as anybody may read it. */
export const membershipViews = {
  member: contract.view(memberOptions, (ctx, a) => ctx.state.members.find(a.member)),

  members: contract.view(
    {
      args: { ...page, after: t.optional(t.bic) },
      returns: t.list(t.struct({ member: t.bic, ...memberRecord.fields }), RANGE_LIMIT),
    },
    (ctx, a) =>
      ctx.state.members
        .entries(a.limit, a.after === undefined ? undefined : [a.after])
        .map(({ key, value }) => ({ member: key[0], ...value })),
  ),

  account: contract.view({ args: { account: t.address }, returns: t.optional(accountRecord) }, (ctx, a) =>
    ctx.state.accounts.find(a.account),
  ),

  /** A member's accounts in the order of their labels. */
  accounts: contract.view(
    {
      args: { member: t.bic, ...page, after: t.optional(t.id) },
      returns: t.list(t.struct({ account: t.address, ...accountRecord.fields }), RANGE_LIMIT),
    },
    (ctx, a) =>
      ctx.state.labels
        .entriesUnder([a.member], a.limit, a.after === undefined ? undefined : [a.member, a.after])
        .map(({ value: account }) => ({ account, ...ctx.state.accounts.get(account) })),
  ),

  /** Who signs for an account now; undefined where there is no such account. */
  signing: contract.view(signingOptions, (ctx, { account }) => {
    const record = ctx.state.accounts.find(account);
    if (record === undefined) return undefined;
    const { threshold, checkers } = record;
    const active = record.keys.filter((key) => ctx.state.keys.get(key).active);
    const keys = active.map((key) => ({ key, since: ctx.state.uses.get(key, account) }));
    return { threshold, keys, checkers, loosenedAt: ctx.state.loosened.find(account) };
  }),

  /**
   * Since when a policy names the key without a break, in consensus time, the oldest one where several do; 0: the genesis or the members
   * put it in. Undefined where no policy does, but for those of accounts of validators' keys, which speak for nobody.
   */
  keySince: contract.view({ args: { key: t.address }, returns: t.optional(t.uint()) }, (ctx, a) => {
    const times = ctx.state.uses
      .entriesUnder([a.key], RANGE_LIMIT)
      .filter(({ key: [, account] }) => !isValidatorLabel(ctx.state.accounts.get(account).label))
      .map(({ value }) => value);
    return times.length === 0 ? undefined : Math.min(...times);
  }),

  key: contract.view({ args: { key: t.address }, returns: t.optional(keyRecord) }, (ctx, a) =>
    ctx.state.keys.find(a.key),
  ),

  nodes: contract.view(
    {
      args: { ...page, after: t.optional(t.id) },
      returns: t.list(t.struct({ peerId: t.id, ...nodeRecord.fields }), RANGE_LIMIT),
    },
    (ctx, a) =>
      ctx.state.nodes
        .entries(a.limit, a.after === undefined ? undefined : [a.after])
        .map(({ key, value }) => ({ peerId: key[0], ...value })),
  ),

  /** When a key showed last that its node holds the chain. */
  readiness: contract.view(
    { args: { key: t.address }, returns: t.optional(t.struct({ height: t.uint(), timestamp: t.uint() })) },
    (ctx, a) => ctx.state.ready.find(a.key),
  ),

  memberCount: contract.view({ args: {}, returns: t.uint() }, (ctx) => allEntries(ctx.state.members).length),

  /** Every member with a voting role, in the order of the BICs; one that is suspended counts and does not vote. */
  electorate: contract.view(
    { args: {}, returns: t.list(t.struct({ member: t.bic, suspended: t.bool }), MAX_ELECTORATE) },
    (ctx) =>
      allEntries(ctx.state.members)
        .filter(({ value }) => value.roles.some((role) => VOTING_ROLES.includes(role)))
        .map(({ key, value }) => ({ member: key[0], suspended: value.suspended })),
  ),

  validators: contract.view({ args: {}, returns: t.list(validatorRecord, LIMITS.validators) }, (ctx) =>
    ctx.state.validators.get(),
  ),
};
