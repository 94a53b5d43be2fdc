import { AbiError } from '../contracts/api/abi.js';
import { BundleRefusal, type LoadedBundle, type Sandbox } from '../contracts/deployment/programs.js';
import type { EnginePin } from '../contracts/deployment/records.js';
import { fromHex, toHex } from '../primitives/bytes.js';
import { loadContract } from './border/loadContract.js';
import type { FaultObserver } from './border/sandboxContract.js';
import { ENGINE_PIN } from './enginePin.js';
import { GuestFault, SandboxError } from './errors.js';
import { createStandardEngine } from './standardEngine.js';
import type { SandboxEngine } from './types.js';

/**
 * The engine that this version of Vostro is pinned to, for whoever deploys contracts. It is made when the first bundle is
 * loaded: most chains run no contract of a bank.
 */
export class StandardSandbox implements Sandbox {
  readonly engine: EnginePin = { version: ENGINE_PIN.version, hash: fromHex(ENGINE_PIN.hash) };
  readonly #onFault: FaultObserver | undefined;
  #made: SandboxEngine | undefined;

  constructor(onFault?: FaultObserver) {
    this.#onFault = onFault;
  }

  prepare(): void {
    this.#engine();
  }

  /** @throws BundleRefusal with a reason of PROTOCOL §Deployment T4; SandboxError `ENGINE_UNPINNED` */
  load(bundle: Uint8Array, fuelLimit: number): LoadedBundle {
    const program = asciiText(bundle);
    try {
      const { contract, fuelUsed } = loadContract(this.#engine(), program, fuelLimit, this.#onFault);
      return {
        name: contract.name,
        version: contract.version,
        loadFuel: fuelUsed,
        abi: () => contract.abi(),
        schemasOf: (method) => contract.schemasOf(method),
        dispatch: (host, method, args) => contract.dispatch(host, method, args),
      };
    } catch (error) {
      if (error instanceof GuestFault) throw new BundleRefusal(error.reason, { hint: error.message });
      if (error instanceof AbiError) throw new BundleRefusal('abi', { hint: error.message });
      throw error;
    }
  }

  #engine(): SandboxEngine {
    this.#made ??= pinnedEngine();
    return this.#made;
  }
}

/** @throws SandboxError `ENGINE_UNPINNED` where the build is not the one whose hash this version names */
function pinnedEngine(): SandboxEngine {
  const engine = createStandardEngine();
  const [expected, actual] = [ENGINE_PIN.hash, toHex(engine.hash)];
  if (actual === expected) return engine;
  throw new SandboxError('ENGINE_UNPINNED', `the build of this node has another engine than its version names`, {
    expected,
    actual,
    hint: 'build it again with the packages of its lockfile',
  });
}

const MAX_ASCII = 0x7f;

/** @throws BundleRefusal `text` */
function asciiText(bytes: Uint8Array): string {
  let text = '';
  for (const byte of bytes) {
    if (byte > MAX_ASCII) throw new BundleRefusal('text');
    text += String.fromCharCode(byte);
  }
  return text;
}
