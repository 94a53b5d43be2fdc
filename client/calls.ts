import type { MethodRef } from '../contracts/api/method.js';
import type { Call } from '../primitives/types.js';

/** A call of a contract's method with typed arguments. @throws SchemaError when the ABI does not allow them */
export function callOf<A, T>(method: MethodRef<A, T, 'tx'>, args: A): Call {
  return { contract: method.contract, method: method.method, args: method.args.encode(args) };
}
