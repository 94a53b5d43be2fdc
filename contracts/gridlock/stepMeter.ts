import { GridlockError } from './errors.js';

/**
 * Counts the work of a run. A step stands for a bounded piece of work, so that a contract can charge fuel for each; a run
 * with the same input and the same number of steps does the same work everywhere.
 */
export class StepMeter {
  private used = 0;

  /** @param parent every step is taken from it as well */
  constructor(
    private readonly maxSteps: number,
    private readonly parent?: StepMeter,
  ) {}

  get spent(): number {
    return this.used;
  }

  get left(): number {
    const left = this.maxSteps - this.used;
    return this.parent === undefined ? left : Math.min(left, this.parent.left);
  }

  /** A meter for a part of the work, of `maxSteps` or of what is left where that is less. */
  part(maxSteps: number): StepMeter {
    return new StepMeter(Math.min(maxSteps, this.left), this);
  }

  /** Takes the steps, or none of them where not enough are left. */
  trySpend(steps: number): boolean {
    if (this.left < steps) return false;
    this.take(steps);
    return true;
  }

  /** For work that must not be left undone. @throws GridlockError `STEPS_EXHAUSTED` */
  spend(steps: number): void {
    if (this.trySpend(steps)) return;
    const expected = `at least ${this.spent + steps} steps`;
    throw new GridlockError('STEPS_EXHAUSTED', `steps: expected ${expected}, found ${this.maxSteps}`, {
      path: 'steps',
      expected,
      actual: String(this.maxSteps),
      hint: 'give more steps, or fewer payments',
    });
  }

  private take(steps: number): void {
    this.used += steps;
    this.parent?.take(steps);
  }
}
