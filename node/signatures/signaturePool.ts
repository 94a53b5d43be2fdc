import type { CodedError } from '../../primitives/errors.js';
import type { SignatureBackend } from '../../primitives/types.js';
import { CheckQueue, type CheckSegment, rejectRequest } from './checkQueue.js';
import { SignatureServiceError } from './errors.js';
import { isPackable, PACKED_CHECK_BYTES, packCheck } from './packedChecks.js';
import type { CheckPriority, SignatureCheck, SignatureVerifier } from './types.js';
import { WorkerHandle } from './workerHandle.js';

export interface SignaturePoolOptions {
  /** Threads; one checks about 23,000 signatures a second. */
  readonly workers?: number;
  /** Checks those few that find nothing to do here; undefined where that takes longer than to ask a thread. */
  readonly inlineBackend?: SignatureBackend | undefined;
  /** Checks in one job at most: fewer cost more in messages, more keep urgent ones waiting. */
  readonly jobChecks?: number;
  /** How long those gather that come after a job of few, unless they are many or one is urgent. */
  readonly gatherMs?: number;
  /** Checks that may wait, for each priority; a request that does not fit is refused with `VERIFIER_OVERLOADED`. */
  readonly maxQueuedChecks?: number;
  /** Deaths of workers in a row, with no job done between, after which the pool gives up. */
  readonly maxWorkerDeaths?: number;
  /** The worker's module; another one only in tests. */
  readonly workerUrl?: URL;
  /** Told of every worker that died, for the log; `final` when the pool gave up. */
  readonly onWorkerDeath?: (reason: string, final: boolean) => void;
}

export interface SignaturePoolStats {
  readonly queuedChecks: number;
  readonly runningJobs: number;
  readonly workerDeaths: number;
  readonly refusedChecks: number;
}

const DEFAULTS = { workers: 1, jobChecks: 128, gatherMs: 8, maxQueuedChecks: 65_536, maxWorkerDeaths: 5 } as const;
/**
 * A worker with fewer checks to do gets another job as soon as so many wait, so that it does not idle while the main
 * thread is busy. What is less waits for its answers: each message costs as much as three checks.
 */
const CHECKS_AHEAD = 64;
/** Checks of one request that are made inline, and of one turn: two wakings of threads cost as much. */
const INLINE_CHECKS = 4;
const INLINE_CHECKS_PER_TURN = 8;

/**
 * Checks signatures on worker threads. Checks that come in while the workers are busy share jobs, so single ones cost
 * little more than many, and where they come one after the other they gather for a moment; urgent ones (a proposed block's) go before all others and have a queue of their own, so that
 * no flood of submissions can hold up consensus. A few checks that come while nothing waits or runs are made inline: to
 * wake a thread and be woken by it costs about 160 µs of processor time, a check 45 µs.
 */
export class SignaturePool implements SignatureVerifier {
  private readonly options: Required<Omit<SignaturePoolOptions, 'onWorkerDeath' | 'inlineBackend'>>;
  private readonly inlineBackend: SignatureBackend | undefined;
  private readonly onWorkerDeath: SignaturePoolOptions['onWorkerDeath'];
  private readonly urgent: CheckQueue;
  private readonly normal: CheckQueue;
  private readonly workers = new Set<WorkerHandle>();
  private dispatchScheduled = false;
  /** Runs while checks gather. */
  private gathering: NodeJS.Timeout | undefined;
  private inlineLeft = INLINE_CHECKS_PER_TURN;
  private stopping: Promise<void> | undefined;
  private failure: SignatureServiceError | undefined;
  private deathsInARow = 0;
  private workerDeaths = 0;
  private refusedChecks = 0;

