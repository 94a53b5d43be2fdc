import type { StateEntry, StateKey } from '../../contracts/api/host.js';

/** Fewer of them in one range are read alone again: a row of their chunk would cost more. */
const MIN_OF_RANGE = 8;
/** Until the next commit, which writes them. */
const MAX_VALUES = 2_048;

/** Values that ranges of the committed state had to read alone, though their own rows have them: the next commit lists them. */
export class QuietValues {
  readonly #values = new Map<StateKey, Uint8Array>();

  /** What one range has found. */
  add(found: readonly StateEntry[]): void {
    if (found.length < MIN_OF_RANGE) return;
    for (const { key, value } of found.slice(0, MAX_VALUES - this.#values.size)) this.#values.set(key, value);
  }

  /** One that changes. */
  forget(key: StateKey): void {
    if (this.#values.size > 0) this.#values.delete(key);
  }

  /** All of them, once: what comes later is of another state. */
  take(): readonly StateEntry[] {
    const taken = Array.from(this.#values, ([key, value]) => ({ key, value }));
    this.#values.clear();
    return taken;
  }
}
