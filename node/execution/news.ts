import type { MetricLabels } from '../ops/ports.js';

/** Something that an operator may want to read, as a log has it. */
export interface ExecutionEvent {
  readonly event: 'sandbox.program_loaded' | 'sandbox.program_refused' | 'sandbox.contract_faulted';
  readonly fields: Readonly<Record<string, string | number>>;
}

export interface CountedSeries {
  readonly name: string;
  readonly labels: MetricLabels;
  readonly by: number;
}

/** What the executor counted and noted since it was last asked. */
export interface News {
  readonly counts: readonly CountedSeries[];
  readonly events: readonly ExecutionEvent[];
  /** Events that found no room. */
  readonly lostEvents: number;
}

/** Of one request: a block of faults must not fill a log. */
const MAX_EVENTS = 16;

/** Gathers what the executor's thread has to tell, until somebody carries it over. It never changes a result. */
export class ExecutionNews {
  readonly #counts = new Map<string, CountedSeries>();
  #events: ExecutionEvent[] = [];
  #lostEvents = 0;

  /** There are as many series as names and values of labels, which are few. */
  count(name: string, by = 1, labels: MetricLabels = {}): void {
    const key = `${name}${JSON.stringify(labels)}`;
    this.#counts.set(key, { name, labels, by: (this.#counts.get(key)?.by ?? 0) + by });
  }

  note(event: ExecutionEvent): void {
    if (this.#events.length < MAX_EVENTS) this.#events.push(event);
    else this.#lostEvents++;
  }

  /** Everything since the last time; undefined where there is nothing. */
  take(): News | undefined {
    if (this.#counts.size === 0 && this.#events.length === 0) return undefined;
    const news = { counts: [...this.#counts.values()], events: this.#events, lostEvents: this.#lostEvents };
    this.#counts.clear();
    this.#events = [];
    this.#lostEvents = 0;
    return news;
  }
}
