import type { DeployedContracts } from '../../contracts/deployment/directory.js';
import { headerHash, transactionsRoot } from '../../primitives/block.js';
import { concatBytes, equalBytes, type Hash, toHex } from '../../primitives/bytes.js';
import { certificateShapeFault } from '../../primitives/certificate.js';
import { TAGS } from '../../primitives/hash.js';
import type { Block, Certificate } from '../../primitives/types.js';
import type { AuthenticatedState } from '../state/authenticatedState.js';
import type { ReferenceSet } from '../state/referenceSet.js';
import type { UsedOnceSet } from '../state/usedOnceSet.js';
import type { ChainDatabase } from '../storage/types.js';
import { type ContractSources, deployedContracts, preload, requireEngines } from './blockContracts.js';
import { type ExecutionBase, type ExecutionResult, withHostExceptions } from './blockExecution.js';
import { buildBlock } from './buildBlock.js';
import { Candidates } from './candidates.js';
import { ChainQueries } from './chainQueries.js';
import { committedReceipts } from './committedReceipts.js';
import { directoryChanges, wholeDirectoryUpdate } from './directoryUpdate.js';
import { ExecutionError, isFatal } from './errors.js';
import { type Candidate, executeBlock } from './executeBlock.js';
import { GovernanceCache } from './governanceCache.js';
import type { Hashing } from './nativeHashing.js';
import { ProofTrees } from './proofTrees.js';
import { RegistryCache } from './registryCache.js';
import type { RunningWork } from './runningWork.js';
import { runView } from './runView.js';
import { simulate } from './simulate.js';
import type {
  BuildRequest,
  BuildResult,
  CertifiedBlock,
  ChainHead,
  CommitResult,
  ExecuteResult,
  IncludedTransaction,
  SimulationRequest,
  SimulationResult,
} from './types.js';
import { writeBlock } from './writeBlock.js';

export interface ChainModules {
  readonly database: ChainDatabase;
  readonly state: AuthenticatedState;
  readonly references: ReferenceSet;
  readonly usedOnce: UsedOnceSet;
  readonly contracts: ContractSources;
  readonly hashing: Hashing;
  readonly work: RunningWork;
}

export interface ChainOptions {
  readonly genesisHash: Hash;
  readonly head: ChainHead;
  /** Heights above 0 whose header hands over to other validators, ascending. */
  readonly handoverHeights: readonly number[];
}

/**
 * The chain: what is committed, and the executed candidates of the one height that is undecided. It does one thing at a
 * time: nobody calls it while a commit is being written.
 */
export class Chain {
  readonly queries: ChainQueries;
  readonly #options: ChainOptions;
  readonly #modules: ChainModules;
  readonly #registry: RegistryCache;
  readonly #governance: GovernanceCache;
  readonly #deployed: DeployedContracts;
  readonly #candidates = new Candidates();
  readonly #handoverHeights: number[];
  #head: ChainHead;
  /** The head of the disk, which is behind while a group of blocks is being committed. */
  #writtenHead: ChainHead;

