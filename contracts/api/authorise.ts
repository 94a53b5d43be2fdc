import type { Address } from '../../primitives/types.js';
import { type AUTH_RULES, apiFailure, type ContractFailure } from './failure.js';
import type { AccountView, ContractHost } from './host.js';
import type { Auth } from './method.js';
import type { MemberRole } from './roles.js';

/**
 * Lets the call pass only if every condition that the method names holds. PROTOCOL §Authorisation A1–A6.
 *
 * @throws ContractFailure `UNAUTHORISED`, `ACCOUNT_UNKNOWN`, `SUSPENDED`
 */
export function authorise<A>(auth: Auth<A>, args: A, host: ContractHost, call: string): void {
  if (auth.genesis && host.context.height !== 0) throw refused(call, 'genesis', `height ${host.context.height}`);
  if (auth.system) requireSystem(host, call);
  if (auth.contracts !== undefined) requireCaller(auth.contracts, host, call);
  if (auth.sender) requireSender(host, call);
  if (auth.roles !== undefined) requireRole(auth.roles, host, call);
  if (auth.accounts !== undefined) {
    for (const account of auth.accounts(args)) requireAuthorised(account, host, call);
  }
}

/** PROTOCOL §Authorisation A2. The executor calls for nobody: no transaction, and no contract of one, can look like it. */
function requireSystem({ context }: ContractHost, call: string): void {
  const isSystem = context.height > 0 && context.sender === undefined && context.callerContract === undefined;
  if (!isSystem) throw refused(call, 'system', context.callerContract ?? 'transaction');
}

function requireCaller(contracts: readonly string[], host: ContractHost, call: string): void {
  const caller = host.context.callerContract;
  if (caller === undefined || !contracts.includes(caller)) {
    throw refused(call, 'contract', caller ?? 'transaction');
  }
}

/** @returns the sender's view, once it authorises. */
function requireSender(host: ContractHost, call: string): AccountView {
  const sender = host.context.sender;
  if (sender === undefined) throw refused(call, 'account', 'sender');
  return requireAuthorised(sender, host, call);
}

function requireRole(roles: readonly MemberRole[], host: ContractHost, call: string): void {
  const view = requireSender(host, call);
  if (!roles.some((role) => view.roles.includes(role))) throw refused(call, 'role', roles.join(' or '));
}

/** A suspended account authorises nothing, whoever signs. */
function requireAuthorised(account: Address, host: ContractHost, call: string): AccountView {
  const view = requireActive(account, host, call);
  if (!host.authorises(account)) throw refused(call, 'account', account);
  return view;
}

/** The account, when it may take part. @throws ContractFailure `ACCOUNT_UNKNOWN`, `SUSPENDED` */
export function requireActive(account: Address, host: ContractHost, call: string): AccountView {
  const view = host.account(account);
  if (view === undefined) throw apiFailure(call, 'ACCOUNT_UNKNOWN', { account });
  if (!view.active) throw apiFailure(call, 'SUSPENDED', { account });
  return view;
}

function refused(call: string, rule: (typeof AUTH_RULES)[number], subject: string): ContractFailure {
  return apiFailure(call, 'UNAUTHORISED', { rule, subject });
}
