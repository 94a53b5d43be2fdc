import { CodedError } from '../../primitives/errors.js';

/**
 * PROTOCOL §Running a transaction R2. Ends what has used up its fuel: the transaction, or the call that was given a part of it. It is no ContractFailure on
 * purpose: `attempt` never catches it, and a contract that catches it by hand gains nothing, because the meter stays
 * exhausted.
 */
export class OutOfFuel extends CodedError<'OUT_OF_FUEL'> {
  constructor() {
    super('OUT_OF_FUEL', 'the transaction, or a call with a limit of its own, used up its fuel');
  }
}

/**
 * Counts one transaction's fuel down. Once exhausted it stays so: every later charge throws again. A call may be given a
 * part of what is left; using that up exhausts the meter only until the call ends.
 */
export class FuelMeter {
  readonly limit: number;
  #left: number;
  /** What must stay for whoever gave the innermost part away. */
  #floor = 0;
  /** The floors of the parts around it, the outermost first. */
  readonly #outer: number[] = [];
  /** How many parts were given away when the innermost was used up; undefined while there is fuel. */
  #exhaustedAt: number | undefined;

  constructor(limit: number) {
    this.limit = limit;
    this.#left = limit;
  }

  /** True when the transaction itself has used up its fuel. */
  get exhausted(): boolean {
    return this.#exhaustedAt === 0;
  }

  /** The whole limit once exhausted: nothing that comes after the refused operation may change the number. */
  get used(): number {
    return this.limit - this.#left;
  }

  /** What the innermost part has left. */
  get left(): number {
    return this.#left - this.#floor;
  }

  /** `units` is a non-negative integer. @throws OutOfFuel */
  charge(units: number): void {
    if (this.#exhaustedAt !== undefined) throw new OutOfFuel();
    if (units > this.#left - this.#floor) {
      this.#exhaustedAt = this.#outer.length;
      this.#left = this.#floor;
      throw new OutOfFuel();
    }
    this.#left -= units;
  }

  /** From here to `endPart` at most `units` are used, or as many as are left. `units` is a non-negative integer. */
  beginPart(units: number): void {
    this.#outer.push(this.#floor);
    this.#floor = Math.max(this.#floor, this.#left - units);
  }

  /** @returns true when the part was used up while what is around it has fuel left: that can go on */
  endPart(): boolean {
    const level = this.#outer.length;
    const partFloor = this.#floor;
    this.#floor = this.#outer.pop() ?? 0;
    if (this.#exhaustedAt !== level) return false;
    // A part as large as the whole is the whole: that is used up with it.
    const isWhole = partFloor === this.#floor;
    this.#exhaustedAt = isWhole ? level - 1 : undefined;
    return !isWhole;
  }
}
