import { Worker } from 'node:worker_threads';
import type { CheckSegment } from './checkQueue.js';

export interface WorkerHandleEvents {
  /** The answers of the oldest running job. */
  onAnswers(segments: readonly CheckSegment[], answers: Uint8Array): void;
  /** The thread ended by itself, or answered what it was not asked; told once. */
  onDeath(reason: string): void;
}

/** One worker thread and the jobs that it was given, answered in their order. */
export class WorkerHandle {
  private readonly worker: Worker;
  private jobs: { readonly segments: readonly CheckSegment[]; readonly checks: number }[] = [];
  private checks = 0;
  private dead = false;

  constructor(
    url: URL,
    private readonly events: WorkerHandleEvents,
  ) {
    this.worker = new Worker(url, { name: 'vostro-signatures' });
    this.worker.on('message', (answers: unknown) => this.onMessage(answers));
    this.worker.on('messageerror', (error) => this.die(error.message));
    this.worker.on('error', (error) => this.die(error.message));
    this.worker.on('exit', (code) => this.die(`it exited with code ${code}`));
  }

  get runningJobs(): number {
    return this.jobs.length;
  }

  /** Checks that it was given and has not answered. */
  get runningChecks(): number {
    return this.checks;
  }

  /** Hands a packed job over; the buffer belongs to the thread from then on. */
  run(segments: readonly CheckSegment[], packed: Uint8Array<ArrayBuffer>): void {
    let checks = 0;
    for (const segment of segments) checks += segment.count;
    this.jobs.push({ segments, checks });
    this.checks += checks;
    this.worker.postMessage(packed, [packed.buffer]);
  }

  /** Gives back the jobs that have no answer, and forgets them. */
  takeJobs(): readonly (readonly CheckSegment[])[] {
    const jobs = this.jobs;
    this.jobs = [];
    this.checks = 0;
    return jobs.map((job) => job.segments);
  }

  async terminate(): Promise<void> {
    this.dead = true;
    await this.worker.terminate();
  }

  private onMessage(answers: unknown): void {
    if (this.dead) return;
    const job = this.jobs.shift();
    if (job === undefined || !(answers instanceof Uint8Array) || answers.length !== job.checks) {
      if (job !== undefined) this.jobs.unshift(job);
      this.die('it gave an answer of another shape than its job');
      return;
    }
    this.checks -= job.checks;
    this.events.onAnswers(job.segments, answers);
  }

  private die(reason: string): void {
    if (this.dead) return;
    this.dead = true;
    void this.worker.terminate();
    this.events.onDeath(reason);
  }
}
