import { readFile, rm } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { BenchError } from '../errors.js';
import { answerFile, type NodeAnswer } from './threadAnswers.js';

const POLL_MS = 10;

/** A running node that was started with an instrument in its threads. */
export class InstrumentedNode {
  #questions = 0;

  constructor(private readonly options: { readonly name: string; readonly home: string; readonly pid: number }) {}

  get pid(): number {
    return this.options.pid;
  }

  /** Asks every thread of the node. @throws BenchError `NETWORK_NOT_READY` when not all have answered in time */
  async ask(timeoutMs: number): Promise<NodeAnswer> {
    const { name, home, pid } = this.options;
    const file = answerFile(home, ++this.#questions);
    process.kill(pid, 'SIGUSR2');
    for (const deadlineMs = performance.now() + timeoutMs; performance.now() < deadlineMs; await sleep(POLL_MS)) {
      const text = await readFile(file, 'utf8').catch(() => undefined);
      if (text === undefined) continue;
      await rm(file);
      return JSON.parse(text) as NodeAnswer;
    }
    throw new BenchError('NETWORK_NOT_READY', `the threads of ${name} have not answered within ${timeoutMs} ms`, {});
  }
}