  constructor(options: ChainOptions, modules: ChainModules) {
    this.#options = options;
    this.#modules = modules;
    this.#head = options.head;
    this.#writtenHead = options.head;
    this.#handoverHeights = [...options.handoverHeights];
    this.#registry = new RegistryCache(modules.state);
    this.#governance = new GovernanceCache(modules.state);
    this.#deployed = deployedContracts(modules.contracts, modules.state);
    preload(this.#deployed, modules.contracts, modules.state);
    const { database, state, references, hashing } = modules;
    this.queries = new ChainQueries({
      database,
      state,
      references,
      trees: new ProofTrees(database, hashing),
      head: () => this.#head,
      handoverHeights: () => this.#handoverHeights,
    });
  }

  /** The newest block on the disk. */
  get head(): ChainHead {
    return this.#writtenHead;
  }

  /** The head with everything that is registered, as who starts needs it. */
  snapshot(): CommitResult {
    return { head: this.#head, included: [], directory: wholeDirectoryUpdate(this.#modules.state) };
  }

  /** @throws ExecutionError `BUILD_NOT_ON_HEAD`, StorageError */
  build(request: BuildRequest): BuildResult {
    const { candidate, result } = buildBlock(this.#base(), request);
    this.#candidates.keep(candidate);
    return result;
  }

  /** @throws StorageError */
  execute(block: Block): ExecuteResult {
    const known = this.#candidates.get(headerHash(block.header));
    if (known !== undefined && sameBody(known.block, block)) return { valid: true };
    const executed = executeBlock(this.#base(), block);
    if ('fault' in executed) return { valid: false, ...executed.fault };
    this.#candidates.keep(executed.candidate);
    return { valid: true };
  }

  /**
   * Writes a decided block. Who calls has verified the certificate's signatures; that it decides this block is checked
   * here again. A block that is committed already changes nothing.
   *
   * @throws ExecutionError `COMMIT_NOT_ON_HEAD`, `CERTIFICATE_MISMATCH`, `BODY_MISMATCH`; `CONFLICTING_BLOCK`, `DECIDED_BLOCK_INVALID`,
   *   `ENGINE_MISMATCH` and StorageError stop the node
   */
  async commit(block: Block, certificate: Certificate): Promise<CommitResult> {
    const result = await this.#commit(block, certificate);
    this.#writtenHead = this.#head;
    return result;
  }

  /** The same for a candidate that is kept; undefined, and nothing changes, where none is. @throws as `commit` */
  async commitExecuted(blockHash: Hash, certificate: Certificate): Promise<CommitResult | undefined> {
    const candidate = this.#candidates.get(blockHash);
    return candidate === undefined ? undefined : this.commit(candidate.block, certificate);
  }

  async #commit(block: Block, certificate: Certificate): Promise<CommitResult> {
    const blockHash = headerHash(block.header);
    const { height } = block.header;
    const headHeight = this.#head.header.height;
    requireNames(certificate, height, blockHash);
    if (height > headHeight + 1) throw notOnHead(headHeight, height);
    if (height <= headHeight) return this.#commitAgain(height, blockHash);
    requireShape(certificate, this.#head.validators.length);
    const candidate = this.#candidates.get(blockHash) ?? this.#executeDecided(block);
    await writeBlock(candidate, certificate, this.#modules);
    return this.#follow(candidate, certificate);
  }

  /**
   * Writes decided blocks that follow each other in one atomic, synced write: all of them, or those before the first that
   * is refused.
   *
   * @returns what each committed, in order: at least one unless there is none
   * @throws as `commit`, where the first block is refused; where a later one stops the node, and then nothing is written
   */
  async commitAll(blocks: readonly CertifiedBlock[]): Promise<readonly CommitResult[]> {
    const group = this.#modules.database.openGroup();
    const results: CommitResult[] = [];
    for (const { block, certificate } of blocks) {
      try {
        results.push(await this.#commit(block, certificate));
      } catch (error) {
        if (isFatal(error)) throw error;
        if (results.length > 0) break;
        group.discard();
        throw error;
      }
    }
    await group.write();
    this.#writtenHead = this.#head;
    return results;
  }

  /** @throws CodedError with the contract's code; ExecutionError `VIEW_FAILED` */
  view(contract: string, method: string, args: Uint8Array): Uint8Array {
    return runView(this.#base(), contract, method, args);
  }

  /** Runs a transaction and writes nothing. @throws what `simulate` throws */
  simulate(request: SimulationRequest): SimulationResult {
    return withHostExceptions(() => simulate(this.#base(), request));
  }

  close(): Promise<void> {
    return this.#modules.database.close();
  }

  #base(): ExecutionBase {
    const { header, blockHash, validators, parameters } = this.#head;
    const parent = { header, blockHash, genesisHash: this.#options.genesisHash, parameters };
    const stateRoot = (height: number): Hash | undefined => this.#modules.database.headers.get(height)?.stateRoot;
    const [registry, governance, deployed] = [this.#registry, this.#governance, this.#deployed];
    return { ...this.#modules, parent, validators, registry, governance, deployed, stateRoot };
  }

  #executeDecided(block: Block): Candidate {
    this.#requireOwnBody(block);
    const executed = executeBlock(this.#base(), block);
    if ('candidate' in executed) return executed.candidate;
    const { code, message } = executed.fault;
    const { height } = block.header;
    throw new ExecutionError(
      'DECIDED_BLOCK_INVALID',
      `height ${height} was decided, but is not valid here: ${message}`,
      {
        expected: 'a block that executes here to the roots of its header',
        actual: code,
        height,
        hint: 'this node differs from the quorum: keep its home for examination, and compare versions and genesis files',
      },
    );
  }

  /** The certificate vouches for the header. A body that is not the header's is its sender's fault, and decides nothing. */
  #requireOwnBody({ header, transactions }: Block): void {
    const { sha256, hasher } = this.#modules.hashing;
    const leaves = transactions.map((bytes) => sha256(concatBytes(TAGS.transactionLeaf, bytes)));
    const root = transactionsRoot(leaves, hasher);
    if (equalBytes(root, header.txRoot)) return;
    const [expected, actual] = [toHex(header.txRoot), toHex(root)];
    throw new ExecutionError('BODY_MISMATCH', `height ${header.height}: expected txRoot ${expected}, found ${actual}`, {
      expected,
      actual,
      hint: 'ask another peer for the body of this block',
    });
  }

  #commitAgain(height: number, blockHash: Hash): CommitResult {
    const committed = this.queries.blockHash(height);
    if (committed !== undefined && equalBytes(committed, blockHash)) {
      return { head: this.#head, included: [], directory: { keys: [], accounts: [], nodes: undefined } };
    }
    const expected = committed === undefined ? 'a committed height' : toHex(committed);
    throw new ExecutionError('CONFLICTING_BLOCK', `height ${height}: expected ${expected}, found ${toHex(blockHash)}`, {
      expected,
      actual: toHex(blockHash),
      height,
      hint: 'two blocks of one height were decided: stop the network and compare the certificates',
    });
  }

  #followDeployment(): void {
    const { state, contracts } = this.#modules;
    this.#deployed.forget();
    requireEngines(state, contracts.programs);
    preload(this.#deployed, contracts, state);
  }

  /** Memory follows the disk: what the state names is in force from the next height on (PROTOCOL §System calls Y3). */
  #follow({ block, blockHash, result }: Candidate, certificate: Certificate): CommitResult {
    const { header } = block;
    if (result.isGovernanceTouched) this.#governance.forget();
    const parameters = this.#governance.parameters();
    this.#head = { header, blockHash, certificate, validators: result.nextValidators, parameters };
    const lastHandover = this.#handoverHeights.at(-1) ?? 0;
    if (!equalBytes(header.validatorsHash, header.nextValidatorsHash)) this.#handoverHeights.push(header.height);
    if (result.isRegistryTouched) this.#registry.forget();
    this.#candidates.clear();
    if (result.isDeploymentTouched) this.#followDeployment();
    const directory = directoryChanges(this.#modules.state, result);
    const receipts = committedReceipts(receiptsOf(result), result.receiptTree, lastHandover);
    return { head: this.#head, included: includedIn(result), directory, receipts };
  }
}

/** Encoded, in the order of the block's tree. */
function receiptsOf({ executed, system }: ExecutionResult): Uint8Array[] {
  const all = system === undefined ? executed : [...executed, system];
  return all.map(({ receiptBytes }) => receiptBytes);
}

function includedIn({ transactions, executed }: ExecutionResult): readonly IncludedTransaction[] {
  return transactions.map(({ id, body, bytes }, index): IncludedTransaction => {
    const { sender, reference, expiresAt, priority } = body;
    const { success = false, code = '', fuelUsed = 0 } = executed[index]?.receipt ?? {};
    return { id, sender, reference, expiresAt, priority, success, code, fuelUsed, sizeBytes: bytes.length };
  });
}

function sameBody(a: Block, b: Block): boolean {
  if (a.transactions.length !== b.transactions.length) return false;
  return a.transactions.every((bytes, index) => Buffer.compare(bytes, b.transactions[index] as Uint8Array) === 0);
}

function requireNames(certificate: Certificate, height: number, blockHash: Hash): void {
  const { type, height: named, blockHash: namedHash } = certificate;
  if (type === 'commit' && named === height && equalBytes(namedHash, blockHash)) return;
  const expected = `a commit certificate of height ${height} for ${toHex(blockHash)}`;
  throw mismatch(expected, `a ${type} certificate of height ${named} for ${toHex(namedHash)}`);
}

function requireShape(certificate: Certificate, validatorCount: number): void {
  const shapeFault = certificateShapeFault(certificate, validatorCount);
  if (shapeFault !== undefined) throw mismatch(`a quorum of ${validatorCount} validators`, shapeFault.message);
}

function mismatch(expected: string, actual: string): ExecutionError {
  return new ExecutionError('CERTIFICATE_MISMATCH', `expected ${expected}, found ${actual}`, {
    expected,
    actual,
    hint: 'verify a certificate against the validators of its height before the block is committed',
  });
}

function notOnHead(headHeight: number, height: number): ExecutionError {
  return new ExecutionError('COMMIT_NOT_ON_HEAD', `expected height ${headHeight + 1}, found ${height}`, {
    expected: `height ${headHeight + 1}`,
    actual: `${height}`,
    hint: 'commit the heights between first',
  });
}
