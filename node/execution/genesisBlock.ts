import { ContractFailure } from '../../contracts/api/failure.js';
import { enterContract } from '../../contracts/runtime/contractHost.js';
import { TransactionRun } from '../../contracts/runtime/transactionRun.js';
import { genesisCalls } from '../../genesis/calls.js';
import { genesisValidators } from '../../genesis/genesis.js';
import type { Genesis } from '../../genesis/types.js';
import { ZERO_ADDRESS } from '../../primitives/address.js';
import { headerHash } from '../../primitives/block.js';
import { equalBytes, type Hash } from '../../primitives/bytes.js';
import { invariant } from '../../primitives/errors.js';
import { EMPTY_TREE_ROOT } from '../../primitives/merkle.js';
import type { BlockHeader, Call } from '../../primitives/types.js';
import { validatorsHash } from '../../primitives/validator.js';
import { StateOverlay } from '../state/overlay.js';
import type { CommittedState, UsedOnceReader } from '../state/types.js';
import type { ChainDatabase } from '../storage/types.js';
import { type ContractSources, deployedContracts } from './blockContracts.js';
import { ExecutionError } from './errors.js';
import { BlockGovernance, GovernanceCache } from './governanceCache.js';
import { BlockRegistry, RegistryCache } from './registryCache.js';

export interface GenesisModules {
  readonly database: ChainDatabase;
  readonly state: CommittedState;
  readonly usedOnce: UsedOnceReader;
  readonly contracts: ContractSources;
}

/**
 * Makes height 0 in an empty database: runs the genesis calls without sender, signers or limits, and writes their state
 * under a header that nobody signs (PROTOCOL §Genesis).
 *
 * @throws ExecutionError `GENESIS_CALL_FAILED`, StorageError
 */
export async function writeGenesisBlock(genesis: Genesis, genesisHash: Hash, modules: GenesisModules): Promise<void> {
  const { database, state } = modules;
  const overlay = new StateOverlay(state);
  const usedOnce = modules.usedOnce.openBlock(0);
  const registry = new BlockRegistry(new RegistryCache(state), overlay);
  const { chainId, timestamp } = genesis;
  const environment = {
    chainId,
    genesisHash,
    height: 0,
    timestamp,
    contracts: deployedContracts(modules.contracts, overlay),
    state: overlay,
    usedOnce,
    registry,
    governance: new BlockGovernance(new GovernanceCache(state), overlay),
    stateRoot: () => undefined,
  };
  const principal = { sender: undefined, signers: [], readOnly: false };
  for (const call of genesisCalls(genesis)) {
    runGenesisCall(new TransactionRun(environment, principal, Number.MAX_SAFE_INTEGER), call);
  }
  const validators = genesisValidators(genesis);
  const hash = validatorsHash(validators);
  invariant(registry.isTouched, 'the genesis calls fill the registry');
  const isNamed = equalBytes(hash, validatorsHash(registry.validators()));
  invariant(isNamed, 'the genesis state names the validators of the genesis file');
  const prepared = state.prepare(overlay.changes());
  const header: BlockHeader = {
    chainId,
    height: 0,
    parentHash: genesisHash,
    proposer: ZERO_ADDRESS,
    timestamp,
    txRoot: EMPTY_TREE_ROOT,
    stateRoot: prepared.root,
    receiptsRoot: EMPTY_TREE_ROOT,
    validatorsHash: hash,
    nextValidatorsHash: hash,
  };
  const blockHash = headerHash(header);
  const batch = database.batch();
  database.headers.put(batch, 0, header);
  database.heights.put(batch, blockHash, 0);
  database.bodies.put(batch, 0, []);
  database.receipts.put(batch, 0, []);
  database.handovers.put(batch, 0, validators);
  usedOnce.commit(batch);
  state.commit(prepared, batch);
  database.putHead(batch, { height: 0, blockHash });
  await batch.write();
}

function runGenesisCall(run: TransactionRun, { contract, method, args }: Call): void {
  try {
    enterContract(run, undefined, contract, method, args);
  } catch (error) {
    if (!(error instanceof ContractFailure)) throw error;
    const actual = `${error.code} in ${error.failedCall}`;
    throw new ExecutionError('GENESIS_CALL_FAILED', `expected every genesis call to succeed, found ${actual}`, {
      expected: 'success',
      actual,
      hint: 'run `vostro genesis verify` on the file; this version of the node may not support it',
    });
  }
}
