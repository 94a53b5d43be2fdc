import type { DeployedContracts } from '../../contracts/deployment/directory.js';
import type { Hash } from '../../primitives/bytes.js';
import { CodedError, invariant } from '../../primitives/errors.js';
import { type MerkleTree, merkleTree } from '../../primitives/merkle.js';
import type { Address, DecodedTransaction, TimestampMs, Validator } from '../../primitives/types.js';
import { validatorsHash } from '../../primitives/validator.js';
import { StateError } from '../state/errors.js';
import { StateOverlay } from '../state/overlay.js';
import type {
  BlockReferences,
  BlockUsedOnce,
  CommittedState,
  PreparedState,
  ReferenceReader,
  StateChanges,
  UsedOnceReader,
} from '../state/types.js';
import { StorageError } from '../storage/errors.js';
import { BlockContracts, type ContractSources } from './blockContracts.js';
import type { BlockEnvironment } from './blockEnvironment.js';
import { BlockQuotas } from './blockQuotas.js';
import { type BlockParent, type ExecutedRoots, fault } from './blockRules.js';
import type { BlockFault } from './errors.js';
import { type ExecutedTransaction, executeTransaction } from './executeTransaction.js';
import { BlockGovernance, type GovernanceCache } from './governanceCache.js';
import { checkInclusion, type InclusionContext } from './inclusion.js';
import type { Hashing } from './nativeHashing.js';
import { BlockRegistry, type RegistryCache } from './registryCache.js';
import type { RunningWork } from './runningWork.js';
import { runSystemCall } from './systemCall.js';

/** The committed chain as an execution reads it. */
export interface ExecutionBase {
  readonly parent: BlockParent;
  /** The ordered list that decides the block which is executed. */
  readonly validators: readonly Validator[];
  readonly state: CommittedState;
  readonly references: ReferenceReader;
  readonly usedOnce: UsedOnceReader;
  readonly contracts: ContractSources;
  /** The contracts before the block. */
  readonly deployed: DeployedContracts;
  readonly hashing: Hashing;
  /** The registry before the block. */
  readonly registry: RegistryCache;
  /** Governance and the parameters before the block. */
  readonly governance: GovernanceCache;
  /** State root of a committed height. */
  readonly stateRoot: (height: number) => Hash | undefined;
  /** Names the transaction that runs. */
  readonly work: RunningWork;
}

/** Everything that committing an executed block writes. */
export interface ExecutionResult extends ExecutedRoots {
  readonly transactions: readonly DecodedTransaction[];
  readonly executed: readonly ExecutedTransaction[];
  /** What the end of the block did by itself; its receipt stands after those of the transactions. */
  readonly system: ExecutedTransaction | undefined;
  /** Over the receipts, that of the system last. */
  readonly receiptTree: MerkleTree;
  readonly changes: StateChanges;
  readonly prepared: PreparedState;
  readonly references: BlockReferences;
  readonly usedOnce: BlockUsedOnce;
  readonly nextValidators: readonly Validator[];
  /** True when the block wrote to the registry. */
  readonly isRegistryTouched: boolean;
  /** True when the block wrote to governance or the parameters. */
  readonly isGovernanceTouched: boolean;
  /** True when the block wrote to what is deployed. */
  readonly isDeploymentTouched: boolean;
}

/**
 * PROTOCOL §Running a transaction R3. The executor itself broke while a transaction ran: no result of the transaction. On an undecided block it refuses the
 * block, and the transaction is kept out of own proposals; on a decided one the node stops.
 */
export class HostException extends CodedError<'HOST_EXCEPTION'> {
  /** Undefined where no transaction ran. */
  readonly transactionId: Hash | undefined;

  constructor(transactionId: Hash | undefined, cause: unknown) {
    const when = transactionId === undefined ? 'between transactions' : 'while a transaction ran';
    super('HOST_EXCEPTION', `the executor failed ${when}: ${String(cause)}`);
    this.transactionId = transactionId;
    this.cause = cause;
  }
}

/**
 * Runs work on an undecided block: a limit of the machine that it meets outside of a transaction is a host exception,
 * too. Everything else that nobody raised on purpose still stops the node.
 *
 * @throws HostException in the place of a RangeError, which is what V8 throws for its stack and its sizes
 */
export function withHostExceptions<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw error instanceof RangeError ? new HostException(undefined, error) : error;
  }
}

/** One block as it is executed on the head, transaction after transaction. Nothing committed changes. */
export class BlockExecution {
  readonly #base: ExecutionBase;
  readonly #environment: BlockEnvironment;
  readonly #inclusion: InclusionContext;
  readonly #overlay: StateOverlay;
  readonly #transactions: DecodedTransaction[] = [];
  readonly #executed: ExecutedTransaction[] = [];
  #fuel = 0;

