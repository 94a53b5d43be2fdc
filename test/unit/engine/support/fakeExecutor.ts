import type { NetworkParameters } from '../../../../contracts/parameters/rules.js';
import { DEFAULT_PARAMETERS } from '../../../../genesis/defaults.js';
import { leafHashes } from '../../../../node/engine/blockBody.js';
import type { EngineExecutor } from '../../../../node/engine/engineOptions.js';
import { ExecutionError } from '../../../../node/execution/errors.js';
import type {
  BuildRequest,
  BuildResult,
  CertifiedBlock,
  ChainHead,
  CommitResult,
  DirectoryUpdate,
  ExecuteResult,
  Rehearsal,
} from '../../../../node/execution/types.js';
import { headerHash, transactionsRoot } from '../../../../primitives/block.js';
import { concatBytes, equalBytes, type Hash, toHex } from '../../../../primitives/bytes.js';
import { InvariantError, invariant } from '../../../../primitives/errors.js';
import { sha256 } from '../../../../primitives/hash.js';
import type { Block, BlockHeader, Certificate, Validator } from '../../../../primitives/types.js';
import { validatorsHash } from '../../../../primitives/validator.js';

/** What a node keeps on disk: it outlives the executor that a restart replaces. */
export interface FakeChainStore {
  readonly blocks: CertifiedBlock[];
}

export interface FakeExecutorOptions {
  readonly genesis: BlockHeader;
  readonly validators: readonly Validator[];
  readonly parameters?: NetworkParameters;
  readonly directory: DirectoryUpdate;
  /** The list that decides a height, where it is to change. */
  readonly validatorsAt?: ((height: number) => readonly Validator[]) | undefined;
}

/** The answer that a test wants to one execution, instead of the honest one. */
export type ExecutionFault = (block: Block) => ExecuteResult | undefined;

const NOTHING: DirectoryUpdate = { keys: [], accounts: [], nodes: undefined };

/**
 * A chain whose state is the hash of everything that was ever included: enough for blocks to be right or wrong. Answers in
 * a later turn, like the thread that it stands for.
 */
export class FakeExecutor implements EngineExecutor {
  private readonly executed = new Set<string>();
  fault: ExecutionFault = () => undefined;

  constructor(
    private readonly options: FakeExecutorOptions,
    private readonly store: FakeChainStore,
  ) {}

  async start(): Promise<CommitResult> {
    return { head: this.head(), included: [], directory: this.options.directory };
  }

  async stop(): Promise<void> {}

  head(): ChainHead {
    const last = this.store.blocks.at(-1);
    const header = last?.block.header ?? this.options.genesis;
    const validators = this.validatorsAt(header.height + 1);
    const { parameters = DEFAULT_PARAMETERS } = this.options;
    return { header, blockHash: headerHash(header), certificate: last?.certificate, validators, parameters };
  }

  private validatorsAt(height: number): readonly Validator[] {
    return this.options.validatorsAt?.(height) ?? this.options.validators;
  }

  async build(request: BuildRequest): Promise<BuildResult> {
    await later();
    invariant(this.isOnHead(request), 'blocks are built on the head');
    return this.putTogether(request);
  }

  /** The head may have moved since an outline came. */
  async rehearse(request: BuildRequest): Promise<Rehearsal> {
    await later();
    if (!this.isOnHead(request)) throw new ExecutionError('BUILD_NOT_ON_HEAD', 'expected a build on the head');
    return { blockHash: this.putTogether(request).blockHash, poisonous: [] };
  }

  private isOnHead({ height, parentHash }: BuildRequest): boolean {
    const { header, blockHash } = this.head();
    return equalBytes(parentHash, blockHash) && height === header.height + 1;
  }

  private putTogether({ height, parentHash, proposer, timestamp, transactions }: BuildRequest): BuildResult {
    const { header: parent } = this.head();
    const header: BlockHeader = {
      ...parent,
      height,
      parentHash,
      proposer,
      timestamp,
      txRoot: transactionsRoot(leafHashes(transactions)),
      stateRoot: nextState(parent, transactions),
      validatorsHash: parent.nextValidatorsHash,
      nextValidatorsHash: validatorsHash(this.validatorsAt(height + 1)),
    };
    const block = { header, transactions };
    this.executed.add(toHex(headerHash(header)));
    return { block, blockHash: headerHash(header), leftOut: [] };
  }

  async execute(block: Block): Promise<ExecuteResult> {
    await later();
    const fault = this.fault(block);
    if (fault !== undefined) return fault;
    const { header: parent, blockHash } = this.head();
    if (!equalBytes(block.header.parentHash, blockHash)) {
      return { valid: false, code: 'PARENT_MISMATCH', message: 'another parent' };
    }
    if (!equalBytes(block.header.stateRoot, nextState(parent, block.transactions))) {
      return { valid: false, code: 'STATE_ROOT_MISMATCH', message: 'another state' };
    }
    this.executed.add(toHex(headerHash(block.header)));
    return { valid: true };
  }

  async commitAll(blocks: readonly CertifiedBlock[]): Promise<readonly CommitResult[]> {
    await later();
    return blocks.map(({ block, certificate }) => this.put(block, certificate));
  }

  async commit(block: Block, certificate: Certificate): Promise<CommitResult> {
    await later();
    return this.put(block, certificate);
  }

  private put(block: Block, certificate: Certificate): CommitResult {
    const { header: parent, blockHash } = this.head();
    if (block.header.height <= parent.height) {
      const known = this.store.blocks[block.header.height - 1];
      const isSame = known !== undefined && equalBytes(headerHash(known.block.header), headerHash(block.header));
      if (!isSame) throw new InvariantError('one block of a height is decided');
      return { head: this.head(), included: [], directory: NOTHING };
    }
    const isNext = equalBytes(block.header.parentHash, blockHash);
    const isRight = equalBytes(block.header.stateRoot, nextState(parent, block.transactions));
    if (!isNext || !isRight) throw new InvariantError('a decided block is the next and right');
    this.store.blocks.push({ block, certificate });
    const included = block.transactions.map((bytes) => ({
      id: sha256(bytes),
      sender: `0x${'00'.repeat(20)}` as const,
      reference: new Uint8Array(),
      expiresAt: 0,
      success: true,
      code: '',
      priority: 'normal' as const,
      fuelUsed: 0,
      sizeBytes: bytes.length,
    }));
    return { head: this.head(), included, directory: NOTHING };
  }

  async blocks(fromHeight: number, maxCount: number): Promise<readonly CertifiedBlock[]> {
    await later();
    return this.store.blocks.slice(fromHeight - 1, fromHeight - 1 + Math.min(maxCount, 5));
  }
}

function nextState(parent: BlockHeader, transactions: readonly Uint8Array[]): Hash {
  return sha256(concatBytes(parent.stateRoot, ...transactions));
}

function later(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
