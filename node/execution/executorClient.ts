import { headerHash } from '../../primitives/block.js';
import { equalBytes, type Hash, toHex } from '../../primitives/bytes.js';
import { encodeCertificate } from '../../primitives/certificate.js';
import { type CodedError, invariant, isCodedError } from '../../primitives/errors.js';
import type {
  Address,
  Block,
  BlockProofs,
  Certificate,
  FinalityProof,
  FinalityUpdate,
  Outcome,
} from '../../primitives/types.js';
import {
  ExecutorBuilds,
  type ExecutorRestart,
  isHostException,
  type Prepared,
  transactionsOf,
} from './executorBuilds.js';
import { suspended, tooManyWaiting, tooOften, workerDied } from './executorClientErrors.js';
import {
  blockToWire,
  certifiedFromWire,
  certifiedToWire,
  commitResultFromWire,
  type ExecutorCalls,
  type ExecutorMethod,
  type WireCommitResult,
} from './executorProtocol.js';
import { ExecutorThread, type ExecutorThreadOptions, type ThreadDeath } from './executorThread.js';
import type { News } from './news.js';
import type { ReceiptsProofsAnswer } from './receiptsProofs.js';
import { RestartBudget, type RestartLimits } from './restartBudget.js';
import { rankOf } from './runningWork.js';
import type {
  BuildRequest,
  BuildResult,
  CertifiedBlock,
  ChainHead,
  CommitResult,
  ContractKey,
  ExecuteResult,
  Executor,
  ReceiptRecord,
  Rehearsal,
  SenderReference,
  SimulationRequest,
  SimulationResult,
  StateProofAnswer,
  TransactionRecord,
} from './types.js';
import { buffersOf, packReferences } from './wire.js';

export interface ExecutorClientOptions extends Pick<ExecutorThreadOptions, 'genesis' | 'databasePath'> {
  /** The executor has stopped for good: end the process. Called at most once. */
  readonly onFatal: (error: CodedError) => void;
  /** Told each time the executor begins anew at the last commit, before it does. */
  readonly onRestart?: (restart: ExecutorRestart) => void;
  /** Told what the executor counted and noted. */
  readonly onNews?: (news: News) => void;
  /** Whether somebody waits for proofs: then a commit's result brings the block's receipts with it. */
  readonly wantsReceipts?: () => boolean;
  /** Heap of the executor's thread in MiB. */
  readonly maxHeapMb?: number;
  /** How often it may begin anew; more stops the node. */
  readonly restarts?: RestartLimits;
  /** Another entry of the thread: tests put one that fails there. */
  readonly workerUrl?: URL;
}

const DEFAULT_WORKER = new URL('./executorWorker.js', import.meta.url);
const DEFAULT_HEAP_MB = 4_096;
const DEFAULT_RESTARTS: RestartLimits = { count: 24, windowMs: 600_000 };
/** Threads that simulations may end before none is run for a while: far fewer than what stops the node. */
const SIMULATION_DEATHS: RestartLimits = { count: 3, windowMs: 600_000 };
/** Times that one request is asked again because the thread began anew for the sake of others. */
const MAX_ATTEMPTS = 4;

/** Requests that wait for a new thread. */
const MAX_WAITING = 1_024;

/**
 * The executor as the main thread sees it: every call crosses to the executor's own thread and back. What breaks the
 * executor itself (PROTOCOL §Running a transaction) never becomes a result: on an undecided block the block is refused
 * and a new thread begins at the last commit; on a decided one, and where storage fails, the node stops.
 */
