import { RlpError } from '../../primitives/rlp.js';
import { callersOf } from '../api/auth.js';
import type { StandardContract } from '../api/define.js';
import type { MethodKind, MethodRef } from '../api/method.js';
import { SchemaError } from '../api/schema.js';
import type { GovernanceContext } from './declaration.js';

type GovernedMethod = MethodRef<unknown, unknown, MethodKind>;

/** The methods that governance may call, as `contract.method`. */
export type GovernedMethods = ReadonlyMap<string, GovernedMethod>;

/** Every method of these contracts that names governance as its caller: the whole of what can be proposed. */
export function governedMethods(
  contracts: readonly (StandardContract & { readonly methods: Readonly<Record<string, unknown>> })[],
): GovernedMethods {
  return new Map(
    contracts.flatMap((contract) =>
      Object.entries(contract.abi().methods).flatMap(([name, { auth }]): [string, GovernedMethod][] =>
        auth !== null && callersOf(auth).includes('governance')
          ? [[`${contract.name}.${name}`, contract.methods[name] as GovernedMethod]]
          : [],
      ),
    ),
  );
}

/** The method and the arguments of a proposed call. @throws ContractFailure `NOT_GOVERNED`, `CALL_INVALID` */
export function decodeCall(
  ctx: GovernanceContext,
  methods: GovernedMethods,
  { contract, method, args }: { readonly contract: string; readonly method: string; readonly args: Uint8Array },
  index: number,
): { readonly ref: GovernedMethod; readonly values: unknown } {
  const ref = methods.get(`${contract}.${method}`) ?? ctx.fail('NOT_GOVERNED', { contract, method });
  try {
    return { ref, values: ref.args.decode(args) };
  } catch (error) {
    if (!(error instanceof RlpError) && !(error instanceof SchemaError)) throw error;
    return ctx.fail('CALL_INVALID', { index, contract, method });
  }
}
