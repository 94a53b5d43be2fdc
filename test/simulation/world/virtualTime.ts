import { EventQueue } from './eventQueue.js';

/** Something that happens later, unless it is cancelled. */
export interface Scheduled {
  isCancelled: boolean;
  readonly run: () => void;
}

/**
 * The one clock of a simulated world, and everything that is still to happen in it. Between two events everything that
 * hangs on promises alone is carried to its end; nothing else may take time.
 */
export class VirtualTime {
  /** Milliseconds since the world began; fractions are told apart. */
  nowMs = 0;
  /** Events that happened. */
  events = 0;
  /** A digest of when each event happened: two runs of one seed have the same. */
  trace = 0x811c9dc5;
  readonly #queue = new EventQueue<Scheduled>();

  after(delayMs: number, run: () => void): Scheduled {
    const scheduled = { isCancelled: false, run };
    this.#queue.push(this.nowMs + Math.max(0, delayMs), scheduled);
    return scheduled;
  }

  /** Resolves after a while. */
  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => this.after(delayMs, resolve));
  }

  /** Lets the next event happen, and what follows from it. @returns false when nothing is to come any more */
  async step(): Promise<boolean> {
    for (let next = this.#queue.pop(); next !== undefined; next = this.#queue.pop()) {
      if (next.value.isCancelled) continue;
      this.nowMs = next.atMs;
      this.events++;
      this.note(Math.floor(next.atMs * 1_000));
      next.value.run();
      await new Promise((resolve) => setImmediate(resolve));
      return true;
    }
    return false;
  }

  /** Makes a number part of the trace. */
  note(value: number): void {
    this.trace = Math.imul(this.trace ^ (value | 0), 0x01000193) >>> 0;
  }
}
