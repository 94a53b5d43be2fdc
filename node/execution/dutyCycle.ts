/** Of the time, one part for the work and three for everything else. */
const CYCLE = 4;
/** Rests are taken when they add up to so much: short work is not slowed one by one. */
const LEAST_REST_MS = 4;

/**
 * Holds one kind of work to a quarter of the time: what took t is followed by a rest of at least 3 t. Times are
 * milliseconds of a clock that never runs backwards.
 */
export class DutyCycle {
  #restedAtMs = 0;
  #isResting = false;

  /** Notes work from one time to another. */
  note(fromMs: number, toMs: number): void {
    this.#restedAtMs = Math.max(this.#restedAtMs, fromMs) + CYCLE * (toMs - fromMs);
    this.#isResting = this.#restedAtMs - toMs >= LEAST_REST_MS;
  }

  /** How long the next one still has to wait, in milliseconds. */
  restMs(nowMs: number): number {
    if (this.#isResting && nowMs >= this.#restedAtMs) this.#isResting = false;
    return this.#isResting ? this.#restedAtMs - nowMs : 0;
  }
}