export class ExecutorClient implements Executor {
  readonly #options: ExecutorClientOptions;
  readonly #threadOptions: ExecutorThreadOptions;
  readonly #budget: RestartBudget;
  readonly #simulations = new RestartBudget(SIMULATION_DEATHS);
  readonly #builds = new ExecutorBuilds({
    ask: (prepare) => this.#ask('build', prepare),
    beginAnew: (restart) => this.#beginAnew(restart),
  });
  /** The newest, whether or not it serves. */
  #newest: ExecutorThread;
  /** Undefined while one begins. */
  #serving: ExecutorThread | undefined;
  #restart: Promise<void> | undefined;
  #waiting = 0;
  #head: ChainHead | undefined;
  /** What ended it. */
  #failure: CodedError | undefined;
  #state: 'new' | 'running' | 'stopping' | 'ended' = 'new';

  constructor(options: ExecutorClientOptions) {
    const { genesis, databasePath, maxHeapMb = DEFAULT_HEAP_MB, workerUrl = DEFAULT_WORKER } = options;
    this.#options = options;
    this.#threadOptions = { genesis, databasePath, maxHeapMb, workerUrl };
    this.#budget = new RestartBudget(options.restarts ?? DEFAULT_RESTARTS);
    this.#newest = this.#createThread();
  }

  async start(): Promise<CommitResult> {
    const wire = await this.#newest.call('start', []).catch((error: unknown) => {
      throw this.#failure ?? error;
    });
    this.#serving = this.#newest;
    this.#state = 'running';
    return this.#follow(wire);
  }

  async stop(): Promise<void> {
    if (this.#state !== 'ended') this.#state = 'stopping';
    this.#serving = undefined;
    await this.#restart;
    try {
      await this.#newest.retire();
    } finally {
      this.#state = 'ended';
    }
  }

  build(request: BuildRequest): Promise<BuildResult> {
    return this.#builds.build(request);
  }

  rehearse(request: BuildRequest): Promise<Rehearsal> {
    return this.#builds.rehearse(request);
  }

  async execute(block: Block): Promise<ExecuteResult> {
    try {
      const result = await this.#ask('execute', () => {
        const bytes = blockToWire(block);
        return { args: [bytes], transfer: [bytes.buffer] };
      });
      if (!result.valid && result.code === 'HOST_EXCEPTION') {
        const { message: cause, transactionId } = result;
        this.#beginAnew({ cause, transactionIds: transactionId === undefined ? [] : [transactionId] });
      }
      return result;
    } catch (error) {
      if (!isHostException(error)) throw error;
      const [transactionId] = transactionsOf(error);
      const { code, message } = error;
      return { valid: false, code, message, ...(transactionId === undefined ? {} : { transactionId }) };
    }
  }

  /** Mostly the thread has executed the block, and needs no more than its name. */
  async commit(block: Block, certificate: Certificate): Promise<CommitResult> {
    const blockHash = headerHash(block.header);
    const encoded = encodeCertificate(certificate);
    const known = await this.#ask('commitExecuted', () => ({ args: [blockHash, encoded, this.#wantsReceipts()] }));
    return this.#follow(known ?? (await this.#commitUnknown(block, encoded)));
  }

  #wantsReceipts(): boolean {
    return this.#options.wantsReceipts?.() ?? false;
  }

  #commitUnknown(block: Block, certificate: Uint8Array): Promise<WireCommitResult> {
    return this.#ask('commit', () => {
      const bytes = blockToWire(block);
      return { args: [bytes, certificate, this.#wantsReceipts()], transfer: [bytes.buffer] };
    });
  }

  async commitAll(blocks: readonly CertifiedBlock[]): Promise<readonly CommitResult[]> {
    const results = await this.#ask('commitAll', () => {
      const wire = blocks.map(certifiedToWire);
      return { args: [wire], transfer: wire.map(([block]) => block.buffer) };
    });
    return results.map((result) => this.#follow(result));
  }

  head(): ChainHead {
    invariant(this.#head !== undefined, 'the executor has started before its head is asked for');
    return this.#head;
  }

  async blocks(fromHeight: number, maxCount: number, maxBytes: number) {
    const found = await this.#ask('blocks', () => ({ args: [fromHeight, maxCount, maxBytes] }));
    return found.map(certifiedFromWire);
  }

  blockHash(height: number): Promise<Hash | undefined> {
    return this.#ask('blockHash', () => ({ args: [height] }));
  }

  receipt(transactionId: Hash): Promise<ReceiptRecord | undefined> {
    return this.#ask('receipt', () => ({ args: [transactionId] }));
  }

  proof(transactionId: Hash, outcomeReference?: string): Promise<FinalityProof | undefined> {
    return this.#ask('proof', () => ({ args: [transactionId, outcomeReference] }));
  }

  proofs(transactionIds: readonly Hash[]): Promise<readonly BlockProofs[]> {
    return this.#ask('proofs', () => ({ args: [transactionIds] }));
  }

  receiptsProofs(transactionIds: readonly Hash[], since: number): Promise<ReceiptsProofsAnswer> {
    return this.#ask('receiptsProofs', () => ({ args: [transactionIds, since] }));
  }

  transaction(transactionId: Hash): Promise<TransactionRecord | undefined> {
    return this.#ask('transaction', () => ({ args: [transactionId] }));
  }

  outcomes(transactionId: Hash): Promise<readonly Outcome[] | undefined> {
    return this.#ask('outcomes', () => ({ args: [transactionId] }));
  }

  referenceOwner(sender: Address, reference: Uint8Array): Promise<Hash | undefined> {
    return this.#ask('referenceOwner', () => ({ args: [sender, reference] }));
  }

  referenceOwners(references: readonly SenderReference[]): Promise<readonly (Hash | undefined)[]> {
    return this.#ask('referenceOwners', () => {
      const packed = packReferences(references);
      return { args: [packed], transfer: buffersOf(packed.references) };
    });
  }

  view(contract: string, method: string, args: Uint8Array): Promise<Uint8Array> {
    return this.#ask('view', () => ({ args: [contract, method, args] }));
  }

  async simulate(request: SimulationRequest): Promise<SimulationResult> {
    if (this.#simulations.isSpent(performance.now())) throw suspended(SIMULATION_DEATHS);
    return this.#ask('simulate', () => ({ args: [request] }));
  }

  finalityUpdate(sinceHeight: number): Promise<FinalityUpdate | undefined> {
    return this.#ask('finalityUpdate', () => ({ args: [sinceHeight] }));
  }

  stateProof(keys: readonly ContractKey[]): Promise<StateProofAnswer> {
    return this.#ask('stateProof', () => ({ args: [keys] }));
  }

  #follow(wire: WireCommitResult): CommitResult {
    const result = commitResultFromWire(wire);
    this.#head = result.head;
    return result;
  }

  /** Asks the thread that serves, or the next one; again where a thread ended for the sake of another request. */
  async #ask<M extends ExecutorMethod>(method: M, prepare: () => Prepared<M>): Promise<ExecutorCalls[M]['result']> {
    for (let attempt = 1; ; attempt++) {
      if (this.#serving === undefined) await this.#untilServing();
      const thread = this.#serving;
      if (thread === undefined) throw workerDied('no thread');
      const { args, transfer } = prepare();
      try {
        return await thread.call(method, args, transfer);
      } catch (error) {
        if (!isRestarted(error) || attempt === MAX_ATTEMPTS) throw error;
      }
    }
  }

  /** @throws ExecutionError `EXECUTOR_BUSY` */
  async #untilServing(): Promise<void> {
    if (this.#waiting >= MAX_WAITING) throw tooManyWaiting(MAX_WAITING);
    this.#waiting++;
    try {
      await this.#restart;
    } finally {
      this.#waiting--;
    }
  }

  #createThread(): ExecutorThread {
    const thread: ExecutorThread = new ExecutorThread(this.#threadOptions, {
      onNews: (news) => this.#options.onNews?.(news),
      onFatal: (error) => this.#fail(error),
      onDeath: (death) => this.#onDeath(thread, death),
    });
    return thread;
  }

  #onDeath(thread: ExecutorThread, death: ThreadDeath): void {
    const { kind, cause, isOutOfMemory, transactionId } = death;
    const wasServing = thread === this.#serving;
    const isUndecided = kind === 'undecided' || rankOf(kind) !== 'urgent';
    if (kind === 'simulation') this.#simulations.spend(performance.now());
    if (wasServing && (isUndecided || (kind === 'idle' && isOutOfMemory))) {
      this.#beginAnew({ cause, transactionIds: transactionId === undefined ? [] : [transactionId] });
      return;
    }
    this.#fail(workerDied(kind === 'idle' ? cause : `${cause}, during ${kind} work`));
  }

  /** A new thread at the last commit takes the place of the one that serves, which may live or be dead. */
  #beginAnew(restart: ExecutorRestart): void {
    const old = this.#serving;
    if (old === undefined || this.#state !== 'running') return;
    this.#serving = undefined;
    if (!this.#budget.spend(performance.now())) {
      this.#fail(tooOften(this.#options.restarts ?? DEFAULT_RESTARTS, restart.cause));
      return;
    }
    this.#options.onRestart?.(restart);
    this.#restart = this.#replace(old).catch((error: unknown) => this.#fail(asCoded(error)));
  }

  async #replace(old: ExecutorThread): Promise<void> {
    await old.retire();
    if (this.#state !== 'running') return;
    this.#newest = this.#createThread();
    const { head } = commitResultFromWire(await this.#newest.call('start', []));
    invariant(equalBytes(head.blockHash, this.head().blockHash), 'an executor begins anew where it ended', {
      expected: toHex(this.head().blockHash),
      actual: toHex(head.blockHash),
    });
    if (this.#state === 'running') this.#serving = this.#newest;
  }

  /** Once and for all: a death that nobody asked for ends the node. */
  #fail(error: CodedError): void {
    this.#serving = undefined;
    if (this.#state === 'ended') return;
    const wasExpected = this.#state === 'stopping';
    this.#state = 'ended';
    this.#failure = error;
    if (!wasExpected) this.#options.onFatal(error);
  }
}

function isRestarted(error: unknown): boolean {
  return isCodedError(error) && error.code === 'EXECUTOR_RESTARTED';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function asCoded(error: unknown): CodedError {
  return isCodedError(error) && !isHostException(error) ? error : workerDied(messageOf(error));
}
