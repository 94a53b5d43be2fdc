import { mismatch } from '../../contracts/api/schema.js';
import { SEPARATOR } from '../guest/operations.js';

/** How many lines a text has: at least one. */
export function linesOf(text: string): number {
  let count = 1;
  for (let at = text.indexOf(SEPARATOR); at >= 0; at = text.indexOf(SEPARATOR, at + 1)) count += 1;
  return count;
}

/**
 * What a guest writes: one line for each scalar, in the order of the schema. A list begins with its count, an optional value
 * with 0 or 1. No text of any schema holds a line feed, so that one that does is told by its lines. PROTOCOL §Sandbox Z2
 */
export class Lines {
  readonly #lines: readonly string[];
  #at = 0;

  constructor(text: string) {
    this.#lines = text.split(SEPARATOR);
  }

  get hasMore(): boolean {
    return this.#at < this.#lines.length;
  }

  /** @throws SchemaError where there is none */
  next(): string {
    const line = this.#lines[this.#at];
    if (line === undefined) throw mismatch('one more line', 'none');
    this.#at += 1;
    return line;
  }

  /** A count from 0 up, as JavaScript writes it. */
  count(): number {
    const line = this.next();
    const count = Number(line);
    if (Number.isSafeInteger(count) && count >= 0 && `${count}` === line) return count;
    throw mismatch('a count', line);
  }

  /** Ends the reading: nothing may be left. Nothing at all is one empty line. @throws SchemaError */
  done(): void {
    const isEmpty = this.#at === 0 && this.#lines[0] === '' && this.#lines.length === 1;
    if (this.#at !== this.#lines.length && !isEmpty) throw mismatch('no more lines', 'some');
  }
}
