/** Values that may stand in an error's details: what a machine, not only a person, should be able to read. */
export type DetailValue = string | number | boolean | null | readonly DetailValue[];

/** What was expected, what was found, and what to do about it; further fields as the code needs them. */
export interface ErrorDetails {
  readonly expected?: string;
  readonly actual?: string;
  readonly hint?: string;
  readonly [field: string]: DetailValue | undefined;
}

/**
 * The one base of every error that Vostro raises on purpose: a stable code, a sentence for a person, and details for a
 * machine. Each room extends it with its own union of codes.
 */
export class CodedError<Code extends string = string> extends Error {
  readonly code: Code;
  readonly details: ErrorDetails;

  constructor(code: Code, message: string, details: ErrorDetails = {}) {
    super(message);
    this.name = new.target.name;
    this.code = code;
    this.details = details;
  }
}

/** A broken invariant: a programmer's error. The node stops on it, it never guesses. */
export class InvariantError extends CodedError<'INVARIANT_BROKEN'> {
  constructor(message: string, details: ErrorDetails = {}) {
    super('INVARIANT_BROKEN', message, details);
  }
}

/** Stops with an InvariantError unless the condition holds. Stays on in production. */
export function invariant(condition: unknown, message: string, details: ErrorDetails = {}): asserts condition {
  if (!condition) throw new InvariantError(message, details);
}

/** True for any error of ours, whichever room raised it. */
export function isCodedError(error: unknown): error is CodedError {
  return error instanceof CodedError;
}
