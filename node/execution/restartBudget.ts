export interface RestartLimits {
  readonly count: number;
  readonly windowMs: number;
}

/** How often something may be begun anew before whoever watches it gives up: a count within a sliding window. */
export class RestartBudget {
  readonly #limits: RestartLimits;
  readonly #spentAtMs: number[] = [];

  constructor(limits: RestartLimits) {
    this.#limits = limits;
  }

  /** @returns false when nothing is left */
  spend(nowMs: number): boolean {
    if (this.isSpent(nowMs)) return false;
    this.#spentAtMs.push(nowMs);
    return true;
  }

  /** True while nothing is left. */
  isSpent(nowMs: number): boolean {
    const { count, windowMs } = this.#limits;
    while (this.#spentAtMs.length > 0 && (this.#spentAtMs[0] as number) <= nowMs - windowMs) this.#spentAtMs.shift();
    return this.#spentAtMs.length >= count;
  }
}
