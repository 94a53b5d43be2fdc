import { BundleRefusal, type Sandbox } from '../../contracts/deployment/programs.js';
import { fromHex } from '../../primitives/bytes.js';
import { ENGINE_PIN } from '../../sandbox/enginePin.js';

/** The engine of this version. */
export function nodeSandbox(): Sandbox {
  return {
    engine: { version: ENGINE_PIN.version, hash: fromHex(ENGINE_PIN.hash) },
    load: () => {
      throw new BundleRefusal('engine');
    },
  };
}
