import { InvariantError } from '../../primitives/errors.js';
import { AFTER_FAILURE_MARK, OPERATION, SEPARATOR } from './operations.js';

/** What the engine puts into the guest's globals before this runtime: the one way out. */
declare const __vostroHost: (operation: number, first: string, second: string) => string;

const operate = __vostroHost;
const { parse, stringify } = JSON;

/** The host's answer. @throws ContractFailure when that is a failure */
export function ask(operation: number, first: string, second: string): string {
  const answer = operate(operation, first, second);
  // An answer that is one begins with no character below.
  if (answer < AFTER_FAILURE_MARK && answer !== '') throw new ContractFailure(answer);
  return answer;
}

export const parseText: (text: string) => unknown = parse;

/** For what is rare: QuickJS takes ten times as long to quote a text than to join it to another. */
export const jsonOf: (value: unknown) => string = stringify;

/** A host that answers what can only fail is none of ours. */
export function unanswered(): InvariantError {
  return new InvariantError('the host let pass what it has to refuse');
}

/** Ends the call: a value is none of its schema's. */
export function invalid(): never {
  ask(OPERATION.failApi, 'VALUE_INVALID', '{}');
  throw unanswered();
}

/**
 * A failure of this call, or of one inside it. The host keeps what it says; here is its number. It is an Error, but is not
 * made as one: QuickJS would write down the stack, which takes as long as a whole method.
 */
export class ContractFailure {
  readonly name = 'ContractFailure';
  readonly code: string;
  readonly message: string;
  readonly #number: string;
  #details: readonly [failedCall: string, data: string] | undefined;

  constructor(answer: string) {
    const end = answer.indexOf(' ');
    this.code = answer.slice(end + 1);
    this.message = this.code;
    this.#number = answer.slice(1, end);
  }

  get failedCall(): string {
    return this.#look()[0];
  }

  get data(): Uint8Array {
    return fromHex(this.#look()[1]);
  }

  /** The number of a failure of the host's, undefined for any other error. */
  static numberOf(error: unknown): string | undefined {
    return typeof error === 'object' && error !== null && #number in error ? error.#number : undefined;
  }

  #look(): readonly [failedCall: string, data: string] {
    this.#details ??= parseText(ask(OPERATION.failure, this.#number, '')) as [string, string];
    return this.#details;
  }
}

Object.setPrototypeOf(ContractFailure.prototype, Error.prototype);

/** Of ES2024, which QuickJS has. */
interface MaybeIllFormed {
  isWellFormed(): boolean;
}

/** A text from the guest's own code, as it may cross: one with a lone surrogate would end the guest. */
export function plainText(value: unknown): string {
  if (typeof value !== 'string') return invalid();
  return (value as unknown as MaybeIllFormed).isWellFormed() ? value : invalid();
}

export function plainNumber(value: unknown): string {
  return typeof value === 'number' ? `${value}` : invalid();
}

/** Count, then each of them. */
export function countedTexts(values: readonly unknown[]): string {
  if (!Array.isArray(values)) return invalid();
  let text = `${values.length}`;
  for (let i = 0; i < values.length; i++) text += SEPARATOR + plainText(values[i]);
  return text;
}

const DIGITS = '0123456789abcdef';

/** Lower-case hexadecimal with 0x. */
export function toHex(bytes: Uint8Array): string {
  let text = '0x';
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    text += (DIGITS[byte >> 4] as string) + (DIGITS[byte & 15] as string);
  }
  return text;
}

/** Bytes of what the host or `toHex` has written. */
export function fromHex(text: string): Uint8Array {
  const bytes = new Uint8Array((text.length - 2) >> 1);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = (digit(text.charCodeAt(2 + 2 * i)) << 4) | digit(text.charCodeAt(3 + 2 * i));
  }
  return bytes;
}

function digit(code: number): number {
  return code < 58 ? code - 48 : code - 87;
}
