import { SIGNATURE_BYTES } from '../../primitives/signature.js';
import type { Address } from '../../primitives/types.js';
import { t } from '../api/t.js';
import { membershipDeclaration as contract } from './declaration.js';
import { GOVERNANCE, governedMethods } from './governed.js';
import { isLoosened, isSamePolicy } from './policy.js';
import { readiness } from './readiness.js';
import {
  identityFields,
  nodeFields,
  policyFields,
  publicKey,
  signingFields,
  suite,
  validatorAddresses,
} from './records.js';
import {
  addAccount,
  addKey,
  addMember,
  replacePolicy,
  requireAccountRecord,
  requireEntitledToRegister,
  requireEntitledToRestrict,
  requireKey,
  requireMember,
  requirePossession,
  requireSuspendable,
} from './registration.js';
import { validatorList } from './validatorList.js';
import { membershipViews } from './views.js';

const genesis = { genesis: true } as const;
const byGovernance = { contracts: [GOVERNANCE] } as const;
const bySender = { sender: true } as const;
const byCentralBank = { roles: ['centralBank'] } as const;

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
      for (const account of a.accounts) addAccount(ctx, a.member, account, 0);
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
  /** The members may decide it, too: for one that has no key any more that could speak for it. */
  registerKey: contract.tx(
    {
      args: { member: t.bic, suite, publicKey, possession: t.fixedBytes(SIGNATURE_BYTES) },
      auth: { any: [byGovernance, bySender] },
    },
    (ctx, a) => {
      if (ctx.callerContract === GOVERNANCE) requireMember(ctx, a.member);
      else requireEntitledToRegister(ctx, a.member);
      const key = addKey(ctx, a.member, a.suite, a.publicKey);
      requirePossession(ctx, { ...a, key }, a.possession);
      ctx.emit('KeyRegistered', { member: a.member, key, suite: a.suite });
    },
  ),

  openAccount: contract.tx({ args: { member: t.bic, ...policyFields }, auth: bySender }, (ctx, a) => {
    requireEntitledToRegister(ctx, a.member);
    const account = addAccount(ctx, a.member, a, ctx.timestamp);
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
      const rotated = (key: Address): Address => (key === a.remove ? a.add : key);
      ctx.require(!record.keys.includes(a.add), 'KEYS_REPEATED', { keys: record.keys });
      const [keys, checkers] = [record.keys.map(rotated), record.checkers.map(rotated)];
      replacePolicy(ctx, a.account, { threshold: record.threshold, keys, checkers }, ctx.timestamp);
      ctx.emit('KeyRotated', { account: a.account, removed: a.remove, added: a.add });
    },
  ),

  /** Puts another policy in the place of the account's, which keeps its id: what satisfies the policy of now authorises it. */
  changePolicy: contract.tx(
    { args: { account: t.address, ...signingFields }, auth: { accounts: (a) => [a.account] } },
    (ctx, a) => {
      const { account } = a;
      const before = requireAccountRecord(ctx, account);
      ctx.require(!isSamePolicy(before, a), 'POLICY_UNCHANGED', { account });
      replacePolicy(ctx, account, a, ctx.timestamp);
      if (isLoosened(before, a)) ctx.state.loosened.set(account, ctx.timestamp);
      ctx.emit('PolicyChanged', a);
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

/** The membership contract. */
export const membership = contract.build({
  ...genesisMethods,
  ...registration,
  ...suspension,
  ...governedMethods,
  ...readiness,
  ...membershipViews,
});