  constructor(options: SignaturePoolOptions = {}) {
    this.options = { ...DEFAULTS, workerUrl: new URL('./signatureWorker.js', import.meta.url), ...options };
    this.onWorkerDeath = options.onWorkerDeath;
    this.inlineBackend = options.inlineBackend;
    this.urgent = new CheckQueue(this.options.maxQueuedChecks);
    this.normal = new CheckQueue(this.options.maxQueuedChecks);
    for (let i = 0; i < this.options.workers; i++) this.startWorker();
  }

  /** One answer for each check, in order. @throws SignatureServiceError with any of its `VERIFIER_…` codes. */
  async verifyMany(checks: readonly SignatureCheck[], priority: CheckPriority = 'normal'): Promise<readonly boolean[]> {
    if (this.failure !== undefined) throw this.failure;
    if (this.stopping !== undefined) throw stopped();
    const answers = new Array<boolean>(checks.length).fill(false);
    const positions: number[] = [];
    for (const [position, check] of checks.entries()) if (isPackable(check)) positions.push(position);
    if (positions.length === 0) return answers;
    if (this.checkInline(checks, positions, answers)) return answers;
    const queue = priority === 'urgent' ? this.urgent : this.normal;
    if (!queue.hasRoom(positions.length)) {
      this.refusedChecks += positions.length;
      throw overloaded(queue, positions.length);
    }
    await new Promise<void>((resolve, reject) => {
      queue.push({ checks, positions, answers, unanswered: positions.length, settled: false, resolve, reject });
      this.scheduleDispatch();
    });
    return answers;
  }

  stats(): SignaturePoolStats {
    return {
      queuedChecks: this.queuedChecks,
      runningJobs: this.runningJobs,
      workerDeaths: this.workerDeaths,
      refusedChecks: this.refusedChecks,
    };
  }

  /** Ends the threads; checks that wait or run are rejected with `VERIFIER_STOPPED`. */
  stop(): Promise<void> {
    this.stopping ??= this.endWorkers();
    return this.stopping;
  }

  private get queuedChecks(): number {
    return this.urgent.size + this.normal.size;
  }

  private get runningJobs(): number {
    let jobs = 0;
    for (const worker of this.workers) jobs += worker.runningJobs;
    return jobs;
  }

  /** @returns false where a thread is to be asked */
  private checkInline(checks: readonly SignatureCheck[], positions: readonly number[], answers: boolean[]): boolean {
    const { inlineBackend } = this;
    if (inlineBackend === undefined || positions.length > Math.min(INLINE_CHECKS, this.inlineLeft)) return false;
    if (this.queuedChecks > 0 || this.runningJobs > 0) return false;
    if (this.inlineLeft === INLINE_CHECKS_PER_TURN) {
      setImmediate(() => {
        this.inlineLeft = INLINE_CHECKS_PER_TURN;
      });
    }
    this.inlineLeft -= positions.length;
    for (const position of positions) {
      const { signature, digest, publicKey } = checks[position] as SignatureCheck;
      answers[position] = inlineBackend.verify(signature, digest, publicKey);
    }
    return true;
  }

  private async endWorkers(): Promise<void> {
    const workers = [...this.workers];
    this.workers.clear();
    clearTimeout(this.gathering);
    this.rejectQueued(stopped());
    await Promise.all(
      workers.map(async (worker) => {
        for (const segments of worker.takeJobs()) rejectSegments(segments, stopped());
        await worker.terminate();
      }),
    );
  }

  private startWorker(): void {
    const worker: WorkerHandle = new WorkerHandle(this.options.workerUrl, {
      onAnswers: (segments, answers) => {
        this.deathsInARow = 0;
        answerSegments(segments, answers);
        this.dispatch();
      },
      onDeath: (reason) => this.replaceWorker(worker, reason),
    });
    this.workers.add(worker);
  }

  private replaceWorker(worker: WorkerHandle, reason: string): void {
    if (!this.workers.delete(worker)) return;
    this.workerDeaths++;
    this.deathsInARow++;
    const final = this.deathsInARow >= this.options.maxWorkerDeaths;
    const error = workerDied(reason, final);
    for (const segments of worker.takeJobs()) rejectSegments(segments, error);
    if (!final) this.startWorker();
    else if (this.workers.size === 0) {
      this.failure = error;
      this.rejectQueued(error);
    }
    this.onWorkerDeath?.(reason, this.failure !== undefined);
    this.scheduleDispatch();
  }

