/** How a life ends: the page cache of the machine survives a killed process, and nothing unsynced survives a power cut. */
export type Death = 'kill' | 'power';

export interface Plan {
  readonly point: number;
  readonly death: Death;
  /** Points of sending that it still lives through. */
  readonly sends?: number;
}

/**
 * One run of a node's process. Whatever the node does to the world passes through here and is numbered, so that it can
 * die exactly before or after any of it; what a dead one still does has no effect, and what it waits for never comes.
 */
export class Life {
  isAlive = true;
  /** Operations so far: on disk, database and network, each with a point before and one after it. */
  points = 0;
  /** The point at which it dies, and how; with `sends` only what leaves it counts. */
  plan: Plan | undefined;

  constructor(private readonly onDeath: (death: Death) => void) {}

  /** Passes a point at which it may die. @returns false when it is dead */
  passes(kind: 'disk' | 'send'): boolean {
    if (!this.isAlive) return false;
    this.points++;
    if (this.plan?.sends !== undefined && kind === 'send') this.plan = { ...this.plan, sends: this.plan.sends - 1 };
    if (this.plan !== undefined && this.points >= this.plan.point && (this.plan.sends ?? 0) <= 0) {
      const { death } = this.plan;
      this.plan = undefined;
      this.onDeath(death);
    }
    return this.isAlive;
  }
}

/** What a dead process waits for. */
export function never<T>(): Promise<T> {
  return new Promise(() => {});
}
