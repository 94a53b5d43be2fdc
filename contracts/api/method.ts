import type { Call } from '../../primitives/types.js';
import type { Auth } from './auth.js';
import type { Fields, StructOf } from './composites.js';
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

/** What a method takes and gives, as others need it to call it through the host. */
export interface MethodSchemas {
  readonly kind: MethodKind;
  readonly args: Schema<unknown>;
  /** Undefined when it returns nothing. */
  readonly returns: Schema<unknown> | undefined;
}

/** A call of a transaction with these arguments. @throws SchemaError when the method does not take them */
export function callOf<A, T>({ contract, method, args }: MethodRef<A, T, MethodKind>, values: A): Call {
  return { contract, method, args: args.encode(values) };
}

/** A declared method; `build` gives it its name. */
export interface MethodDefinition<A, T, Kind extends MethodKind> {
  readonly kind: Kind;
  readonly args: Schema<A>;
  readonly returns: Schema<T> | undefined;
  /** Undefined for a view: anybody may call it. */
  readonly auth: Auth<A> | undefined;
  /** The context is of the contract's own type; `build` alone calls it, with the right one. */
  run(context: never, args: A): T;
}

export interface MethodOptions<A extends Fields, T> {
  readonly args: A;
  readonly returns?: Schema<T>;
}

/** How a contract takes its state over from an earlier version: `contracts` calls it, under this name, once. */
export const MIGRATE_METHOD = 'migrate';

/** What a method of a transaction is declared with: nobody may call it unless `auth` says who. */
export interface TxOptions<A extends Fields, T> extends MethodOptions<A, T> {
  readonly auth: Auth<StructOf<A>>;
}
