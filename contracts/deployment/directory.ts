import { concatBytes, type Hash } from '../../primitives/bytes.js';
import { invariant } from '../../primitives/errors.js';
import type { ExecutableContract, StateEntry, StateKey } from '../api/host.js';
import { MapLayout } from '../api/state.js';
import type { ContractDirectory } from '../runtime/environment.js';
import { isContractName } from './names.js';
import type { Programs } from './programs.js';
import { type ContractRecord, deploymentState, type EnginePin } from './records.js';

/** The contract that keeps what is deployed. */
export const DEPLOYMENT = 'contracts';

/** Reads a key of that contract's namespace. */
export type DeploymentRead = (key: StateKey) => Uint8Array | undefined;

const engines = new MapLayout('engines', deploymentState.engines);
const active = new MapLayout('active', deploymentState.active);
const contracts = new MapLayout('contracts', deploymentState.contracts);
const artefacts = new MapLayout('artefacts', deploymentState.artefacts);
const uploads = new MapLayout('uploads', deploymentState.uploads);
const chunks = new MapLayout('chunks', deploymentState.chunks);

/** The engines that the chain allows. */
export function enginesOf(read: DeploymentRead): readonly EnginePin[] {
  const bytes = read(engines.key([]));
  return bytes === undefined ? [] : engines.decode(bytes);
}

/** The version of a bank's contract that is in force, undefined when none is. */
export function activeOf(read: DeploymentRead, name: string): ContractRecord | undefined {
  if (!isContractName(name)) return undefined;
  const bytes = read(contracts.key([name]));
  const record = bytes === undefined ? undefined : contracts.decode(bytes);
  return record?.active === true ? record : undefined;
}

/** Ranges over the keys of that contract's namespace. */
export type DeploymentRange = (prefix: StateKey, limit: number) => readonly StateEntry[];

/** True when bundles were registered, or may be soon. */
export function hasArtefacts(range: DeploymentRange): boolean {
  return [uploads, artefacts].some((layout) => range(layout.key([]), 1).length > 0);
}

/** Every contract of a bank that is in force. */
export function activeNames(read: DeploymentRead): readonly string[] {
  const bytes = read(active.key([]));
  return bytes === undefined ? [] : active.decode(bytes);
}

/** The bytes of a bundle that was registered. */
export function bundleOf(read: DeploymentRead, bundle: Hash): Uint8Array {
  const row = read(artefacts.key([bundle]));
  invariant(row !== undefined, 'the state holds the bundle of every contract in force');
  const { total } = artefacts.decode(row);
  const parts: Uint8Array[] = [];
  for (let index = 0; index < total; index++) {
    const part = read(chunks.key([bundle, index]));
    invariant(part !== undefined, 'the state holds every chunk of a bundle in force');
    parts.push(chunks.decode(part));
  }
  return concatBytes(...parts);
}

/**
 * PROTOCOL §Deployment T7. The contracts that can be called: those of every network first, then those in force by the state. It
 * forgets what it knew of the state whenever that changes.
 */
export class DeployedContracts implements ContractDirectory {
  readonly #standard: ReadonlyMap<string, ExecutableContract>;
  readonly #programs: Programs;
  readonly #read: DeploymentRead;
  /** Contracts in force only: as many as there may be. */
  readonly #inForce = new Map<string, ExecutableContract>();

  constructor(standard: ReadonlyMap<string, ExecutableContract>, programs: Programs, read: DeploymentRead) {
    this.#standard = standard;
    this.#programs = programs;
    this.#read = read;
  }

  get(name: string): ExecutableContract | undefined {
    return this.#standard.get(name) ?? this.#inForce.get(name) ?? this.#find(name);
  }

  onWrite(contract: string): void {
    if (contract === DEPLOYMENT) this.forget();
  }

  onRollback(): void {
    this.forget();
  }

  forget(): void {
    this.#inForce.clear();
  }

  #find(name: string): ExecutableContract | undefined {
    const record = activeOf(this.#read, name);
    if (record === undefined) return undefined;
    const { engine, bundle } = record;
    const program = this.#programs.program(engine, bundle, () => bundleOf(this.#read, bundle));
    this.#inForce.set(name, program);
    return program;
  }
}
