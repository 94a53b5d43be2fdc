import { OutOfFuel } from '../../../contracts/runtime/fuelMeter.js';
import { GUEST_LIMITS } from '../../../sandbox/limits.js';
import type { GuestMeter } from '../../../sandbox/types.js';

/** A meter of its own for each run, as a transaction's is. */
export class TestMeter implements GuestMeter {
  fuelLeft: number;
  depthLeft: number;
  readonly #limit: number;

  constructor(limit = 1_000_000_000, depth: number = GUEST_LIMITS.callDepth) {
    this.#limit = limit;
    this.fuelLeft = limit;
    this.depthLeft = depth;
  }

  get used(): number {
    return this.#limit - this.fuelLeft;
  }

  charge(units: number): void {
    if (units > this.fuelLeft) {
      this.fuelLeft = 0;
      throw new OutOfFuel();
    }
    this.fuelLeft -= units;
  }
}
