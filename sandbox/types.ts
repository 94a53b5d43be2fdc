import type { Hash } from '../primitives/bytes.js';

/**
 * Counts what a guest uses. One unit of its fuel is one of the transaction's (PROTOCOL §Fuel); the depth is that of calls
 * inside the WebAssembly module, shared by all guests of a transaction that are running inside each other.
 */
export interface GuestMeter {
  readonly fuelLeft: number;
  /** @throws whatever ends the transaction when there is less left */
  charge(units: number): void;
  depthLeft: number;
}

/**
 * Answers one operation of a guest: texts in, a text out. What it throws reaches the guest as an exception that it may
 * catch, but for what ends the transaction: that ends the guest, and is thrown on by `run`.
 */
export type GuestOperation = (operation: number, first: string, second: string) => string;

/** A program whose top level has run: every call begins from the memory that it had then. */
export interface LoadedGuest {
  /** Units that loading took: a function of engine and program alone. */
  readonly loadFuel: number;
  /**
   * Calls the program's entry with a text and gives the text that it returns, in an instance that no other call sees.
   *
   * @throws GuestFault where the guest ended in any way but by returning a text; what `meter` or `operation` throws to end it
   */
  run(input: string, operation: GuestOperation, meter: GuestMeter): string;
}

/** One version of the engine: WebAssembly module, instrumentation, prices and the runtime that every program finds. */
export interface SandboxEngine {
  readonly version: number;
  /** Covers everything on which a result depends. The chain names it, and a node with another one does not run. */
  readonly hash: Hash;
  /** Runs a program's top level, metered. @throws GuestFault */
  load(program: string, fuelLimit: number): LoadedGuest;
}
