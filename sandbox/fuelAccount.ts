import { InvariantError } from '../primitives/errors.js';
import { GUEST_PRICES } from './limits.js';
import type { QuickjsExports } from './quickjsExports.js';
import type { GuestMeter } from './types.js';

const { weightsPerUnit } = GUEST_PRICES;
/** More than any transaction has, and exact as a float however it is counted: months of running. */
const MAX_UNITS = 2 ** 48;

/**
 * PROTOCOL §Sandbox W4. Turns the weights that an instance counts into units of a transaction's fuel. A unit is charged as
 * soon as its first weight is used; what is left of it belongs to the same run.
 */
export class FuelAccount {
  readonly #exports: QuickjsExports;
  readonly #meter: GuestMeter;
  /** Weights that the instance was given when it last went on. */
  #given = 0;
  /** Weights that are charged and not used. */
  #prepaid = 0;
  /** Weights that the border used since. */
  #besides = 0;

  constructor(exports: QuickjsExports, meter: GuestMeter) {
    this.#exports = exports;
    this.#meter = meter;
  }

  /** Lets the instance go on with what the meter has left. */
  resume(depth: number): void {
    const left = this.#meter.fuelLeft;
    this.#given = (left < MAX_UNITS ? left : MAX_UNITS) * weightsPerUnit + this.#prepaid;
    this.#exports.vostro_arm(this.#given, depth);
  }

  /** Work of the border on behalf of the instance. */
  use(weight: number): void {
    this.#besides += weight;
  }

  /** Charges what was used since. @throws what the meter throws when it has less */
  settle(): void {
    const used = this.#given - this.#exports.vostro_fuel() + this.#besides;
    this.#besides = 0;
    this.#given = this.#exports.vostro_fuel();
    const units = used > this.#prepaid ? Math.ceil((used - this.#prepaid) / weightsPerUnit) : 0;
    this.#prepaid += units * weightsPerUnit - used;
    this.#meter.charge(units);
  }

  /** The instance has used all that it was given: so does the meter say. @throws what the meter throws */
  exhaust(): never {
    this.settle();
    throw new InvariantError('a guest used up its fuel, and its meter has some left');
  }
}
