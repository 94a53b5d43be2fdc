import { RlpError } from '../../primitives/rlp.js';
import { utf8Decode } from '../../primitives/text.js';
import type { ContractAbi } from '../api/abi.js';
import { schemaFromJson } from '../api/abiSchema.js';
import { callersOf } from '../api/auth.js';
import type { StandardContract } from '../api/define.js';
import type { MethodKind, MethodRef } from '../api/method.js';
import { SchemaError } from '../api/schema.js';
import { abiInForceMethod } from '../deployment/methodsForGovernance.js';
import { isContractName } from '../deployment/names.js';
import type { GovernanceContext } from './declaration.js';
import { DEPLOYED_CALL_FUEL } from './records.js';

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

/** A proposed call as it is made. */
export interface DecodedCall {
  readonly ref: GovernedMethod;
  readonly values: unknown;
  /** What it may use, of a bank's contract; the standard ones bound what they do themselves. */
  readonly fuelLimit: number | undefined;
}

/** The method and the arguments of a proposed call. @throws ContractFailure `NOT_GOVERNED`, `CALL_INVALID` */
export function decodeCall(
  ctx: GovernanceContext,
  methods: GovernedMethods,
  { contract, method, args }: { readonly contract: string; readonly method: string; readonly args: Uint8Array },
  index: number,
): DecodedCall {
  const standard = methods.get(`${contract}.${method}`);
  const fuelLimit = standard === undefined ? DEPLOYED_CALL_FUEL : undefined;
  const ref = standard ?? deployedMethod(ctx, contract, method) ?? ctx.fail('NOT_GOVERNED', { contract, method });
  try {
    return { ref, values: ref.args.decode(args), fuelLimit };
  } catch (error) {
    if (!(error instanceof RlpError) && !(error instanceof SchemaError)) throw error;
    return ctx.fail('CALL_INVALID', { index, contract, method });
  }
}

/** Parsing an ABI, and making a schema of one method, takes about so many nanoseconds a byte. */
const ABI_FUEL = 40;

/** A method of a bank's contract in force that names governance as its caller, by the ABI that the chain keeps. */
function deployedMethod(ctx: GovernanceContext, contract: string, method: string): GovernedMethod | undefined {
  if (!isContractName(contract)) return undefined;
  const text = ctx.view(abiInForceMethod, { name: contract });
  if (text === undefined) return undefined;
  ctx.useFuel(ABI_FUEL * text.length);
  const { methods } = JSON.parse(utf8Decode(text)) as ContractAbi;
  const found = Object.hasOwn(methods, method) ? methods[method] : undefined;
  if (found === undefined || found.auth === null || !callersOf(found.auth).includes('governance')) return undefined;
  // Nobody looks at what it gives.
  return { contract, method, kind: found.kind, args: schemaFromJson(found.args), returns: undefined };
}
