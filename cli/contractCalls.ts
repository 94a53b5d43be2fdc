import type { MethodRef } from '../contracts/api/method.js';
import type { Call } from '../primitives/types.js';

/** One call of a transaction, its arguments encoded by the method's schema. */
export function callOf<A, T>({ contract, method, args: schema }: MethodRef<A, T, 'tx'>, args: A): Call {
  return { contract, method, args: schema.encode(args) };
}
