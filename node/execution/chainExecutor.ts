import type { Hash } from '../../primitives/bytes.js';
import { invariant } from '../../primitives/errors.js';
import type {
  Address,
  Block,
  BlockProofs,
  Certificate,
  FinalityProof,
  FinalityUpdate,
  Outcome,
} from '../../primitives/types.js';
import type { Chain } from './chain.js';
import type { ChainQueries } from './chainQueries.js';
import { isFatal } from './errors.js';
import { poisonousAmong } from './leftOut.js';
import { type OpenChainModules, type OpenChainOptions, openChain } from './openChain.js';
import type { ReceiptsProofsAnswer } from './receiptsProofs.js';
import { RequestQueue, type RequestQueueOptions } from './requestQueue.js';
import { RunningWork, rankOf, type WorkKind } from './runningWork.js';
import type {
  BuildRequest,
  BuildResult,
  CertifiedBlock,
  ChainHead,
  CommitResult,
  ContractKey,
  ExecuteResult,
  ExecutorHost,
  ReceiptRecord,
  Rehearsal,
  SenderReference,
  SimulationRequest,
  SimulationResult,
  StateProofAnswer,
  TransactionRecord,
} from './types.js';

export interface ChainExecutorOptions extends OpenChainOptions {
  /** The executor has stopped for good: end the process. Called at most once, never for an error of `start`. */
  readonly onFatal: (error: unknown) => void;
}

/** A simulation may take as long as the largest transaction, and the next one waits three times that long. */
const MAX_WAITING: RequestQueueOptions['limits'] = { urgent: 64, query: 512, view: 512, simulation: 8 };

/**
 * The executor in the thread that it is called in: the node hosts it in a worker, tests and the simulator call it
 * directly. Requests run one at a time, consensus before queries.
 */
export class ChainExecutor implements ExecutorHost {
  readonly #options: ChainExecutorOptions;
  readonly #modules: OpenChainModules;
  readonly #work: RunningWork;
  readonly #queue: RequestQueue;
  #chain: Chain | undefined;
  #hasFailed = false;

  constructor(options: ChainExecutorOptions, modules: OpenChainModules = {}) {
    this.#options = options;
    this.#work = modules.work ?? new RunningWork();
    this.#modules = { ...modules, work: this.#work };
    this.#queue = new RequestQueue({ ...modules, limits: MAX_WAITING });
  }

  start(): Promise<CommitResult> {
    return this.#queue.add('urgent', () =>
      this.#working('starting', async () => {
        this.#chain ??= await openChain(this.#options, this.#modules);
        return this.#chain.snapshot();
      }),
    );
  }

  async stop(): Promise<void> {
    await this.#queue.close();
    const chain = this.#chain;
    this.#chain = undefined;
    await chain?.close();
  }

  build(request: BuildRequest): Promise<BuildResult> {
    return this.#add('undecided', (chain) => chain.build(request));
  }

  async rehearse(request: BuildRequest): Promise<Rehearsal> {
    const { blockHash, leftOut } = await this.build(request);
    const poisonous = poisonousAmong(leftOut);
    return { blockHash: poisonous.length > 0 ? undefined : blockHash, poisonous };
  }

  execute(block: Block): Promise<ExecuteResult> {
    return this.#add('undecided', (chain) => chain.execute(block));
  }

  commit(block: Block, certificate: Certificate): Promise<CommitResult> {
    return this.#add('decided', (chain) => chain.commit(block, certificate));
  }

  commitExecuted(blockHash: Hash, certificate: Certificate): Promise<CommitResult | undefined> {
    return this.#add('decided', (chain) => chain.commitExecuted(blockHash, certificate));
  }

  commitAll(blocks: readonly CertifiedBlock[]): Promise<readonly CommitResult[]> {
    return this.#add('decided', (chain) => chain.commitAll(blocks));
  }

  head(): ChainHead {
    return this.#requireChain().head;
  }

  blocks(fromHeight: number, maxCount: number, maxBytes: number): Promise<readonly CertifiedBlock[]> {
    return this.#ask((queries) => queries.blocks(fromHeight, maxCount, maxBytes));
  }

  blockHash(height: number): Promise<Hash | undefined> {
    return this.#ask((queries) => queries.blockHash(height));
  }

  receipt(transactionId: Hash): Promise<ReceiptRecord | undefined> {
    return this.#ask((queries) => queries.receipt(transactionId));
  }

  proof(transactionId: Hash, outcomeReference?: string): Promise<FinalityProof | undefined> {
    return this.#ask((queries) => queries.proof(transactionId, outcomeReference));
  }

  proofs(transactionIds: readonly Hash[]): Promise<readonly BlockProofs[]> {
    return this.#ask((queries) => queries.proofs(transactionIds));
  }

  receiptsProofs(transactionIds: readonly Hash[], since: number): Promise<ReceiptsProofsAnswer> {
    return this.#ask((queries) => queries.receiptsProofs(transactionIds, since));
  }

  transaction(transactionId: Hash): Promise<TransactionRecord | undefined> {
    return this.#ask((queries) => queries.transaction(transactionId));
  }

  outcomes(transactionId: Hash): Promise<readonly Outcome[] | undefined> {
    return this.#ask((queries) => queries.outcomes(transactionId));
  }

  referenceOwner(sender: Address, reference: Uint8Array): Promise<Hash | undefined> {
    return this.#ask((queries) => queries.referenceOwner(sender, reference));
  }

  referenceOwners(references: readonly SenderReference[]): Promise<readonly (Hash | undefined)[]> {
    return this.#ask((queries) => queries.referenceOwners(references));
  }

  view(contract: string, method: string, args: Uint8Array): Promise<Uint8Array> {
    return this.#add('view', (chain) => chain.view(contract, method, args));
  }

  simulate(request: SimulationRequest): Promise<SimulationResult> {
    return this.#add('simulation', (chain) => chain.simulate(request));
  }

  finalityUpdate(sinceHeight: number): Promise<FinalityUpdate | undefined> {
    return this.#ask((queries) => queries.finalityUpdate(sinceHeight));
  }

  stateProof(keys: readonly ContractKey[]): Promise<StateProofAnswer> {
    return this.#ask((queries) => queries.stateProof(keys));
  }

  #ask<T>(read: (queries: ChainQueries) => T): Promise<T> {
    return this.#add('query', (chain) => read(chain.queries));
  }

  #add<T>(kind: WorkKind, work: (chain: Chain) => T | Promise<T>): Promise<T> {
    return this.#queue.add(rankOf(kind), async () => {
      const chain = this.#requireChain();
      try {
        return await this.#working(kind, () => work(chain));
      } catch (error) {
        if (isFatal(error)) this.#fail(error);
        throw error;
      }
    });
  }

  async #working<T>(kind: WorkKind, work: () => T | Promise<T>): Promise<T> {
    this.#work.begin(kind);
    try {
      return await work();
    } finally {
      this.#work.end();
    }
  }

  /** Nothing that this executor would say from here on can be trusted: it says nothing more. */
  #fail(error: unknown): void {
    if (this.#hasFailed) return;
    this.#hasFailed = true;
    void this.#queue.close();
    this.#options.onFatal(error);
  }

  #requireChain(): Chain {
    invariant(this.#chain !== undefined, 'the executor is started before it is asked');
    return this.#chain;
  }
}
