import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { BenchError } from '../../errors.js';
import type { LoadMode } from '../../options.js';
import type { ScheduleSpec } from '../schedule.js';
import { mergeTallies, type WindowTally } from '../windowTally.js';
import type { GeneratorAnswer, GeneratorOrder, GeneratorSetup } from './messages.js';

/** Signed transactions of a long window at a high rate take gigabytes. */
const HEAP_MB = 6_144;

/** Processes that load the network: they share the rate, and their tallies count as one. */
export class GeneratorPool {
  private constructor(private readonly generators: readonly GeneratorProcess[]) {}

  /** @throws BenchError `GENERATOR_FAILED` */
  static async start(count: number, setup: Omit<GeneratorSetup, 'name' | 'seed'>): Promise<GeneratorPool> {
    const pool = new GeneratorPool(Array.from({ length: count }, () => new GeneratorProcess()));
    try {
      await pool.#all((_, index) => ({ type: 'setUp', setup: { ...setup, name: `g${index}`, seed: 7 + index } }));
      return pool;
    } catch (error) {
      await pool.stop();
      throw error;
    }
  }

  get pids(): readonly number[] {
    return this.generators.map(({ pid }) => pid);
  }

  /** Signs what a run will send. @returns processor time that signing a transaction took, and transactions and bytes in all */
  async prepare(mode: LoadMode, spec: Omit<ScheduleSpec, 'share' | 'shares'>) {
    const shares = this.generators.length;
    const answers = await this.#all((_, share) => ({ type: 'prepare', mode, schedule: { ...spec, share, shares } }));
    const prepared = answers.flatMap((answer) => (answer.type === 'prepared' ? [answer] : []));
    const total = (pick: (answer: (typeof prepared)[number]) => number) =>
      prepared.reduce((sum, answer) => sum + pick(answer), 0);
    const transactions = total((answer) => answer.transactions);
    return {
      transactions,
      bytes: total(({ bytes }) => bytes),
      cpuUsPerTransaction: total(({ cpuUs }) => cpuUs) / Math.max(1, transactions),
    };
  }

  /** Sends what was signed, from a moment of `Date.now` on. */
  async run(startAtMs: number): Promise<WindowTally> {
    return tallyOf(await this.#all(() => ({ type: 'run', startAtMs })));
  }

  /** Settles payments one after the other, by the first generator alone. */
  async idle(payments: number, boundMs: number): Promise<WindowTally> {
    const first = this.generators[0] as GeneratorProcess;
    return tallyOf([await first.ask({ type: 'idle', payments, boundMs })]);
  }

  /** Rejects when a generator ends that was not asked to. */
  failure(): Promise<never> {
    return Promise.race(this.generators.map((generator) => generator.failure()));
  }

  async stop(): Promise<void> {
    await Promise.all(this.generators.map((generator) => generator.stop()));
  }

  #all(order: (generator: GeneratorProcess, index: number) => GeneratorOrder): Promise<GeneratorAnswer[]> {
    return Promise.all(this.generators.map((generator, index) => generator.ask(order(generator, index))));
  }
}

class GeneratorProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<void>;
  #isStopping = false;

  constructor() {
    this.#child = fork(fileURLToPath(new URL('./main.js', import.meta.url)), [], {
      execArgv: [...process.execArgv, `--max-old-space-size=${HEAP_MB}`],
      serialization: 'advanced',
    });
    this.#exited = new Promise((resolve) => this.#child.once('exit', () => resolve()));
  }

  get pid(): number {
    return this.#child.pid ?? 0;
  }

  /** @throws BenchError `GENERATOR_FAILED`, with the generator's own words */
  ask(order: GeneratorOrder): Promise<GeneratorAnswer> {
    return new Promise((resolve, reject) => {
      this.#child.once('message', (message) => {
        const answer = message as GeneratorAnswer;
        if (answer.type !== 'failed') return resolve(answer);
        const details = { actual: answer.code };
        reject(new BenchError('GENERATOR_FAILED', `a generator failed: ${answer.code}: ${answer.message}`, details));
      });
      this.#child.send(order, (error) => {
        if (error !== null) reject(new BenchError('GENERATOR_FAILED', `a generator is gone: ${error.message}`, {}));
      });
    });
  }

  async failure(): Promise<never> {
    await this.#exited;
    if (this.#isStopping) return new Promise(() => undefined);
    throw new BenchError('GENERATOR_FAILED', 'a generator has ended', { hint: 'did it run out of memory?' });
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    if (this.#child.connected) this.#child.disconnect();
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), 5_000);
    await this.#exited;
    clearTimeout(timer);
  }
}

function tallyOf(answers: readonly GeneratorAnswer[]): WindowTally {
  return mergeTallies(answers.flatMap((answer) => (answer.type === 'measured' ? [answer.tally] : [])));
}
