import { Worker } from 'node:worker_threads';
import type { Genesis } from '../../genesis/types.js';
import { type Hash, toHex } from '../../primitives/bytes.js';
import { type CodedError, isCodedError } from '../../primitives/errors.js';
import { ExecutionError } from './errors.js';
import {
  type ExecutorCalls,
  type ExecutorMethod,
  type ExecutorWorkerData,
  fromWireError,
  type ReplyMessage,
} from './executorProtocol.js';
import type { News } from './news.js';
import type { RequestRank } from './requestQueue.js';
import { RunningWork, rankOf, type WorkKind } from './runningWork.js';
import { ownBytes } from './wire.js';

export interface ExecutorThreadOptions {
  readonly genesis: Genesis;
  readonly databasePath: string;
  readonly maxHeapMb: number;
  readonly workerUrl: URL;
}

/** What a thread was at when it ended without having been told to. */
export interface ThreadDeath {
  readonly kind: WorkKind;
  readonly transactionId: Hash | undefined;
  readonly cause: string;
  readonly isOutOfMemory: boolean;
}

export interface ExecutorThreadModules {
  /** What the executor counted and noted. */
  readonly onNews?: (news: News) => void;
  /** The executor itself says that it cannot go on. */
  readonly onFatal: (error: CodedError) => void;
  /** The thread is gone, and its database closed with it. Whoever waited was told before. */
  readonly onDeath: (death: ThreadDeath) => void;
}

interface InFlight {
  readonly method: ExecutorMethod;
  readonly resolve: (result: unknown) => void;
  readonly reject: (error: Error) => void;
}

const STACK_MB = 8;
/** Requests under way, above which queries are refused; what consensus asks always finds room, for it asks few at once. */
const MAX_IN_FLIGHT = 1_024;
const URGENT: ReadonlySet<ExecutorMethod> = new Set([
  'start',
  'stop',
  'build',
  'execute',
  'commit',
  'commitExecuted',
  'commitAll',
]);

/** One life of the executor's thread. */
export class ExecutorThread {
  readonly #modules: ExecutorThreadModules;
  readonly #worker: Worker;
  readonly #work = new RunningWork();
  readonly #inFlight = new Map<number, InFlight>();
  #nextId = 0;
  #state: 'running' | 'retiring' | 'ended' = 'running';
  #lastError: Error | undefined;

  constructor({ genesis, databasePath, maxHeapMb, workerUrl }: ExecutorThreadOptions, modules: ExecutorThreadModules) {
    this.#modules = modules;
    const workerData: ExecutorWorkerData = { genesis, databasePath, workMemory: this.#work.memory };
    this.#worker = new Worker(workerUrl, {
      workerData,
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMb, stackSizeMb: STACK_MB },
    });
    this.#worker.on('message', (message: ReplyMessage) => this.#onMessage(message));
    this.#worker.on('error', (error) => {
      this.#lastError = error;
    });
    // Only now has the thread let go of its database.
    this.#worker.on('exit', (code) => this.#onExit(code));
  }

  /**
   * @throws ExecutionError `EXECUTOR_BUSY`; `HOST_EXCEPTION` when the thread died of this request, `EXECUTOR_RESTARTED` when
   *   of another one; what the executor throws
   */
  call<M extends ExecutorMethod>(
    method: M,
    args: ExecutorCalls[M]['args'],
    transfer: readonly ArrayBuffer[] = [],
  ): Promise<ExecutorCalls[M]['result']> {
    if (this.#state === 'ended') return Promise.reject(restarted());
    if (this.#inFlight.size >= MAX_IN_FLIGHT && !URGENT.has(method)) return Promise.reject(tooMany());
    const id = this.#nextId++;
    return new Promise((resolve, reject) => {
      this.#inFlight.set(id, { method, resolve: resolve as (result: unknown) => void, reject });
      this.#worker.postMessage({ id, method, args: ownBytes(args) }, transfer);
    });
  }

  /** Closes the database in good order; what waits in the thread is interrupted. */
  async retire(): Promise<void> {
    try {
      if (this.#state !== 'running') return;
      this.#state = 'retiring';
      await this.call('stop', []);
    } catch (error) {
      // One that dies of its last work has stopped, too.
      if (!isCodedError(error) || error.code !== 'EXECUTOR_RESTARTED') throw error;
    } finally {
      this.#end(() => restarted());
      await this.#worker.terminate();
    }
  }

  #onMessage(message: ReplyMessage): void {
    if (message.kind === 'fatal') {
      const error = fromWireError(message.error);
      this.#end(() => error);
      this.#modules.onFatal(error);
      return;
    }
    if (message.news !== undefined) this.#modules.onNews?.(message.news);
    const waiting = this.#inFlight.get(message.id);
    this.#inFlight.delete(message.id);
    if (message.kind === 'result') waiting?.resolve(message.result);
    else waiting?.reject(this.#isInterrupted(message.error.code) ? restarted() : fromWireError(message.error));
  }

  #isInterrupted(code: string): boolean {
    return this.#state === 'retiring' && code === 'EXECUTOR_NOT_RUNNING';
  }

  #onExit(code: number): void {
    if (this.#state === 'ended') return;
    const { kind, transactionId } = this.#work;
    const cause = this.#lastError?.message ?? `exit code ${code}`;
    const death: ThreadDeath = { kind, transactionId, cause, isOutOfMemory: isOutOfMemory(this.#lastError) };
    const culprit = this.#oldest(kind);
    this.#end((waiting) => (waiting === culprit ? hostException(death) : restarted()));
    this.#modules.onDeath(death);
  }

  /** The request that ran: each rank is worked through in the order in which it was asked. */
  #oldest(kind: WorkKind): InFlight | undefined {
    if (kind === 'idle') return undefined;
    const rank = rankOf(kind);
    return [...this.#inFlight.values()].find(({ method }) => rankOfMethod(method) === rank);
  }

  #end(reason: (waiting: InFlight) => Error): void {
    this.#state = 'ended';
    const waiting = [...this.#inFlight.values()];
    this.#inFlight.clear();
    for (const one of waiting) one.reject(reason(one));
  }
}

function rankOfMethod(method: ExecutorMethod): RequestRank {
  if (URGENT.has(method)) return 'urgent';
  if (method === 'view') return 'view';
  return method === 'simulate' ? 'simulation' : 'query';
}

function isOutOfMemory(error: Error | undefined): boolean {
  return error !== undefined && 'code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY';
}

function hostException({ kind, transactionId, cause }: ThreadDeath): ExecutionError {
  const during = transactionId === undefined ? kind : `transaction ${toHex(transactionId)}`;
  return new ExecutionError('HOST_EXCEPTION', `the executor's thread died: ${cause}, during ${during}`, {
    expected: 'a thread that outlives its work',
    actual: cause,
    hint: 'the executor begins anew at the last commit; report what was asked for',
    ...(transactionId === undefined ? {} : { transactionId: toHex(transactionId) }),
  });
}

function restarted(): ExecutionError {
  return new ExecutionError(
    'EXECUTOR_RESTARTED',
    'the executor begins anew at the last commit, and forgot the request',
    {
      expected: 'an executor that goes on',
      actual: 'one that begins anew',
      hint: 'ask again',
    },
  );
}

function tooMany(): ExecutionError {
  return new ExecutionError('EXECUTOR_BUSY', `expected at most ${MAX_IN_FLIGHT} requests under way, found one more`, {
    expected: `at most ${MAX_IN_FLIGHT}`,
    actual: `${MAX_IN_FLIGHT + 1}`,
    hint: 'try again later, or ask another node',
  });
}
