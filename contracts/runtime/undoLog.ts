import { invariant } from '../../primitives/errors.js';
import type { RunSavepoints } from './environment.js';

/** Savepoints inside each other: a block's transaction, its calls, a payment of a batch. */
const MAX_SAVEPOINTS = 64;

/**
 * What to take back, step by step, for savepoints that nest. Nothing is recorded while no savepoint is open, and nothing
 * is copied when one is opened: a savepoint costs a number.
 */
export class UndoLog<Step> implements RunSavepoints {
  readonly #undo: (step: Step) => void;
  readonly #steps: Step[] = [];
  readonly #marks: number[] = [];

  constructor(undo: (step: Step) => void) {
    this.#undo = undo;
  }

  /** True when changes are recorded: what a step takes to make can be left out otherwise. */
  get isOpen(): boolean {
    return this.#marks.length > 0;
  }

  record(step: Step): void {
    if (this.isOpen) this.#steps.push(step);
  }

  savepoint(): number {
    invariant(this.#marks.length < MAX_SAVEPOINTS, 'savepoints nest only so deep');
    this.#marks.push(this.#steps.length);
    return this.#marks.length;
  }

  rollback(mark: number): void {
    const steps = this.#end(mark);
    while (this.#steps.length > steps) this.#undo(this.#steps.pop() as Step);
  }

  release(mark: number): void {
    this.#end(mark);
    if (this.#marks.length === 0) this.#steps.length = 0;
  }

  #end(mark: number): number {
    invariant(mark === this.#marks.length, 'the innermost savepoint ends first');
    return this.#marks.pop() as number;
  }
}
