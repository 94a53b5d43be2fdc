import { type Hash, toHex } from '../../primitives/bytes.js';
import { CodedError, invariant } from '../../primitives/errors.js';
import type { ContractAbi } from '../api/abi.js';
import type { ExecutableContract } from '../api/host.js';
import { type EnginePin, LOAD_FUEL, MAX_CONTRACTS } from './records.js';
import type { InspectBundle, Inspection } from './sandboxContract.js';

/** A bundle whose program has been loaded: a contract that is ready to run. */
export interface LoadedBundle extends ExecutableContract {
  /** What the program says of itself: a stranger's word. */
  abi(): ContractAbi;
  /** Units that loading took: a function of engine and bundle alone. */
  readonly loadFuel: number;
}

/** One engine, as who deploys contracts sees it. */
export interface Sandbox {
  readonly engine: EnginePin;
  /** @throws BundleRefusal for a program that is no contract, on every node alike */
  load(bundle: Uint8Array, fuelLimit: number): LoadedBundle;
  /** Does now what the first load would have to do. It changes no result. */
  prepare?(): void;
}

/** A bundle that the sandbox does not load: `reason` is one of PROTOCOL §Deployment T4. */
export class BundleRefusal extends CodedError<'BUNDLE_REFUSED'> {
  readonly reason: string;

  constructor(reason: string, details: { readonly hint?: string } = {}) {
    super('BUNDLE_REFUSED', `the sandbox does not load the bundle: ${reason}`, { actual: reason, ...details });
    this.reason = reason;
  }
}

function inspectBy(sandbox: Sandbox, bundle: Uint8Array, fuelLimit: number): Inspection {
  try {
    const loaded = sandbox.load(bundle, fuelLimit);
    return { abi: loaded.abi(), fuelUsed: loaded.loadFuel };
  } catch (error) {
    if (error instanceof BundleRefusal) return { refusal: error.reason };
    throw error;
  }
}

/**
 * The programs that a node keeps loaded, by engine and bundle: as many as contracts may be active, the one that was asked for
 * longest ago goes first. What is in it changes no result: no call pays for loading.
 */
export class Programs {
  readonly #sandboxes: ReadonlyMap<string, Sandbox>;
  readonly #loaded = new Map<string, ExecutableContract>();

  constructor(sandboxes: readonly Sandbox[]) {
    this.#sandboxes = new Map(sandboxes.map((sandbox) => [toHex(sandbox.engine.hash), sandbox]));
  }

  /** The engines that this node has. */
  get engines(): readonly EnginePin[] {
    return [...this.#sandboxes.values()].map(({ engine }) => engine);
  }

  has(engine: Hash): boolean {
    return this.#sandboxes.has(toHex(engine));
  }

  /** `bytes` reads the bundle, where it is not loaded. It was loaded before, when it was registered. */
  program(engine: Hash, bundle: Hash, bytes: () => Uint8Array): ExecutableContract {
    const key = `${toHex(engine)} ${toHex(bundle)}`;
    const known = this.#loaded.get(key);
    // The order of a Map is that of insertion: the newest question moves to its end.
    this.#loaded.delete(key);
    const program = known ?? this.#sandbox(engine).load(bytes(), LOAD_FUEL);
    this.#loaded.set(key, program);
    if (this.#loaded.size > MAX_CONTRACTS) {
      for (const oldest of this.#loaded.keys()) {
        this.#loaded.delete(oldest);
        break;
      }
    }
    return program;
  }

  /** Has every engine ready for the next bundle. */
  prepare(): void {
    for (const sandbox of this.#sandboxes.values()) sandbox.prepare?.();
  }

  readonly inspect: InspectBundle = (engine, bundle, fuelLimit) => inspectBy(this.#sandbox(engine), bundle, fuelLimit);

  #sandbox(engine: Hash): Sandbox {
    const sandbox = this.#sandboxes.get(toHex(engine));
    invariant(sandbox !== undefined, 'a node that runs has every engine that the chain names', {
      actual: toHex(engine),
    });
    return sandbox;
  }
}
