import type { Address } from '../../primitives/types.js';
import type { MethodAuthAbi } from './auth.js';
import { type AUTH_RULES, apiFailure, type ContractFailure, UNAUTHORISED_SUBJECT_CHARACTERS } from './failure.js';
import type { AccountView, ContractHost } from './host.js';

/** Why a condition does not hold. */
type Refusal =
  | { readonly code: 'UNAUTHORISED'; readonly rule: (typeof AUTH_RULES)[number]; readonly subject: string }
  | { readonly code: 'ACCOUNT_UNKNOWN' | 'SUSPENDED'; readonly account: Address };

/** What conditions are judged by. `accounts` are the lists that the method's functions gave, by their numbers. */
interface Question {
  readonly host: ContractHost;
  readonly accounts: readonly (readonly Address[])[];
}

/**
 * Lets the call pass only if the method's conditions hold. PROTOCOL §Authorisation A1–A10. Every executor asks here, so
 * that a refusal is the same whichever runs the method.
 *
 * @param accounts what each of the method's account functions gave, in the order of their numbers
 * @throws ContractFailure `UNAUTHORISED`, `ACCOUNT_UNKNOWN`, `SUSPENDED`
 */
export function authorise(
  auth: MethodAuthAbi,
  accounts: readonly (readonly Address[])[],
  host: ContractHost,
  call: string,
): void {
  const refusal = refusalOf(auth, { host, accounts });
  if (refusal !== undefined) throw failureOf(refusal, call);
}

/** The account, when it authorises: what a method asks that learns from the state whom it debits. */
export function requireAuthorised(account: Address, host: ContractHost, call: string): AccountView {
  const view = host.account(account);
  if (view === undefined) throw apiFailure(call, 'ACCOUNT_UNKNOWN', { account });
  const refusal = viewRefusal(account, view, host);
  if (refusal !== undefined) throw failureOf(refusal, call);
  return view;
}

/** At least one of the accounts authorises. PROTOCOL §Authorisation A8 */
export function requireAnyAuthorised(accounts: readonly Address[], host: ContractHost, call: string): void {
  const refusal = firstThatHolds(accounts, (account) => accountRefusal(account, host));
  if (refusal !== undefined) throw failureOf(refusal, call);
}

/** The account, when it may take part. @throws ContractFailure `ACCOUNT_UNKNOWN`, `SUSPENDED` */
export function requireActive(account: Address, host: ContractHost, call: string): AccountView {
  const view = host.account(account);
  if (view === undefined) throw apiFailure(call, 'ACCOUNT_UNKNOWN', { account });
  if (!view.active) throw apiFailure(call, 'SUSPENDED', { account });
  return view;
}

/** PROTOCOL §Authorisation A9. What a method is refused with that ends without having asked anybody. */
export function notAskedInMethod(call: string): ContractFailure {
  return apiFailure(call, 'UNAUTHORISED', { rule: 'inMethod', subject: 'nobody was asked' });
}

function refusalOf(auth: MethodAuthAbi, question: Question): Refusal | undefined {
  const { host } = question;
  if ('genesis' in auth) return host.context.height === 0 ? undefined : no('genesis', `height ${host.context.height}`);
  if ('system' in auth) return systemRefusal(host);
  if ('contracts' in auth) return callerRefusal(auth.contracts, host);
  if ('byContract' in auth)
    return host.context.callerContract === undefined ? no('contract', 'transaction') : undefined;
  if ('sender' in auth) return senderRefusal(host);
  if ('roles' in auth) return roleRefusal(auth.roles, host);
  if ('accounts' in auth) return accountsRefusal(question.accounts[auth.accounts] ?? [], host);
  if ('inMethod' in auth) return undefined;
  if ('any' in auth) return firstThatHolds(auth.any, (each) => refusalOf(each, question));
  for (const each of auth.all) {
    const refusal = refusalOf(each, question);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

/** PROTOCOL §Authorisation A2. The executor calls for nobody: no transaction, and no contract of one, can look like it. */
function systemRefusal({ context }: ContractHost): Refusal | undefined {
  const isSystem = context.height > 0 && context.sender === undefined && context.callerContract === undefined;
  return isSystem ? undefined : no('system', context.callerContract ?? 'transaction');
}

function callerRefusal(contracts: readonly string[], { context }: ContractHost): Refusal | undefined {
  const caller = context.callerContract;
  return caller !== undefined && contracts.includes(caller) ? undefined : no('contract', caller ?? 'transaction');
}

function senderRefusal(host: ContractHost): Refusal | undefined {
  const { sender } = host.context;
  return sender === undefined ? no('account', 'sender') : accountRefusal(sender, host);
}

function roleRefusal(roles: readonly string[], host: ContractHost): Refusal | undefined {
  const { sender } = host.context;
  if (sender === undefined) return no('account', 'sender');
  const view = host.account(sender);
  const refusal = viewRefusal(sender, view, host);
  if (refusal !== undefined) return refusal;
  return roles.some((role) => view?.roles.includes(role)) ? undefined : no('role', roles.join(' or '));
}

/** PROTOCOL §Authorisation A6. A list of nobody authorises nothing. */
function accountsRefusal(accounts: readonly Address[], host: ContractHost): Refusal | undefined {
  if (accounts.length === 0) return no('account', 'nobody');
  for (const account of accounts) {
    const refusal = accountRefusal(account, host);
    if (refusal !== undefined) return refusal;
  }
  return undefined;
}

function accountRefusal(account: Address, host: ContractHost): Refusal | undefined {
  return viewRefusal(account, host.account(account), host);
}

/** A suspended account authorises nothing, whoever signs. */
function viewRefusal(account: Address, view: AccountView | undefined, host: ContractHost): Refusal | undefined {
  if (view === undefined) return { code: 'ACCOUNT_UNKNOWN', account };
  if (!view.active) return { code: 'SUSPENDED', account };
  return host.authorises(account) ? undefined : no('account', account);
}

/** PROTOCOL §Authorisation A8. The alternatives in their order, until one holds; otherwise what each of them lacks. */
function firstThatHolds<T>(
  alternatives: readonly T[],
  refusalOfOne: (one: T) => Refusal | undefined,
): Refusal | undefined {
  const lacking: string[] = [];
  for (const alternative of alternatives) {
    const refusal = refusalOfOne(alternative);
    if (refusal === undefined) return undefined;
    lacking.push(wordsOf(refusal));
  }
  return no('any', (lacking.join('; ') || 'nobody').slice(0, UNAUTHORISED_SUBJECT_CHARACTERS));
}

function wordsOf(refusal: Refusal): string {
  if (refusal.code !== 'UNAUTHORISED') {
    return `${refusal.code === 'SUSPENDED' ? 'suspended' : 'unknown'} ${refusal.account}`;
  }
  return refusal.rule === 'any' ? `(${refusal.subject})` : `${refusal.rule} ${refusal.subject}`;
}

function no(rule: (typeof AUTH_RULES)[number], subject: string): Refusal {
  return { code: 'UNAUTHORISED', rule, subject };
}

function failureOf(refusal: Refusal, call: string): ContractFailure {
  if (refusal.code === 'UNAUTHORISED') {
    return apiFailure(call, refusal.code, { rule: refusal.rule, subject: refusal.subject });
  }
  return apiFailure(call, refusal.code, { account: refusal.account });
}
