import { CodedError } from './errors.js';

/** `0x` and lower-case digits, two for a byte. */
export type Hex = `0x${string}`;

/** 32 bytes. */
export type Hash = Uint8Array;

const DIGIT_CODES: Uint8Array = Uint8Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
/** Value of a digit by its code, upper or lower case; 255 for what is none. */
const DIGIT_VALUES: Uint8Array = new Uint8Array(128).fill(255);
DIGIT_CODES.forEach((code, value) => {
  DIGIT_VALUES[code] = value;
  if (value >= 10) DIGIT_VALUES[code - 32] = value;
});

/** Up to here an array of codes beats a typed one and a decoder. */
const SHORT_BYTES = 128;
const asciiDecoder = new TextDecoder('utf-8');

/** Lower-case hexadecimal with `0x`; one flat string, not a chain of concatenations, as keys of maps should be. */
export function toHex(bytes: Uint8Array): Hex {
  return (bytes.length <= SHORT_BYTES ? shortHex(bytes, 0, bytes.length) : longHex(bytes)) as Hex;
}

/** The same of the bytes from `start` to `end`, without a view where they are few. */
export function rangeToHex(bytes: Uint8Array, start: number, end: number): Hex {
  return end - start <= SHORT_BYTES ? (shortHex(bytes, start, end) as Hex) : toHex(bytes.subarray(start, end));
}

function shortHex(bytes: Uint8Array, start: number, end: number): string {
  const codes = new Array<number>(2 + 2 * (end - start));
  codes[0] = 48;
  codes[1] = 120;
  for (let i = start, at = 2; i < end; i++) {
    const byte = bytes[i] as number;
    codes[at++] = DIGIT_CODES[byte >> 4] as number;
    codes[at++] = DIGIT_CODES[byte & 15] as number;
  }
  return String.fromCharCode.apply(null, codes);
}

function longHex(bytes: Uint8Array): string {
  const codes = new Uint8Array(2 + 2 * bytes.length);
  codes[0] = 48;
  codes[1] = 120;
  for (let i = 0, at = 2; i < bytes.length; i++) {
    const byte = bytes[i] as number;
    codes[at++] = DIGIT_CODES[byte >> 4] as number;
    codes[at++] = DIGIT_CODES[byte & 15] as number;
  }
  return asciiDecoder.decode(codes);
}

/**
 * Reads hexadecimal, upper or lower case, with `0x` required.
 *
 * @throws CodedError `HEX_INVALID` on anything else, or when `lengthBytes` is given and differs.
 */
export function fromHex(text: string, lengthBytes?: number): Uint8Array {
  const digits = text.length - 2;
  if (!text.startsWith('0x') || digits % 2 !== 0 || (lengthBytes !== undefined && digits !== 2 * lengthBytes)) {
    throw hexError(text, lengthBytes);
  }
  const bytes = new Uint8Array(digits / 2);
  for (let i = 0, at = 2; i < bytes.length; i++, at += 2) {
    // A code beyond the table gives undefined, which is no digit either.
    const high = DIGIT_VALUES[text.charCodeAt(at)] ?? 255;
    const low = DIGIT_VALUES[text.charCodeAt(at + 1)] ?? 255;
    if ((high | low) > 15) throw hexError(text, lengthBytes);
    bytes[i] = (high << 4) | low;
  }
  return bytes;
}

function hexError(text: string, lengthBytes: number | undefined): CodedError {
  const size = lengthBytes === undefined ? 'an even number of digits' : `${2 * lengthBytes} digits`;
  const shown = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return new CodedError('HEX_INVALID', `expected 0x and ${size} of hexadecimal, found "${shown}"`, {
    expected: `0x and ${size}`,
    actual: shown,
  });
}

/** All parts, one after the other, in a new array. */
export function concatBytes(...parts: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** True when both hold the same bytes. Not constant time: never compare secrets with it. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && compareBytes(a, b) === 0;
}

/** Order of the bytes, a prefix before what it starts: negative, zero or positive. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let i = 0; i < shared; i++) {
    const difference = (a[i] as number) - (b[i] as number);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}
