import type { Hash } from '../../primitives/bytes.js';
import { utf8Encode } from '../../primitives/text.js';
import { AbiError, type ContractAbi } from '../api/abi.js';
import { canonicalAbiText } from '../api/abiParse.js';
import { MethodContext } from '../api/context.js';
import { defineContract } from '../api/define.js';
import { t } from '../api/t.js';
import { ARTEFACT_BYTES } from './artefacts.js';
import { abiText, hash, LOAD_FUEL } from './records.js';

/** What loading a bundle came to: the same on every node. */
export type Inspection =
  /** What the program says of itself: a stranger's word. */
  | { readonly abi: ContractAbi; readonly fuelUsed: number }
  /** Why the bundle is no contract: a code of PROTOCOL §Deployment T4. */
  | { readonly refusal: string };

/** Loads a bundle in that engine with so much fuel at most, and asks it what it is. */
export type InspectBundle = (engine: Hash, bundle: Uint8Array, fuelLimit: number) => Inspection;

const contract = defineContract({ name: 'sandbox', version: 1, state: {}, events: {}, errors: {} });

const inspectArgs = { engine: hash, bundle: t.bytes(ARTEFACT_BYTES.bundle) };

/** The canonical text of the ABI, or why there is none. */
const inspection = t.struct({ abi: t.optional(abiText), refusal: t.optional(t.id), fuelUsed: t.uint() });

/**
 * PROTOCOL §Deployment T4. The way from a contract to the sandbox: the executor puts it beside the standard contracts, with
 * its own engine behind it, so that loading is paid for and has one result on all nodes.
 */
export function sandboxContract(inspect: InspectBundle) {
  return contract.build({
    inspect: contract.tx(
      { args: inspectArgs, returns: inspection, auth: { contracts: ['contracts'] } },
      (ctx, { engine, bundle }) => {
        const found = inspect(engine, bundle, Math.min(LOAD_FUEL, MethodContext.fuelLeft(ctx)));
        // What does not load pays for all that loading may use: where only less was left, that ends the transaction.
        const fuelUsed = 'abi' in found ? found.fuelUsed : LOAD_FUEL;
        ctx.useFuel(fuelUsed);
        const text = 'abi' in found ? checkedText(found.abi) : undefined;
        if (text !== undefined) return { abi: text, refusal: undefined, fuelUsed };
        return { abi: undefined, refusal: 'refusal' in found ? found.refusal : 'abi', fuelUsed };
      },
    ),
  });
}

/** Undefined when it is no ABI. */
function checkedText(abi: ContractAbi): Uint8Array | undefined {
  try {
    return utf8Encode(canonicalAbiText(abi));
  } catch (error) {
    if (error instanceof AbiError) return undefined;
    throw error;
  }
}

/** The method as the contract `contracts` names it. */
export const inspectMethod = {
  contract: 'sandbox',
  method: 'inspect',
  kind: 'tx',
  args: t.struct(inspectArgs),
  returns: inspection,
} as const;
