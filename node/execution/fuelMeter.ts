import { CodedError } from '../../primitives/errors.js';

/**
 * PROTOCOL §Running a transaction R2. Ends a transaction that has used up its fuel. It is no ContractFailure on purpose: `attempt` never catches it, and a
 * contract that catches it by hand gains nothing, because the meter stays exhausted.
 */
export class OutOfFuel extends CodedError<'OUT_OF_FUEL'> {
  constructor() {
    super('OUT_OF_FUEL', 'the transaction used up its fuel');
  }
}

/** Counts one transaction's fuel down. Once exhausted it stays so: every later charge throws again. */
export class FuelMeter {
  readonly limit: number;
  #left: number;
  #exhausted = false;

  constructor(limit: number) {
    this.limit = limit;
    this.#left = limit;
  }

  get exhausted(): boolean {
    return this.#exhausted;
  }

  /** The whole limit once exhausted: nothing that comes after the refused operation may change the number. */
  get used(): number {
    return this.#exhausted ? this.limit : this.limit - this.#left;
  }

  /** `units` is a non-negative integer. @throws OutOfFuel */
  charge(units: number): void {
    if (this.#exhausted || units > this.#left) {
      this.#exhausted = true;
      throw new OutOfFuel();
    }
    this.#left -= units;
  }
}
