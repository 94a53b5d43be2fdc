import { Worker } from 'node:worker_threads';
import type { StateKey } from '../../contracts/api/host.js';
import type { Genesis } from '../../genesis/types.js';
import type { Hash } from '../../primitives/bytes.js';
import { encodeCertificate } from '../../primitives/certificate.js';
import { type CodedError, invariant } from '../../primitives/errors.js';
import type { Address, Block, BlockProofs, Certificate, FinalityProof, Outcome } from '../../primitives/types.js';
import { ExecutionError } from './errors.js';
import {
  blockFromWire,
  blockToWire,
  certifiedFromWire,
  certifiedToWire,
  commitResultFromWire,
  type ExecutorCalls,
  type ExecutorMethod,
  type ExecutorWorkerData,
  fromWireError,
  type ReplyMessage,
  type WireCommitResult,
} from './executorProtocol.js';
import type {
  BuildRequest,
  BuildResult,
  CertifiedBlock,
  ChainHead,
  CommitResult,
  ExecuteResult,
  Executor,
  ReceiptRecord,
  SenderReference,
  StateProofAnswer,
  TransactionRecord,
} from './types.js';
import { buffersOf, ownBytes, packBytes } from './wire.js';

export interface ExecutorClientOptions {
  readonly genesis: Genesis;
  readonly databasePath: string;
  /** The executor has stopped for good: end the process. Called at most once. */
  readonly onFatal: (error: CodedError) => void;
  /** Heap of the executor's thread in MiB. */
  readonly maxHeapMb?: number;
  /** Another entry of the thread: tests put one that fails there. */
  readonly workerUrl?: URL;
}

const DEFAULT_WORKER = new URL('./executorWorker.js', import.meta.url);
const DEFAULT_HEAP_MB = 4_096;
const STACK_MB = 8;
/** Requests under way; the executor ranks and bounds them once more. */
const MAX_IN_FLIGHT = 1_024;

interface InFlight {
  resolve(result: unknown): void;
  reject(error: Error): void;
}

/** The executor as the main thread sees it: every call crosses to the executor's own thread and back. */
export class ExecutorClient implements Executor {
  readonly #options: ExecutorClientOptions;
  readonly #worker: Worker;
  readonly #inFlight = new Map<number, InFlight>();
  #nextId = 0;
  #head: ChainHead | undefined;
  #state: 'running' | 'stopping' | 'ended' = 'running';

