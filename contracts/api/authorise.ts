import type { Address } from '../../primitives/types.js';
import { apiFailure, type ContractFailure } from './failure.js';
import type { ContractHost } from './host.js';
import type { Auth } from './method.js';
import type { MemberRole } from './roles.js';

/** Lets the call pass only if every condition that the method names holds. @throws ContractFailure `UNAUTHORISED`, `SUSPENDED` */
export function authorise<A>(auth: Auth<A>, args: A, host: ContractHost, call: string): void {
  if (auth.genesis && host.context.height !== 0) throw refused(call, 'genesis', `height ${host.context.height}`);
  if (auth.contracts !== undefined) requireCaller(auth.contracts, host, call);
  if (auth.roles !== undefined) requireRole(auth.roles, host, call);
  if (auth.accounts !== undefined) {
    for (const account of auth.accounts(args)) requireAccount(account, host, call);
  }
}

function requireCaller(contracts: readonly string[], host: ContractHost, call: string): void {
  const caller = host.context.callerContract;
  if (caller === undefined || !contracts.includes(caller)) {
    throw refused(call, 'contract', caller ?? 'transaction');
  }
}

function requireRole(roles: readonly MemberRole[], host: ContractHost, call: string): void {
  const sender = host.context.sender;
  const view = sender === undefined ? undefined : host.account(sender);
  if (sender === undefined || view === undefined || !roles.some((role) => view.roles.includes(role))) {
    throw refused(call, 'role', roles.join(' or '));
  }
  requireAccount(sender, host, call);
}

/** A suspended account authorises nothing, whoever signs. */
function requireAccount(account: Address, host: ContractHost, call: string): void {
  if (!host.authorises(account)) throw refused(call, 'account', account);
  if (host.account(account)?.active !== true) throw apiFailure(call, 'SUSPENDED', { account });
}

function refused(call: string, rule: 'account' | 'role' | 'contract' | 'genesis', subject: string): ContractFailure {
  return apiFailure(call, 'UNAUTHORISED', { rule, subject });
}
