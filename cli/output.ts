import type { ErrorDetails } from '../primitives/errors.js';
import { isCodedError } from '../primitives/errors.js';
import { EXIT, exitCodeOf } from './exitCodes.js';

/** Version of the envelope; it changes when a field of it changes its meaning. */
export const ENVELOPE_VERSION = 1;

export interface EnvelopeError {
  readonly code: string;
  readonly message: string;
  readonly details: ErrorDetails;
}

/** What `--json` prints, always: one object, the same fields, whether it worked or not. */
export interface Envelope {
  readonly schemaVersion: typeof ENVELOPE_VERSION;
  readonly success: boolean;
  readonly data: unknown;
  readonly errors: readonly EnvelopeError[];
  readonly warnings: readonly string[];
}

/** Where a command's words go; `process.stdout` and `process.stderr` outside tests. */
export interface Streams {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown; readonly isTTY?: boolean };
}

/** What a command gives back: data for programs, text for people, and what went wrong in part of it. */
export interface CommandResult {
  /** Becomes JSON; amounts are strings, bigints become strings. */
  readonly data: unknown;
  /** For people, without the last line's end. */
  readonly text: string;
  readonly warnings?: readonly string[];
  /** Faults of a command that did part of its work; the worst of them is the exit code. */
  readonly errors?: readonly Error[];
}

/** Prints one command's result on stdout, in JSON or for people, and everything else on stderr. */
export class Output {
  constructor(
    private readonly streams: Streams,
    readonly json: boolean,
  ) {}

  /** Words of progress for people; nothing in JSON mode. */
  note(text: string): void {
    if (!this.json) this.streams.stderr.write(`${text}\n`);
  }

  /** Part of the result of a command that goes on; nothing in JSON mode, where there is one result. */
  show(text: string): void {
    if (!this.json) this.streams.stdout.write(`${text}\n`);
  }

  /** Prints the result. @returns the exit code. */
  result(result: CommandResult): number {
    const errors = result.errors ?? [];
    const warnings = result.warnings ?? [];
    if (this.json) this.envelope(result.data, errors, warnings);
    else {
      if (result.text !== '') this.streams.stdout.write(`${result.text}\n`);
      for (const warning of warnings) this.streams.stderr.write(`warning: ${warning}\n`);
      for (const error of errors) this.explain(error);
    }
    return errors.length === 0 ? EXIT.ok : Math.max(...errors.map(exitCodeOf));
  }

  /** Prints a failure. @returns the exit code. */
  failure(error: unknown): number {
    if (this.json) this.envelope(null, [error], []);
    else this.explain(error);
    return exitCodeOf(error);
  }

  private envelope(data: unknown, errors: readonly unknown[], warnings: readonly string[]): void {
    const envelope: Envelope = {
      schemaVersion: ENVELOPE_VERSION,
      success: errors.length === 0,
      data,
      errors: errors.map(describeError),
      warnings,
    };
    this.streams.stdout.write(`${JSON.stringify(envelope, jsonValue, 2)}\n`);
  }

  private explain(error: unknown): void {
    const { code, message, details } = describeError(error);
    this.streams.stderr.write(`error ${code}: ${message}\n`);
    if (details.hint !== undefined) this.streams.stderr.write(`  ${details.hint}\n`);
    const id = details['transactionId'];
    if (typeof id === 'string' && !message.includes(id)) this.streams.stderr.write(`  transaction ${id}\n`);
    if (exitCodeOf(error) === EXIT.bug && error instanceof Error && error.stack !== undefined) {
      this.streams.stderr.write(`${error.stack}\n`);
    }
  }
}

/** An error as the envelope shows it; one that is not ours is a bug, and named so. */
export function describeError(error: unknown): EnvelopeError {
  if (isCodedError(error)) return { code: error.code, message: error.message, details: error.details };
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'INTERNAL_ERROR',
    message,
    details: { hint: 'this is a bug of vostro: please report it with the command that you ran' },
  };
}

function jsonValue(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
