import { LIMITS } from '../../primitives/limits.js';
import { SIGNATURE_BYTES } from '../../primitives/signature.js';
import { RANGE_LIMIT } from '../api/rangeLimit.js';
import { t } from '../api/t.js';
import { membershipDeclaration as contract } from './declaration.js';
import { governedMethods } from './governed.js';
import { allEntries } from './paging.js';
import { readiness } from './readiness.js';
import {
  accountRecord,
  identityFields,
  keyRecord,
  memberRecord,
  nodeFields,
  nodeRecord,
  policyFields,
  publicKey,
  suite,
  VOTING_ROLES,
  validatorAddresses,
  validatorRecord,
} from './records.js';
import {
  addAccount,
  addKey,
  addMember,
  requireAccountRecord,
  requireEntitledToRegister,
  requireEntitledToRestrict,
  requireKey,
  requireMember,
  requireOwnActiveKey,
  requirePossession,
  requireSuspendable,
} from './registration.js';
import { validatorList } from './validatorList.js';

const genesis = { genesis: true } as const;
const bySender = { sender: true } as const;
const byCentralBank = { roles: ['centralBank'] } as const;
const page = { limit: t.uint(RANGE_LIMIT) };

/** Far above what a network of banks has. */
const MAX_ELECTORATE = 10_000;

/** Rows of one genesis call; a genesis with more makes several. */
export const GENESIS_ROWS = 250;

const genesisMethods = {
  genesisMember: contract.tx({ args: { member: t.bic, ...identityFields }, auth: genesis }, (ctx, { member, ...a }) =>
    addMember(ctx, member, a),
  ),

  /** Possession was proven in the genesis file. */
  genesisKeys: contract.tx(
    { args: { member: t.bic, keys: t.list(t.struct({ suite, publicKey }), GENESIS_ROWS, 1) }, auth: genesis },
    (ctx, a) => {
      requireMember(ctx, a.member);
      for (const key of a.keys) addKey(ctx, a.member, key.suite, key.publicKey);
    },
  ),

  genesisAccounts: contract.tx(
    { args: { member: t.bic, accounts: t.list(t.struct(policyFields), GENESIS_ROWS, 1) }, auth: genesis },
    (ctx, a) => {
      requireMember(ctx, a.member);
      for (const account of a.accounts) addAccount(ctx, a.member, account);
    },
  ),

  genesisNodes: contract.tx(
    {
      args: { member: t.bic, nodes: t.list(t.struct({ peerId: t.id, ...nodeFields }), GENESIS_ROWS, 1) },
      auth: genesis,
    },
    (ctx, a) => {
      requireMember(ctx, a.member);
      for (const { peerId, role, addresses } of a.nodes) {
        ctx.require(!ctx.state.nodes.has(peerId), 'NODE_EXISTS', { peerId });
        ctx.state.nodes.set(peerId, { member: a.member, role, addresses });
      }
    },
  ),

  genesisValidators: contract.tx({ args: { validators: validatorAddresses }, auth: genesis }, (ctx, a) => {
    ctx.state.validators.set(validatorList(ctx, a.validators));
  }),
};

