import type { ExecutableContract, StateKey } from '../../contracts/api/host.js';
import {
  activeNames,
  DEPLOYMENT,
  DeployedContracts,
  enginesOf,
  hasArtefacts,
} from '../../contracts/deployment/directory.js';
import type { Programs } from '../../contracts/deployment/programs.js';
import type { ContractDirectory } from '../../contracts/runtime/environment.js';
import { NamespacedReader } from '../../contracts/runtime/namespaces.js';
import { toHex } from '../../primitives/bytes.js';
import type { StateReader } from '../state/types.js';
import { ExecutionError } from './errors.js';

/** The contracts of every network by name, and the programs of those that banks wrote. */
export interface ContractSources {
  readonly standard: ReadonlyMap<string, ExecutableContract>;
  readonly programs: Programs;
}

/** The contracts that can be called on top of a state. */
export function deployedContracts({ standard, programs }: ContractSources, state: StateReader): DeployedContracts {
  const reader = new NamespacedReader(state, DEPLOYMENT);
  return new DeployedContracts(standard, programs, (key) => reader.get(key));
}

/**
 * Loads what is in force, and makes the engines ready once there is something to load: so that no block waits for it that
 * a proposer has to build in time. What of it is done already costs nothing.
 */
export function preload(deployed: DeployedContracts, { programs }: ContractSources, state: StateReader): void {
  const reader = new NamespacedReader(state, DEPLOYMENT);
  const range = (prefix: StateKey, limit: number) => reader.range(prefix, limit);
  if (hasArtefacts(range)) programs.prepare();
  for (const name of activeNames((key) => reader.get(key))) deployed.get(name);
}

/** The contracts at one position of a block: those of the committed state until the block changes it, then the overlay's. */
export class BlockContracts implements ContractDirectory {
  readonly #overlay: DeployedContracts;
  #current: DeployedContracts;

  constructor(committed: DeployedContracts, sources: ContractSources, overlay: StateReader) {
    this.#current = committed;
    this.#overlay = deployedContracts(sources, overlay);
  }

  /** True once the block wrote to what is deployed, even if that was taken back since. */
  get isTouched(): boolean {
    return this.#current === this.#overlay;
  }

  get(name: string): ExecutableContract | undefined {
    return this.#current.get(name);
  }

  onWrite(contract: string): void {
    if (contract !== DEPLOYMENT) return;
    this.#current = this.#overlay;
    this.#overlay.forget();
  }

  onRollback(): void {
    if (this.isTouched) this.#overlay.forget();
  }
}

/**
 * PROTOCOL §Deployment T1. A node that lacks an engine of the chain would compute something else: it does not run.
 *
 * @throws ExecutionError `ENGINE_MISMATCH`
 */
export function requireEngines(state: StateReader, programs: Programs): void {
  const reader = new NamespacedReader(state, DEPLOYMENT);
  for (const { version, hash } of enginesOf((key) => reader.get(key))) {
    if (programs.has(hash)) continue;
    const expected = `engine ${version}, ${toHex(hash)}`;
    const own = programs.engines.map((engine) => `engine ${engine.version}, ${toHex(engine.hash)}`).join('; ');
    throw new ExecutionError('ENGINE_MISMATCH', `the chain runs bank contracts on ${expected}; this node has ${own}`, {
      expected,
      actual: own,
      hint: 'run a version of vostro that has this engine: `vostro contract engines` shows those of a version and of the chain',
    });
  }
}
