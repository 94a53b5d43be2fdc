import type { TimerHandle, Timers } from '../../../../node/engine/timers.js';

interface ManualTimer {
  readonly dueMs: number;
  readonly callback: () => void;
}

/** A clock that stands still until the test moves it. */
export class ManualTimers implements Timers {
  private readonly timers = new Set<ManualTimer>();

  constructor(private nowMs = 1_790_000_000_000) {}

  now(): number {
    return this.nowMs;
  }

  monotonic(): number {
    return this.nowMs;
  }

  set(callback: () => void, delayMs: number): TimerHandle {
    const timer = { dueMs: this.nowMs + delayMs, callback };
    this.timers.add(timer);
    return { id: timer };
  }

  clear({ id }: TimerHandle): void {
    this.timers.delete(id as ManualTimer);
  }

  get pending(): number {
    return this.timers.size;
  }

  /** Moves the clock and runs what is due, in the order of its time. */
  advance(byMs: number): void {
    const endMs = this.nowMs + byMs;
    for (;;) {
      const [next] = [...this.timers].filter(({ dueMs }) => dueMs <= endMs).sort((a, b) => a.dueMs - b.dueMs);
      if (next === undefined) break;
      this.timers.delete(next);
      this.nowMs = Math.max(this.nowMs, next.dueMs);
      next.callback();
    }
    this.nowMs = endMs;
  }
}

/** Lets everything that waits for nothing but its turn run. */
export async function settle(turns = 20): Promise<void> {
  for (let i = 0; i < turns; i++) await new Promise((resolve) => setImmediate(resolve));
}