const registration = {
  registerKey: contract.tx(
    { args: { member: t.bic, suite, publicKey, possession: t.fixedBytes(SIGNATURE_BYTES) }, auth: bySender },
    (ctx, a) => {
      requireEntitledToRegister(ctx, a.member);
      const key = addKey(ctx, a.member, a.suite, a.publicKey);
      requirePossession(ctx, { ...a, key }, a.possession);
      ctx.emit('KeyRegistered', { member: a.member, key, suite: a.suite });
    },
  ),

  openAccount: contract.tx({ args: { member: t.bic, ...policyFields }, auth: bySender }, (ctx, a) => {
    requireEntitledToRegister(ctx, a.member);
    const account = addAccount(ctx, a.member, a);
    ctx.emit('AccountOpened', { ...a, account });
  }),

  /** Puts one key of the account's policy in another's place; the account keeps its id. */
  rotateKey: contract.tx(
    {
      args: { account: t.address, remove: t.address, add: t.address },
      auth: { accounts: (a) => [a.account] },
    },
    (ctx, a) => {
      const record = requireAccountRecord(ctx, a.account);
      ctx.require(record.keys.includes(a.remove), 'KEY_NOT_IN_ACCOUNT', { key: a.remove });
      const keys = record.keys.map((key) => (key === a.remove ? a.add : key));
      ctx.require(!record.keys.includes(a.add), 'KEYS_REPEATED', { keys });
      requireOwnActiveKey(ctx, record.member, a.add);
      ctx.state.accounts.set(a.account, { ...record, keys });
      ctx.state.uses.delete(a.remove, a.account);
      ctx.state.uses.set(a.add, a.account, true);
      ctx.emit('KeyRotated', { account: a.account, removed: a.remove, added: a.add });
    },
  ),

  /** Ends a key for ever. It must have been rotated out of every policy first, so that no account is locked. */
  deactivateKey: contract.tx({ args: { key: t.address }, auth: bySender }, (ctx, { key }) => {
    const record = requireKey(ctx, key);
    requireEntitledToRestrict(ctx, record.member);
    ctx.require(record.active, 'KEY_INACTIVE', { key });
    const validates = ctx.state.validators.get().some((validator) => validator.address === key);
    const isUsed = ctx.state.uses.entriesUnder([key], 1).length > 0;
    ctx.require(!validates && !isUsed, 'KEY_IN_USE', { key });
    ctx.state.keys.set(key, { ...record, active: false });
    ctx.emit('KeyDeactivated', { member: record.member, key });
  }),
};

const suspension = {
  suspendMember: contract.tx({ args: { member: t.bic }, auth: bySender }, (ctx, { member }) => {
    const record = requireMember(ctx, member);
    requireEntitledToRestrict(ctx, member);
    requireSuspendable(ctx, member, record);
    ctx.require(!record.suspended, 'STATUS_UNCHANGED', { suspended: true });
    ctx.state.members.set(member, { ...record, suspended: true });
    ctx.emit('MemberSuspended', { member });
  }),

  reinstateMember: contract.tx({ args: { member: t.bic }, auth: byCentralBank }, (ctx, { member }) => {
    const record = requireMember(ctx, member);
    ctx.require(record.suspended, 'STATUS_UNCHANGED', { suspended: false });
    ctx.state.members.set(member, { ...record, suspended: false });
    ctx.emit('MemberReinstated', { member });
  }),

  suspendAccount: contract.tx({ args: { account: t.address }, auth: bySender }, (ctx, { account }) => {
    const record = requireAccountRecord(ctx, account);
    requireEntitledToRestrict(ctx, record.member);
    requireSuspendable(ctx, record.member, requireMember(ctx, record.member));
    ctx.require(!record.suspended, 'STATUS_UNCHANGED', { suspended: true });
    ctx.state.accounts.set(account, { ...record, suspended: true });
    ctx.emit('AccountSuspended', { account });
  }),

  reinstateAccount: contract.tx({ args: { account: t.address }, auth: byCentralBank }, (ctx, { account }) => {
    const record = requireAccountRecord(ctx, account);
    ctx.require(record.suspended, 'STATUS_UNCHANGED', { suspended: false });
    ctx.state.accounts.set(account, { ...record, suspended: false });
    ctx.emit('AccountReinstated', { account });
  }),
};

const views = {
  member: contract.view({ args: { member: t.bic }, returns: t.optional(memberRecord) }, (ctx, a) =>
    ctx.state.members.find(a.member),
  ),

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

/** The membership contract. */
export const membership = contract.build({
  ...genesisMethods,
  ...registration,
  ...suspension,
  ...governedMethods,
  ...readiness,
  ...views,
});
