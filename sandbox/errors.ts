import { CodedError, type ErrorDetails } from '../primitives/errors.js';

export type SandboxErrorCode =
  /** A WebAssembly module that ends early or does not parse. */
  | 'WASM_MALFORMED'
  /** A section, an opcode or a shape of module that the instrumenter does not know, and so cannot price. */
  | 'WASM_UNSUPPORTED'
  /** The file is not the one that this engine is pinned to. */
  | 'ENGINE_BINARY_UNKNOWN'
  /** The engine's own scripts do not run: a programmer's error. */
  | 'ENGINE_BROKEN'
  /** The build has another engine than the version names. */
  | 'ENGINE_UNPINNED'
  /** More guests inside each other than the engine keeps instances for. */
  | 'ENGINE_EXHAUSTED';

/** What keeps an engine from being made or from going on: never a result of a guest. */
export class SandboxError extends CodedError<SandboxErrorCode> {}

/** PROTOCOL §Sandbox X6. How a guest can end other than by a text, in the order of their numbers. */
export const GUEST_FAULT_REASONS = [
  /** Loading took more fuel than it was given; a call that does ends by its meter. */
  'loadFuel',
  /** Calls inside WebAssembly, or QuickJS's own stack, went deeper than allowed. */
  'callDepth',
  /** An allocation was refused, and nothing in the guest caught it. */
  'memory',
  /** Any other exception that nothing in the guest caught. */
  'exception',
  /** There is no entry, or it returned something other than a string. */
  'result',
  /** A string with a lone surrogate at the border. */
  'text',
  /** The WebAssembly module itself trapped. */
  'trap',
] as const;

export type GuestFaultReason = (typeof GUEST_FAULT_REASONS)[number];

/** What a person who debugs a guest wants to see. It is no part of any result. */
export interface GuestTrace {
  readonly name: string;
  readonly message: string;
  readonly stack: string;
}

/** A guest that ended in any way but by returning a text: the same on every node. Of it, only `reason` may reach a receipt. */
export class GuestFault extends CodedError<'GUEST_FAULT'> {
  readonly reason: GuestFaultReason;
  readonly trace: GuestTrace | undefined;

  constructor(reason: GuestFaultReason, trace?: GuestTrace, details: ErrorDetails = {}) {
    super('GUEST_FAULT', trace === undefined ? `the guest ended: ${reason}` : `${trace.name}: ${trace.message}`, {
      ...details,
      reason,
    });
    this.reason = reason;
    this.trace = trace;
  }
}

/**
 * What an operation throws so that the guest may catch it: there the text itself is thrown, a string. A ContractFailure
 * reaches the guest in the same way, as its code.
 */
export class GuestException extends CodedError<'GUEST_EXCEPTION'> {
  readonly text: string;

  constructor(text: string) {
    super('GUEST_EXCEPTION', text);
    this.text = text;
  }
}