  constructor(base: ExecutionBase, timestamp: TimestampMs) {
    const { chainId, height: parentHeight } = base.parent.header;
    const height = parentHeight + 1;
    const { parameters, genesisHash } = base.parent;
    this.#base = base;
    this.#overlay = new StateOverlay(base.state);
    const registry = new BlockRegistry(base.registry, this.#overlay);
    this.#environment = {
      chainId,
      genesisHash,
      height,
      timestamp,
      contracts: new BlockContracts(base.deployed, base.contracts, this.#overlay),
      state: this.#overlay,
      usedOnce: base.usedOnce.openBlock(height),
      registry,
      governance: new BlockGovernance(base.governance, this.#overlay),
      stateRoot: base.stateRoot,
    };
    this.#inclusion = {
      chainId,
      timestamp,
      parameters,
      registry,
      isRegistered: (key) => base.registry.isRegistered(key),
      references: base.references.openBlock(height, timestamp),
      quotas: new BlockQuotas(base.state, parameters, timestamp),
    };
  }

  /**
   * Executes the next transaction, if it may stand here and the block has the fuel for it; otherwise nothing changes.
   * PROTOCOL §Block validity B10.
   *
   * @throws HostException, StorageError
   */
  add(transaction: DecodedTransaction): BlockFault | undefined {
    const inclusion = checkInclusion(transaction, this.#inclusion);
    if ('refusal' in inclusion) return inclusion.refusal;
    const { state, usedOnce, registry, governance, contracts } = this.#environment;
    const { maxBlockFuel, maxTransactionFuel } = this.#base.parent.parameters;
    const marks = { state: state.savepoint(), usedOnce: usedOnce.savepoint() };
    // What uses more than is left has no place, however it would end: so it runs no further than one unit beyond that.
    const left = maxBlockFuel - this.#fuel;
    const executed = this.#run(transaction, Math.min(maxTransactionFuel, left + 1));
    const { fuelUsed } = executed.receipt;
    if (fuelUsed > left) {
      state.rollback(marks.state);
      usedOnce.rollback(marks.usedOnce);
      registry.onRollback();
      governance.onRollback();
      contracts.onRollback();
      return fault('BLOCK_FUEL_EXCEEDED', `at most ${maxBlockFuel} units of fuel`, 'more', transaction.id);
    }
    state.release(marks.state);
    usedOnce.release(marks.usedOnce);
    this.#fuel += fuelUsed;
    this.#record(transaction, executed, inclusion.member);
    return undefined;
  }

  /** Units that the block's transactions used so far. */
  get fuelUsed(): number {
    return this.#fuel;
  }

  /** The member whose share of the block an account uses; undefined while it is not registered. */
  memberOf(account: Address): string | undefined {
    return this.#environment.registry.account(account)?.member;
  }

  /**
   * Runs a transaction whether or not it may stand here, for who asks what it would do: whoever tried one adds nothing.
   *
   * @throws HostException, StorageError
   */
  try(transaction: DecodedTransaction): { readonly refusal?: BlockFault; readonly executed: ExecutedTransaction } {
    const inclusion = checkInclusion(transaction, this.#inclusion);
    const executed = this.#run(transaction, this.#base.parent.parameters.maxTransactionFuel);
    return 'refusal' in inclusion ? { refusal: inclusion.refusal, executed } : { executed };
  }

  /** What was written so far, each key with its newest value. */
  written(): StateChanges {
    return this.#overlay.changes();
  }

  /**
   * Does what is due at the end of the block (PROTOCOL §Block validity B11) and computes the roots. Call it once, after the
   * last transaction.
   */
  finish(): ExecutionResult {
    const { hashing, parent, state, validators } = this.#base;
    const system = runSystemCall(this.#environment, parent.genesisHash, hashing);
    this.#inclusion.quotas.write(this.#overlay);
    const changes = this.#overlay.changes();
    const prepared = state.prepare(changes);
    const receipts = system === undefined ? this.#executed : [...this.#executed, system];
    const leaves = receipts.map(({ receiptBytes }) => hashing.receiptLeaf(receiptBytes));
    const receiptTree = merkleTree(leaves, hashing.hasher);
    const { registry, governance, contracts } = this.#environment;
    const nextValidators = registry.isTouched ? registry.validators() : validators;
    return {
      transactions: this.#transactions,
      executed: this.#executed,
      system,
      receiptTree,
      changes,
      prepared,
      references: this.#inclusion.references,
      usedOnce: this.#environment.usedOnce,
      nextValidators,
      isRegistryTouched: registry.isTouched,
      isGovernanceTouched: governance.isTouched,
      isDeploymentTouched: contracts.isTouched,
      stateRoot: prepared.root,
      receiptsRoot: receiptTree.root,
      nextValidatorsHash: registry.isTouched ? validatorsHash(nextValidators) : parent.header.nextValidatorsHash,
    };
  }

  #run(transaction: DecodedTransaction, fuelLimit: number): ExecutedTransaction {
    const { hashing, work } = this.#base;
    try {
      work.beginTransaction(transaction.id);
      return executeTransaction(this.#environment, transaction, fuelLimit, hashing);
    } catch (error) {
      if (error instanceof StorageError || error instanceof StateError) throw error;
      throw new HostException(transaction.id, error);
    } finally {
      work.endTransaction();
    }
  }

  #record(transaction: DecodedTransaction, executed: ExecutedTransaction, member: string): void {
    const { body } = transaction;
    const place = { id: transaction.id, index: this.#transactions.length };
    const isUsed = this.#inclusion.references.use(body.sender, body.reference, place);
    invariant(isUsed, 'a reference stays free from the check to the use');
    this.#inclusion.quotas.count(member, body.priority);
    this.#transactions.push(transaction);
    this.#executed.push(executed);
  }
}
