import type { Address, Call } from '../../primitives/types.js';
import type { Fields, StructOf } from './composites.js';
import type { MemberRole } from './roles.js';
import type { Schema } from './schema.js';

export type MethodKind = 'tx' | 'view';

/** A method as others name it: what they need to call it, and nothing of how it works. */
export interface MethodRef<A, T, Kind extends MethodKind> {
  readonly contract: string;
  readonly method: string;
  readonly kind: Kind;
  readonly args: Schema<A>;
  /** Undefined when it returns nothing: then its result has no bytes. */
  readonly returns: Schema<T> | undefined;
}

/** A call of a transaction with these arguments. @throws SchemaError when the method does not take them */
export function callOf<A, T>({ contract, method, args }: MethodRef<A, T, MethodKind>, values: A): Call {
  return { contract, method, args: args.encode(values) };
}

/**
 * Who may call a method. Every condition that is given must hold:
 * `accounts`: each of these accounts authorises, by its own policy, and is not suspended (each account that is debited);
 * `sender`: the account that the transaction is sent for authorises and is not suspended;
 * `roles`: the same, and its member has one of these roles;
 * `contracts`: the call comes from one of these contracts;
 * `genesis`: the call is part of the genesis state;
 * `system`: the executor itself makes the call, at the end of a block.
 */
export interface Auth<A> {
  accounts?(args: A): readonly Address[];
  readonly sender?: true;
  readonly roles?: readonly MemberRole[];
  readonly contracts?: readonly string[];
  readonly genesis?: true;
  readonly system?: true;
}

/** A declared method; `build` gives it its name. */
export interface MethodDefinition<A, T, Kind extends MethodKind> {
  readonly kind: Kind;
  readonly args: Schema<A>;
  readonly returns: Schema<T> | undefined;
  readonly auth: Auth<A>;
  /** The context is of the contract's own type; `build` alone calls it, with the right one. */
  run(context: never, args: A): T;
}

export interface MethodOptions<A extends Fields, T> {
  readonly args: A;
  readonly returns?: Schema<T>;
}

/** What a method of a transaction is declared with: nobody may call it unless `auth` says who. */
export interface TxOptions<A extends Fields, T> extends MethodOptions<A, T> {
  readonly auth: Auth<StructOf<A>>;
}
