/** Time as the engine sees it; a simulator gives its own. */
export interface Timers {
  /** Consensus time: milliseconds since 1970-01-01. */
  now(): number;
  /** Milliseconds that never run backwards, for durations. */
  monotonic(): number;
  /** Calls back once after `delayMs`. @returns what `clear` takes */
  set(callback: () => void, delayMs: number): TimerHandle;
  clear(handle: TimerHandle): void;
}

export interface TimerHandle {
  readonly id: unknown;
}

/** Longer delays overflow what the runtime can hold and would fire at once. */
const MAX_DELAY_MS = 2_147_483_647;

/** The machine's clock and timers. A running timer does not keep the process alive. */
export const systemTimers: Timers = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  set: (callback, delayMs) => {
    const timer = setTimeout(callback, Math.min(Math.max(0, Math.ceil(delayMs)), MAX_DELAY_MS));
    timer.unref();
    return { id: timer };
  },
  clear: ({ id }) => {
    clearTimeout(id as NodeJS.Timeout);
  },
};
