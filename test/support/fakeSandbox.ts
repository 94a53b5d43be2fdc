import type { StandardContract } from '../../contracts/api/define.js';
import { BundleRefusal, type LoadedBundle, type Sandbox } from '../../contracts/deployment/programs.js';
import type { EnginePin } from '../../contracts/deployment/records.js';
import { fromHex } from '../../primitives/bytes.js';
import { utf8Decode, utf8Encode } from '../../primitives/text.js';
import { ENGINE_PIN } from '../../sandbox/enginePin.js';

/** The engine that a genesis names. */
export const TEST_ENGINE: EnginePin = { version: ENGINE_PIN.version, hash: fromHex(ENGINE_PIN.hash) };

/** A bundle whose program is a contract of the test itself. */
export function bundleOf(program: string, sizeBytes = 64): Uint8Array {
  return utf8Encode(program.padEnd(sizeBytes, ';'));
}

/**
 * Loads the programs that a test has written by name: a bundle is the name, filled up with semicolons. Everything else is
 * refused, as a program that throws at its top level is.
 */
export class FakeSandbox implements Sandbox {
  readonly engine: EnginePin;
  readonly #programs: Readonly<Record<string, StandardContract>>;
  /** How often each program was loaded. */
  readonly loads: string[] = [];
  /** Units of fuel that the newest load was given. */
  newestLimit: number | undefined;
  prepared = 0;

  constructor(programs: Readonly<Record<string, StandardContract>> = {}, engine = TEST_ENGINE) {
    this.engine = engine;
    this.#programs = programs;
  }

  prepare(): void {
    this.prepared += 1;
  }

  load(bundle: Uint8Array, fuelLimit: number): LoadedBundle {
    const name = utf8Decode(bundle).replace(/;+$/, '');
    this.loads.push(name);
    this.newestLimit = fuelLimit;
    const found = this.#programs[name];
    if (found === undefined) throw new BundleRefusal('exception');
    const loadFuel = 1_000 * bundle.length;
    if (loadFuel > fuelLimit) throw new BundleRefusal('loadFuel');
    const { name: contract, version } = found;
    return {
      ...{ name: contract, version, loadFuel },
      abi: () => found.abi(),
      dispatch: (host, method, args) => found.dispatch(host, method, args),
    };
  }
}
