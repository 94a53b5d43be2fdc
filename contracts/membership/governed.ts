import { equalBytes } from '../../primitives/bytes.js';
import { t } from '../api/t.js';
import { membershipDeclaration as contract, type MembershipContext } from './declaration.js';
import { allEntries } from './paging.js';
import { isSamePolicy } from './policy.js';
import { policyHash } from './policyHash.js';
import {
  identityFields,
  MAX_NODES,
  type NodeRecord,
  nodeFields,
  reason,
  roleList,
  signingFields,
  validatorAddresses,
} from './records.js';
import { addMember, replacePolicy, requireAccountRecord, requireMember, requireRoles } from './registration.js';
import { requireFit, validatorList, validatorListHash } from './validatorList.js';

/** What the members decide together: who is one, in which roles, with which nodes, and who validates. */

/** The contract by which the members decide. */
export const GOVERNANCE = 'governance';

const byGovernance = { contracts: [GOVERNANCE] } as const;

export const governedMethods = {
  registerMember: contract.tx({ args: { member: t.bic, ...identityFields }, auth: byGovernance }, (ctx, a) => {
    addMember(ctx, a.member, a);
    ctx.emit('MemberRegistered', a);
  }),

  changeRoles: contract.tx({ args: { member: t.bic, roles: roleList }, auth: byGovernance }, (ctx, a) => {
    const record = requireMember(ctx, a.member);
    requireRoles(ctx, a.roles);
    ctx.state.members.set(a.member, { ...record, roles: a.roles });
    ctx.emit('RolesChanged', a);
  }),

  /** Suspends or reinstates any member, a central bank too. */
  setSuspended: contract.tx({ args: { member: t.bic, suspended: t.bool }, auth: byGovernance }, (ctx, a) => {
    const record = requireMember(ctx, a.member);
    ctx.require(record.suspended !== a.suspended, 'STATUS_UNCHANGED', { suspended: record.suspended });
    ctx.state.members.set(a.member, { ...record, suspended: a.suspended });
    ctx.emit(a.suspended ? 'MemberSuspended' : 'MemberReinstated', { member: a.member });
  }),

  /**
   * Puts keys in the place of an account's, whoever holds those: for keys that are lost, or that others hold. The account keeps
   * its id, what it has and what is locked for it, and stays suspended if it is. Only the policy that the proposal was made for is
   * replaced: an owner who has changed it meanwhile is not overruled unseen.
   */
  recoverAccount: contract.tx(
    { args: { account: t.address, replaces: t.fixedBytes(32), ...signingFields, reason }, auth: byGovernance },
    (ctx, { replaces, ...a }) => {
      const { account } = a;
      const before = requireAccountRecord(ctx, account);
      const actual = policyHash(before);
      ctx.require(equalBytes(actual, replaces), 'POLICY_MOVED', { account, expected: replaces, actual });
      ctx.require(!isSamePolicy(before, a), 'POLICY_UNCHANGED', { account });
      replacePolicy(ctx, account, a, 0);
      ctx.state.loosened.delete(account);
      ctx.emit('AccountRecovered', a);
    },
  ),

  registerNode: contract.tx({ args: { member: t.bic, peerId: t.id, ...nodeFields }, auth: byGovernance }, (ctx, a) => {
    const { member, peerId, role, addresses } = a;
    requireMember(ctx, member);
    ctx.require(!ctx.state.nodes.has(peerId), 'NODE_EXISTS', { peerId });
    ctx.require(nodesOf(ctx, member).length < MAX_NODES, 'NODES_TOO_MANY', { member, limit: MAX_NODES });
    ctx.state.nodes.set(peerId, { member, role, addresses });
    ctx.emit('NodeRegistered', a);
  }),

  /** A member that validates keeps a node for it. */
  removeNode: contract.tx({ args: { peerId: t.id }, auth: byGovernance }, (ctx, { peerId }) => {
    const { member } = ctx.state.nodes.find(peerId) ?? ctx.fail('NODE_UNKNOWN', { peerId });
    ctx.state.nodes.delete(peerId);
    const validates = ctx.state.validators.get().some(({ address }) => ctx.state.keys.get(address).member === member);
    const isLeft = nodesOf(ctx, member).some((node) => node.role === 'validator');
    ctx.require(!validates || isLeft, 'NODE_NEEDED', { member });
    ctx.emit('NodeRemoved', { member, peerId });
  }),

  /**
   * PROTOCOL §Governance V8. Puts a whole list in the place of the one that it was made for, and of no other: two changes that were approved at
   * the same time cannot undo each other unseen.
   */
  setValidators: contract.tx(
    { args: { replaces: t.fixedBytes(32), validators: validatorAddresses }, auth: byGovernance },
    (ctx, a) => {
      const before = ctx.state.validators.get();
      const actual = validatorListHash(before);
      ctx.require(equalBytes(actual, a.replaces), 'VALIDATORS_MOVED', { expected: a.replaces, actual });
      const listed = new Set<string>(before.map(({ address }) => address));
      const after = validatorList(ctx, a.validators);
      requireFit(ctx, after, listed);
      ctx.state.validators.set(after);
      ctx.emit('ValidatorsChanged', { validators: a.validators });
    },
  ),
};

function nodesOf(ctx: MembershipContext, member: string): readonly NodeRecord[] {
  return allEntries(ctx.state.nodes).flatMap(({ value }) => (value.member === member ? [value] : []));
}
