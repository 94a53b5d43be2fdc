import { invariant } from '../../primitives/errors.js';
import type { Address } from '../../primitives/types.js';
import type { MemberRole } from './roles.js';

/**
 * Who may call a method. Every condition that is given must hold:
 * `genesis`: the call is part of the genesis state;
 * `system`: the executor itself makes the call, at the end of a block;
 * `contracts`: the call comes from one of these contracts;
 * `byContract`: the call comes from a contract, whichever: the method asks by `ctx.callerContract` what is that one's;
 * `sender`: the account that the transaction is sent for authorises and is not suspended;
 * `roles`: the same, and its member has one of these roles;
 * `accounts`: each of these accounts authorises, by its own policy, and is not suspended (each account that is debited);
 * `all`: each of these holds, in their order;
 * `any`: at least one of these holds;
 * `inMethod`: the method itself asks accounts that only the state knows, by `ctx.requireAuthorised` or
 * `ctx.requireAnyAuthorised`. A call that ends without having done so fails. It stands in no `any`.
 */
export interface Auth<A> {
  readonly genesis?: true;
  readonly system?: true;
  readonly contracts?: readonly string[];
  readonly byContract?: true;
  readonly sender?: true;
  readonly roles?: readonly MemberRole[];
  /** A function of the arguments alone: all of a method's are worked out before any condition is looked at. */
  accounts?(args: A): readonly Address[];
  readonly all?: readonly Auth<A>[];
  readonly any?: readonly Auth<A>[];
  readonly inMethod?: true;
}

/**
 * The same as data: one condition, or a group of them. `accounts` is the number of the method's function that names the
 * accounts, counted from 0 in the order in which the ABI lists them.
 */
export type MethodAuthAbi =
  | { readonly genesis: true }
  | { readonly system: true }
  | { readonly contracts: readonly string[] }
  | { readonly byContract: true }
  | { readonly sender: true }
  | { readonly roles: readonly string[] }
  | { readonly accounts: number }
  | { readonly inMethod: true }
  | { readonly all: readonly MethodAuthAbi[] }
  | { readonly any: readonly MethodAuthAbi[] };

/** Names accounts by the arguments of a call. */
export type AccountsOf<A> = (args: A) => readonly Address[];

/** What authorises a method: the conditions, and the functions that they number. */
export interface CompiledAuth<A> {
  readonly abi: MethodAuthAbi;
  readonly accounts: readonly AccountsOf<A>[];
}

/** How far one method's conditions may go. */
export const AUTH_LIMITS = {
  /** Groups inside each other. */
  depth: 3,
  /** Conditions that are no groups, all of a method's together. */
  conditions: 16,
  /** Names of one `contracts` or `roles`. */
  names: 16,
} as const;

/** Numbers the account functions and brings the conditions into the order in which they are looked at. */
export function compileAuth<A>(auth: Auth<A>, method: string): CompiledAuth<A> {
  const accounts: AccountsOf<A>[] = [];
  const abi = groupOf(auth, accounts, method);
  const fault = authFault(abi);
  invariant(fault === undefined, `who may call ${method} is not well said: ${fault}`);
  return { abi, accounts };
}

function groupOf<A>(auth: Auth<A>, functions: AccountsOf<A>[], method: string): MethodAuthAbi {
  const conditions: MethodAuthAbi[] = [];
  if (auth.genesis) conditions.push({ genesis: true });
  if (auth.system) conditions.push({ system: true });
  if (auth.contracts !== undefined) conditions.push({ contracts: [...auth.contracts] });
  if (auth.byContract) conditions.push({ byContract: true });
  if (auth.sender) conditions.push({ sender: true });
  if (auth.roles !== undefined) conditions.push({ roles: [...auth.roles] });
  if (auth.accounts !== undefined) {
    conditions.push({ accounts: functions.length });
    functions.push((args) => auth.accounts?.(args) ?? []);
  }
  if (auth.all !== undefined) conditions.push({ all: auth.all.map((each) => groupOf(each, functions, method)) });
  if (auth.any !== undefined) conditions.push({ any: auth.any.map((each) => groupOf(each, functions, method)) });
  if (auth.inMethod) conditions.push({ inMethod: true });
  const [only] = conditions;
  invariant(only !== undefined, `a condition of ${method} says nobody who may call it`);
  return conditions.length === 1 ? only : { all: conditions };
}

/** What is wrong with conditions, undefined when nothing is: too deep, too many, an empty group, `inMethod` in an `any`. */
export function authFault(auth: MethodAuthAbi): string | undefined {
  const count = { conditions: 0, functions: 0 };
  return groupFault(auth, 0, false, count) ?? (count.conditions > AUTH_LIMITS.conditions ? 'too many' : undefined);
}

function groupFault(
  auth: MethodAuthAbi,
  depth: number,
  isAlternative: boolean,
  count: { conditions: number; functions: number },
): string | undefined {
  if ('all' in auth || 'any' in auth) {
    const group = 'all' in auth ? auth.all : auth.any;
    if (depth === AUTH_LIMITS.depth) return `more than ${AUTH_LIMITS.depth} groups inside each other`;
    if (group.length === 0) return 'a group of no conditions';
    for (const each of group) {
      const fault = groupFault(each, depth + 1, isAlternative || 'any' in auth, count);
      if (fault !== undefined) return fault;
    }
    return undefined;
  }
  count.conditions += 1;
  if ('inMethod' in auth && isAlternative) return 'inMethod is no alternative to another condition';
  if ('accounts' in auth && auth.accounts !== count.functions++) return 'functions of accounts that are not in order';
  if ('contracts' in auth) return namesFault(auth.contracts);
  return 'roles' in auth ? namesFault(auth.roles) : undefined;
}

function namesFault(names: readonly string[]): string | undefined {
  if (names.length === 0 || names.length > AUTH_LIMITS.names) return `expected 1 to ${AUTH_LIMITS.names} names`;
  return new Set(names).size === names.length ? undefined : 'a name that stands twice';
}

/** True when the method itself must ask accounts that the state names. */
export function isAuthorisedInMethod(auth: MethodAuthAbi): boolean {
  if ('all' in auth) return auth.all.some(isAuthorisedInMethod);
  return 'inMethod' in auth;
}

/** The contracts that the conditions name as callers. */
export function callersOf(auth: MethodAuthAbi): readonly string[] {
  if ('contracts' in auth) return auth.contracts;
  return groupOfAbi(auth).flatMap(callersOf);
}

/** How many functions of accounts the conditions number. */
export function accountFunctionCount(auth: MethodAuthAbi): number {
  if ('accounts' in auth) return 1;
  return groupOfAbi(auth).reduce((count, each) => count + accountFunctionCount(each), 0);
}

function groupOfAbi(auth: MethodAuthAbi): readonly MethodAuthAbi[] {
  if ('all' in auth) return auth.all;
  return 'any' in auth ? auth.any : [];
}