  constructor(options: ExecutorClientOptions) {
    this.#options = options;
    const { genesis, databasePath, maxHeapMb = DEFAULT_HEAP_MB, workerUrl = DEFAULT_WORKER } = options;
    const workerData: ExecutorWorkerData = { genesis, databasePath };
    this.#worker = new Worker(workerUrl, {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMb, stackSizeMb: STACK_MB },
    });
    this.#worker.on('message', (message: ReplyMessage) => this.#onMessage(message));
    this.#worker.on('error', (error) => this.#end(workerDied(error.message)));
    this.#worker.on('exit', (code) => this.#end(workerDied(`exit code ${code}`)));
  }

  async start(): Promise<CommitResult> {
    return this.#follow(await this.#call('start', []));
  }

  async stop(): Promise<void> {
    try {
      if (this.#state !== 'running') return;
      this.#state = 'stopping';
      await this.#call('stop', []);
    } finally {
      this.#end(new ExecutionError('EXECUTOR_NOT_RUNNING', 'the executor was stopped'));
      await this.#worker.terminate();
    }
  }

  async build({ transactions, ...request }: BuildRequest): Promise<BuildResult> {
    const packed = packBytes(transactions);
    const { block, ...rest } = await this.#call('build', [{ ...request, transactions: packed }], buffersOf(packed));
    return { ...rest, block: blockFromWire(block) };
  }

  async execute(block: Block): Promise<ExecuteResult> {
    const bytes = blockToWire(block);
    return this.#call('execute', [bytes], [bytes.buffer]);
  }

  async commit(block: Block, certificate: Certificate): Promise<CommitResult> {
    const bytes = blockToWire(block);
    return this.#follow(await this.#call('commit', [bytes, encodeCertificate(certificate)], [bytes.buffer]));
  }

  async commitAll(blocks: readonly CertifiedBlock[]): Promise<readonly CommitResult[]> {
    const wire = blocks.map(certifiedToWire);
    const results = await this.#call(
      'commitAll',
      [wire],
      wire.map(([block]) => block.buffer),
    );
    return results.map((result) => this.#follow(result));
  }

  head(): ChainHead {
    invariant(this.#head !== undefined, 'the executor has started before its head is asked for');
    return this.#head;
  }

  async blocks(fromHeight: number, maxCount: number, maxBytes: number) {
    const found = await this.#call('blocks', [fromHeight, maxCount, maxBytes]);
    return found.map(certifiedFromWire);
  }

  blockHash(height: number): Promise<Hash | undefined> {
    return this.#call('blockHash', [height]);
  }

  receipt(transactionId: Hash): Promise<ReceiptRecord | undefined> {
    return this.#call('receipt', [transactionId]);
  }

  proof(transactionId: Hash, outcomeReference?: string): Promise<FinalityProof | undefined> {
    return this.#call('proof', [transactionId, outcomeReference]);
  }

  proofs(transactionIds: readonly Hash[]): Promise<readonly BlockProofs[]> {
    return this.#call('proofs', [transactionIds]);
  }

  transaction(transactionId: Hash): Promise<TransactionRecord | undefined> {
    return this.#call('transaction', [transactionId]);
  }

  outcomes(transactionId: Hash): Promise<readonly Outcome[] | undefined> {
    return this.#call('outcomes', [transactionId]);
  }

  referenceOwner(sender: Address, reference: Uint8Array): Promise<Hash | undefined> {
    return this.#call('referenceOwner', [sender, reference]);
  }

  referenceOwners(references: readonly SenderReference[]): Promise<readonly (Hash | undefined)[]> {
    return this.#call('referenceOwners', [references]);
  }

  view(contract: string, method: string, args: Uint8Array): Promise<Uint8Array> {
    return this.#call('view', [contract, method, args]);
  }

  stateProof(contract: string, key: StateKey): Promise<StateProofAnswer> {
    return this.#call('stateProof', [contract, key]);
  }

  #follow(wire: WireCommitResult): CommitResult {
    const result = commitResultFromWire(wire);
    this.#head = result.head;
    return result;
  }

  #call<M extends ExecutorMethod>(
    method: M,
    args: ExecutorCalls[M]['args'],
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<ExecutorCalls[M]['result']> {
    if (this.#state === 'ended') return Promise.reject(workerDied('no thread'));
    if (this.#inFlight.size >= MAX_IN_FLIGHT) return Promise.reject(tooMany());
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#inFlight.set(id, { resolve: resolve as (result: unknown) => void, reject });
      this.#worker.postMessage({ id, method, args: ownBytes(args) }, transfer);
    });
  }

  #onMessage(message: ReplyMessage): void {
    if (message.kind === 'fatal') {
      this.#end(fromWireError(message.error));
      return;
    }
    const waiting = this.#inFlight.get(message.id);
    this.#inFlight.delete(message.id);
    if (message.kind === 'result') waiting?.resolve(message.result);
    else waiting?.reject(fromWireError(message.error));
  }

  /** Once and for all: nothing that waits is ever answered, and a death that nobody asked for ends the node. */
  #end(error: CodedError): void {
    if (this.#state === 'ended') return;
    const wasExpected = this.#state === 'stopping';
    this.#state = 'ended';
    for (const waiting of this.#inFlight.values()) waiting.reject(error);
    this.#inFlight.clear();
    if (!wasExpected) this.#options.onFatal(error);
  }
}

function workerDied(actual: string): ExecutionError {
  return new ExecutionError('WORKER_DIED', `expected the executor's thread to run, found it ended: ${actual}`, {
    expected: 'a running thread',
    actual,
    hint: 'start the node again: it goes on from the last committed block',
  });
}

function tooMany(): ExecutionError {
  return new ExecutionError('EXECUTOR_BUSY', `expected at most ${MAX_IN_FLIGHT} requests under way, found one more`, {
    expected: `at most ${MAX_IN_FLIGHT}`,
    actual: `${MAX_IN_FLIGHT + 1}`,
    hint: 'try again later, or ask another node',
  });
}
