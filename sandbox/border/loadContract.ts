import type { ContractAbi } from '../../contracts/api/abi.js';
import { parseContractAbi } from '../../contracts/api/abiParse.js';
import { LoadMeter, noOperation } from '../loading.js';
import type { SandboxEngine } from '../types.js';
import { type FaultObserver, SandboxContract } from './sandboxContract.js';

export interface LoadedContract {
  readonly contract: SandboxContract;
  readonly abi: ContractAbi;
  /** Units that loading took: running the program's top level, and asking it for its ABI. */
  readonly fuelUsed: number;
}

/**
 * Runs a program's top level and asks it what it is: the same on every node, and checked as a stranger's.
 * PROTOCOL §Sandbox Z9
 *
 * @param program the text of a bundle
 * @param fuelLimit units
 * @throws GuestFault where the program does not load within the fuel, or has no answer; AbiError for an ABI that nobody may
 *   have
 */
export function loadContract(
  engine: SandboxEngine,
  program: string,
  fuelLimit: number,
  onFault?: FaultObserver,
): LoadedContract {
  const guest = engine.load(program, fuelLimit);
  const meter = new LoadMeter(fuelLimit - guest.loadFuel);
  const abi = parseContractAbi(guest.run('', noOperation, meter));
  return { contract: new SandboxContract(abi, guest, onFault), abi, fuelUsed: fuelLimit - meter.fuelLeft };
}