  /** Once a turn, so that requests made one after the other share a job. */
  private scheduleDispatch(): void {
    if (this.dispatchScheduled) return;
    this.dispatchScheduled = true;
    queueMicrotask(() => {
      this.dispatchScheduled = false;
      this.dispatch();
    });
  }

  private dispatch(): void {
    if (this.gathering !== undefined && this.urgent.size === 0 && this.queuedChecks < CHECKS_AHEAD) return;
    for (const worker of this.workers) {
      while (this.wantsJob(worker)) {
        const share = Math.ceil(this.queuedChecks / this.workers.size);
        const segments: CheckSegment[] = [];
        const taken = this.urgent.take(Math.min(share, this.options.jobChecks), segments);
        this.normal.take(Math.min(share, this.options.jobChecks) - taken, segments);
        if (segments.length === 0) return;
        const job = packSegments(segments);
        worker.run(segments, job);
        if (job.length < CHECKS_AHEAD * PACKED_CHECK_BYTES) this.gather();
      }
    }
  }

  private gather(): void {
    this.gathering ??= setTimeout(() => {
      this.gathering = undefined;
      this.dispatch();
    }, this.options.gatherMs);
  }

  private wantsJob(worker: WorkerHandle): boolean {
    if (worker.runningJobs === 0) return true;
    return worker.runningChecks < CHECKS_AHEAD && this.queuedChecks >= CHECKS_AHEAD;
  }

  private rejectQueued(error: CodedError): void {
    this.urgent.rejectAll(error);
    this.normal.rejectAll(error);
  }
}

function packSegments(segments: readonly CheckSegment[]): Uint8Array<ArrayBuffer> {
  let count = 0;
  for (const segment of segments) count += segment.count;
  const job = new Uint8Array(count * PACKED_CHECK_BYTES);
  let index = 0;
  for (const { request, from, count: segmentCount } of segments) {
    for (let i = from; i < from + segmentCount; i++) {
      packCheck(job, index++, request.checks[request.positions[i] as number] as SignatureCheck);
    }
  }
  return job;
}

function answerSegments(segments: readonly CheckSegment[], answers: Uint8Array): void {
  let index = 0;
  for (const { request, from, count } of segments) {
    for (let i = from; i < from + count; i++) {
      request.answers[request.positions[i] as number] = answers[index++] === 1;
    }
    request.unanswered -= count;
    if (request.unanswered === 0 && !request.settled) {
      request.settled = true;
      request.resolve();
    }
  }
}

function rejectSegments(segments: readonly CheckSegment[], error: CodedError): void {
  for (const { request } of segments) rejectRequest(request, error);
}

function stopped(): SignatureServiceError {
  return new SignatureServiceError('VERIFIER_STOPPED', 'the signature verifier was stopped', {
    hint: 'the node is shutting down; send again when it is up',
  });
}

function overloaded(queue: CheckQueue, wanted: number): SignatureServiceError {
  return new SignatureServiceError(
    'VERIFIER_OVERLOADED',
    `${queue.size} signature checks wait already and ${wanted} more exceed the limit of ${queue.maxChecks}`,
    {
      expected: `at most ${queue.maxChecks} waiting checks`,
      actual: `${queue.size} + ${wanted}`,
      hint: 'send again later, or give the node more signature workers',
    },
  );
}

function workerDied(reason: string, final: boolean): SignatureServiceError {
  return new SignatureServiceError('VERIFIER_FAILED', `a signature worker died: ${reason}`, {
    actual: reason,
    hint: final ? 'too many workers died in a row: the node must be restarted' : 'a new worker was started; try again',
  });
}
