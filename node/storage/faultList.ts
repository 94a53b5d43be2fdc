/** Something that verification found wrong. */
export interface Fault {
  readonly code: string;
  readonly message: string;
}

/** The first faults of a verification: a broken disk has millions. */
export class FaultList {
  readonly #limit: number;
  readonly #faults: Fault[] = [];

  constructor(limit: number) {
    this.#limit = limit;
  }

  get faults(): readonly Fault[] {
    return this.#faults;
  }

  /** @returns false when it is full: the search may end */
  add(fault: Fault): boolean {
    if (this.#faults.length < this.#limit) this.#faults.push(fault);
    return this.#faults.length < this.#limit;
  }

  get isFull(): boolean {
    return this.#faults.length >= this.#limit;
  }
}
