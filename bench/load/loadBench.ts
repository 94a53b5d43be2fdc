import { BenchError } from '../errors.js';
import { type LoadMode, type LoadOptions, MAX_WINDOW_TRANSACTIONS } from '../options.js';
import type { LedgerCheck } from './ledger.js';
import { searchRate } from './rateSearch.js';
import { LoadSession, type SessionFigures } from './session.js';
import { isServed, type WindowKind, type WindowReport } from './windowReport.js';

/** No window of a mode's search begins after it. */
const SEARCH_BOUND_MS = 180_000;
const FIRST_RATE: Readonly<Record<LoadMode, number>> = { single: 1_000, batch: 20_000 };
/** Of a mode before its search, at its first rate. */
const LEAST_WARM_UP_SECONDS = 2;
/** A window that counts and is not served is run again at a lower rate, so often. */
const RETREATS = 4;
const RETREAT = 0.92;

export interface LoadReport {
  readonly session: SessionFigures;
  /** One payment at a time on a network that has nothing else to do; undefined where none was asked for. */
  readonly idle: WindowReport | undefined;
  readonly windows: readonly WindowReport[];
  readonly ledger: LedgerCheck;
  readonly nodes: number;
}

/**
 * Runs a network of its own under load and stops it. Every figure comes from verified proofs, and none is given when the
 * ledger does not agree with them.
 *
 * @param note takes progress for people
 * @throws BenchError; DevnetError
 */
export async function runLoadBench(options: LoadOptions, note: (text: string) => void): Promise<LoadReport> {
  const session = await LoadSession.start(options, note);
  const interrupted = interruption();
  const failed = session.failure();
  const work = new LoadBench(options, session, note).run();
  // Whichever is late has nobody who waits for it.
  for (const promise of [interrupted, failed, work]) promise.catch(() => undefined);
  try {
    return await Promise.race([work, interrupted, failed]);
  } finally {
    await session.stop();
  }
}

class LoadBench {
  readonly #windows: WindowReport[] = [];

  constructor(
    private readonly options: LoadOptions,
    private readonly session: LoadSession,
    private readonly note: (text: string) => void,
  ) {}

  async run(): Promise<LoadReport> {
    const { modes, idlePayments } = this.options;
    await this.#warmUp('single');
    const idle = idlePayments === 0 ? undefined : await this.session.idle(idlePayments);
    if (idle !== undefined) this.note(`idle: p50 ${idle.latency.p50Ms} ms, p99 ${idle.latency.p99Ms} ms`);
    const rates = new Map<LoadMode, number>();
    for (const mode of modes) {
      const rate = this.options.rate ?? (await this.#search(mode));
      if (rate !== undefined) rates.set(mode, rate);
    }
    // In turn, so that what drifts on the machine drifts for all of them alike.
    for (let repeat = 1; repeat <= this.options.repeats; repeat++) {
      for (const [mode, rate] of rates) rates.set(mode, await this.#measure(mode, rate, repeat));
    }
    const ledger = await this.session.check();
    return {
      session: this.session.figures,
      idle,
      windows: this.#windows,
      ledger,
      nodes: this.options.validators - this.options.dead,
    };
  }

  async #search(mode: LoadMode): Promise<number | undefined> {
    if (mode === 'batch') await this.#warmUp('batch');
    const { boundSeconds } = this.options;
    const transactions = mode === 'batch' ? this.options.batchSize : 1;
    return searchRate({
      firstRate: FIRST_RATE[mode],
      greatestRate: Math.floor((MAX_WINDOW_TRANSACTIONS * transactions) / this.#longestSeconds()),
      deadlineMs: performance.now() + SEARCH_BOUND_MS,
      nowMs: () => performance.now(),
      run: (rate) => this.#run('search', mode, rate, { seconds: boundSeconds, warmUpSeconds: 2, repeat: 1 }),
    });
  }

  #longestSeconds(): number {
    const { seconds, warmUpSeconds, boundSeconds } = this.options;
    return Math.max(seconds + warmUpSeconds, boundSeconds);
  }

  /** @returns the rate at which the network was served, or the lowest that was tried */
  async #measure(mode: LoadMode, first: number, repeat: number): Promise<number> {
    const { rate: fixed, halfOfSaturation, seconds, warmUpSeconds } = this.options;
    const times = { seconds, warmUpSeconds, repeat };
    let rate = first;
    if (fixed !== undefined) await this.#run('fixed', mode, rate, times);
    else {
      for (let attempt = 0; attempt < RETREATS; attempt++) {
        if ((await this.#run('saturation', mode, rate, times)).isServed) break;
        rate = Math.max(1, Math.round(rate * RETREAT));
      }
    }
    if (halfOfSaturation) await this.#run('half', mode, Math.max(1, Math.round(rate / 2)), times);
    return rate;
  }

  async #run(
    kind: WindowKind,
    mode: LoadMode,
    rate: number,
    times: Pick<WindowReport, 'seconds' | 'warmUpSeconds' | 'repeat'>,
  ) {
    const report = await this.session.window({ kind, mode, offeredPerSecond: rate, ...times });
    this.#windows.push(report);
    const { committed, offered, latency } = report;
    this.note(
      `${mode} ${rate}/s offered (${kind}): ${committed} of ${offered} proven, p50 ${latency.p50Ms} ms, p99 ${latency.p99Ms} ms`,
    );
    return { isServed: isServed(report), canGoOn: await this.session.settle() };
  }

  /** Load that does not count and is not told. */
  async #warmUp(mode: LoadMode): Promise<void> {
    const seconds = Math.max(LEAST_WARM_UP_SECONDS, Math.round(this.options.warmUpSeconds / 2));
    const rate = Math.min(this.options.rate ?? FIRST_RATE[mode], FIRST_RATE[mode]);
    const perSecond = mode === 'single' ? Math.min(rate, 250) : rate;
    const load = { kind: 'set-up', mode, offeredPerSecond: perSecond, seconds: 1, repeat: 1 } as const;
    await this.session.window({ ...load, warmUpSeconds: seconds });
    await this.session.settle();
  }
}

/** Rejects at the first Ctrl-C or polite request to end. */
function interruption(): Promise<never> {
  return new Promise((_, reject) => {
    const interrupt = (): void => reject(new BenchError('INTERRUPTED', 'interrupted: no figures', {}));
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, interrupt);
  });
}
