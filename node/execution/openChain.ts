import type { ExecutableContract } from '../../contracts/api/host.js';
import { Programs, type Sandbox } from '../../contracts/deployment/programs.js';
import { sandboxContract } from '../../contracts/deployment/sandboxContract.js';
import { standardContracts } from '../../contracts/index.js';
import { genesisHash as hashOf } from '../../genesis/genesis.js';
import type { Genesis } from '../../genesis/types.js';
import { headerHash } from '../../primitives/block.js';
import { equalBytes, toHex } from '../../primitives/bytes.js';
import { invariant } from '../../primitives/errors.js';
import { validatorsHash } from '../../primitives/validator.js';
import type { Timers } from '../engine/timers.js';
import type { NextTurn } from '../ops/nextTurn.js';
import { openAuthenticatedState } from '../state/authenticatedState.js';
import { openReferenceSet } from '../state/referenceSet.js';
import type { CommittedState } from '../state/types.js';
import { openUsedOnceSet } from '../state/usedOnceSet.js';
import type { Disk } from '../storage/disk.js';
import type { OpenEngine } from '../storage/levelEngine.js';
import { type ChainDatabaseOptions, openChainDatabase } from '../storage/openChainDatabase.js';
import type { ChainDatabase } from '../storage/types.js';
import { type ContractSources, requireEngines } from './blockContracts.js';
import { Chain, type ChainModules, type ChainOptions } from './chain.js';
import { CountedPrograms } from './countedSandbox.js';
import { ExecutionError } from './errors.js';
import { writeGenesisBlock } from './genesisBlock.js';
import { GovernanceCache } from './governanceCache.js';
import { SYSTEM_NAMESPACE } from './namespaces.js';
import { nativeHashing } from './nativeHashing.js';
import type { ExecutionNews } from './news.js';
import { nodeSandbox } from './nodeSandbox.js';
import { RegistryCache } from './registryCache.js';
import { RunningWork } from './runningWork.js';
import type { ChainHead } from './types.js';

export interface OpenChainOptions {
  /** Checked already: its calls are run as they are. */
  readonly genesis: Genesis;
  /** Directory of the chain's database; the one above it must exist. */
  readonly databasePath: string;
}

/** `work` is shared with who watches the executor; the others are what a test may put in the place of the node's own. */
export interface OpenChainModules {
  readonly contracts?: readonly ExecutableContract[];
  /** The engines that bank contracts may run on. */
  readonly sandboxes?: readonly Sandbox[];
  readonly openEngine?: OpenEngine;
  readonly disk?: Disk;
  readonly randomBytes?: (size: number) => Uint8Array;
  readonly nextTurn?: NextTurn;
  /** By which views and simulations are held to their part of the time; without it they are not. */
  readonly timers?: Pick<Timers, 'monotonic' | 'set' | 'clear'>;
  readonly work?: RunningWork;
  /** Where to tell what happens in the sandboxes. */
  readonly news?: ExecutionNews;
}

/** What a chain stands on, as its constructor takes it. */
interface ChainParts {
  readonly options: ChainOptions;
  readonly modules: ChainModules;
}

/** As `openChainParts`. */
export async function openChain(options: OpenChainOptions, modules: OpenChainModules = {}): Promise<Chain> {
  const parts = await openChainParts(options, modules);
  try {
    return new Chain(parts.options, parts.modules);
  } catch (error) {
    await parts.modules.database.close();
    throw error;
  }
}

/**
 * Opens the chain's database, makes height 0 where there is none, and checks that the head is what its header says.
 *
 * @throws StorageError, StateError, ExecutionError `STATE_CORRUPT`, `GENESIS_CALL_FAILED`, `ENGINE_MISMATCH`
 */
export async function openChainParts(options: OpenChainOptions, modules: OpenChainModules = {}): Promise<ChainParts> {
  const { genesis, databasePath: path } = options;
  const genesisHash = hashOf(genesis);
  const database = await openChainDatabase({ ...databaseModules(modules), path, genesisHash });
  try {
    const hashing = nativeHashing();
    const {
      stateTreeDepth: treeDepth,
      statePageEntries: pageEntries,
      referenceWindowMs: windowMs,
    } = genesis.parameters;
    // Nobody ranges over the executor's own rows.
    const isOrdered = (key: string) => !key.startsWith(SYSTEM_NAMESPACE);
    const state = await openAuthenticatedState({ treeDepth, pageEntries, isOrdered }, { database, ...hashing });
    const references = await openReferenceSet({ windowMs }, { database });
    const usedOnce = await openUsedOnceSet({}, { database });
    const contracts = contractSources(modules);
    if (database.head() === undefined) {
      await writeGenesisBlock(genesis, genesisHash, { database, state, usedOnce, contracts });
    }
    requireEngines(state, contracts.programs);
    const head = readHead(database, state);
    const handoverHeights = await readHandoverHeights(database);
    return {
      options: { genesisHash, head, handoverHeights },
      modules: { database, state, references, usedOnce, contracts, hashing, work: modules.work ?? new RunningWork() },
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}

function contractSources({
  contracts = standardContracts(),
  sandboxes = [nodeSandbox()],
  news,
}: OpenChainModules): ContractSources {
  const programs = news === undefined ? new Programs(sandboxes) : new CountedPrograms(sandboxes, news);
  const all = [...contracts, sandboxContract(programs.inspect)];
  return { standard: new Map(all.map((contract) => [contract.name, contract])), programs };
}

function databaseModules({ openEngine, disk, randomBytes }: OpenChainModules): Partial<ChainDatabaseOptions> {
  return {
    ...(openEngine === undefined ? {} : { openEngine }),
    ...(disk === undefined ? {} : { disk }),
    ...(randomBytes === undefined ? {} : { randomBytes }),
  };
}

/** The head as it was committed. Its state's root was checked when the state was opened. */
function readHead(database: ChainDatabase, state: CommittedState): ChainHead {
  const row = database.head();
  const header = row === undefined ? undefined : database.headers.get(row.height);
  invariant(row !== undefined && header !== undefined, 'a chain that is open has a head');
  const blockHash = headerHash(header);
  if (!equalBytes(blockHash, row.blockHash)) throw corrupt(row.height, toHex(row.blockHash), toHex(blockHash));
  const validators = new RegistryCache(state).validators();
  const hash = validatorsHash(validators);
  if (!equalBytes(hash, header.nextValidatorsHash)) {
    throw corrupt(row.height, `validators ${toHex(header.nextValidatorsHash)}`, toHex(hash));
  }
  const certificate = database.certificates.get(row.height);
  if ((certificate === undefined) !== (row.height === 0)) throw corrupt(row.height, 'a certificate', 'none');
  return { header, blockHash, certificate, validators, parameters: new GovernanceCache(state).parameters() };
}

async function readHandoverHeights(database: ChainDatabase): Promise<number[]> {
  const heights: number[] = [];
  for await (const [height] of database.handovers.entries({ from: 1 })) heights.push(height);
  return heights;
}

function corrupt(height: number, expected: string, actual: string): ExecutionError {
  return new ExecutionError('STATE_CORRUPT', `head at height ${height}: expected ${expected}, found ${actual}`, {
    expected,
    actual,
    height,
    hint: 'the database is damaged: fetch the chain anew into an empty home',
  });
}
