import { LIMITS } from '../../primitives/limits.js';
import type { ContractEvent } from '../../primitives/types.js';
import { ContractFailure } from '../api/failure.js';
import type { RunEnvironment, RunPrincipal } from './environment.js';
import { FuelMeter, OutOfFuel } from './fuelMeter.js';
import { HOST_LIMITS } from './fuelSchedule.js';

/** Where a run can be taken back to. */
export interface RunMark {
  readonly state: number;
  readonly usedOnce: number;
  readonly events: number;
  readonly outcomes: number;
  readonly receiptBytes: number;
  readonly frames: number;
  /** Attempts that were open. */
  readonly attempts: number;
}

/** Room for everything of a receipt but its events, results and error data. */
const RECEIPT_OVERHEAD_BYTES = 1_024;
export const MAX_RECEIPT_CONTENT_BYTES = LIMITS.receiptBytes - RECEIPT_OVERHEAD_BYTES;

/** What all frames of one transaction share: its fuel, what it has written, and what its receipt will say. */
export class TransactionRun {
  readonly environment: RunEnvironment;
  readonly principal: RunPrincipal;
  readonly fuel: FuelMeter;
  readonly events: ContractEvent[] = [];
  /** Encoded, in the payments' order. */
  readonly outcomes: Uint8Array[] = [];
  /** Contracts that are running, the outermost first. */
  readonly frames: string[] = [];
  receiptBytes = 0;
  /** Attempts inside each other, over all frames, each with where it began. */
  readonly attempts: RunMark[] = [];
  guestDepthLeft: number = HOST_LIMITS.guestDepth;
  /** The first thing that broke the executor itself rather than the transaction, whoever caught it since. */
  hostException: unknown;

  constructor(environment: RunEnvironment, principal: RunPrincipal, fuelLimit: number) {
    this.environment = environment;
    this.principal = principal;
    this.fuel = new FuelMeter(fuelLimit);
  }

  mark(): RunMark {
    const { state, usedOnce } = this.environment;
    return {
      state: state.savepoint(),
      usedOnce: usedOnce.savepoint(),
      events: this.events.length,
      outcomes: this.outcomes.length,
      receiptBytes: this.receiptBytes,
      frames: this.frames.length,
      attempts: this.attempts.length,
    };
  }

  keep(mark: RunMark): void {
    this.environment.state.release(mark.state);
    this.environment.usedOnce.release(mark.usedOnce);
  }

  /** Takes back everything since the mark, attempts that are still open first: inner marks end before outer ones. */
  takeBack(mark: RunMark): void {
    while (this.attempts.length > mark.attempts) this.#end(this.attempts.pop() as RunMark);
    this.#end(mark);
    const { registry, governance, contracts } = this.environment;
    registry.onRollback?.();
    governance.onRollback?.();
    contracts.onRollback?.();
    this.events.length = mark.events;
    this.outcomes.length = mark.outcomes;
    this.receiptBytes = mark.receiptBytes;
    this.frames.length = mark.frames;
  }

  /** Keeps what the body does, or takes it all back and throws on. */
  within<T>(body: () => T): T {
    const mark = this.mark();
    let result: T;
    try {
      result = body();
    } catch (error) {
      this.requireResult(error);
      this.takeBack(mark);
      throw error;
    }
    this.keep(mark);
    return result;
  }

  /**
   * Gives the body at most so much of the fuel that is left. When it used that up, and not all that there was, nothing of it
   * remains, and the answer is undefined: who gave the fuel goes on.
   */
  withinFuel<T>(units: number, body: () => T): T | undefined {
    const mark = this.mark();
    this.fuel.beginPart(units);
    let result: T | undefined;
    let thrown: unknown;
    try {
      result = body();
    } catch (error) {
      this.requireResult(error);
      thrown = error;
    }
    if (this.fuel.endPart()) {
      this.takeBack(mark);
      return undefined;
    }
    if (thrown === undefined) {
      this.keep(mark);
      return result;
    }
    this.takeBack(mark);
    throw thrown;
  }

  /**
   * Lets failures and used-up fuel pass. After anything else the overlay is thrown away as a whole: nothing that it holds
   * can be trusted any more.
   *
   * @throws the error, which broke the executor itself
   */
  requireResult(error: unknown): void {
    if (error instanceof ContractFailure || error instanceof OutOfFuel) return;
    this.hostException ??= error;
    throw error;
  }

  onWrite(contract: string): void {
    const { registry, governance, contracts } = this.environment;
    registry.onWrite?.(contract);
    governance.onWrite?.(contract);
    contracts.onWrite?.(contract);
  }

  #end(mark: RunMark): void {
    this.environment.state.rollback(mark.state);
    this.environment.usedOnce.rollback(mark.usedOnce);
  }
}
