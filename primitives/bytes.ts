import { CodedError } from './errors.js';

/** `0x` and lower-case digits, two for a byte. */
export type Hex = `0x${string}`;

/** 32 bytes. */
export type Hash = Uint8Array;

const DIGIT_CODES: readonly number[] = Array.from('0123456789abcdef', (digit) => digit.charCodeAt(0));
/** Bytes turned into text at a time: the arguments of one call stand on the stack. */
const CHUNK_BYTES = 512;

/** Lower-case hexadecimal with `0x`. */
export function toHex(bytes: Uint8Array): Hex {
  let text = hexChunk([48, 120], bytes, 0);
  for (let start = CHUNK_BYTES; start < bytes.length; start += CHUNK_BYTES) text += hexChunk([], bytes, start);
  return text as Hex;
}

/** One flat string, not a chain of concatenations: addresses and hashes are keys of maps. */
function hexChunk(codes: number[], bytes: Uint8Array, start: number): string {
  const end = Math.min(bytes.length, start + CHUNK_BYTES);
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    codes.push(DIGIT_CODES[byte >> 4] as number, DIGIT_CODES[byte & 15] as number);
  }
  return String.fromCharCode.apply(null, codes);
}

function nibble(code: number): number {
  if (code >= 48 && code <= 57) return code - 48;
  if (code >= 97 && code <= 102) return code - 87;
  if (code >= 65 && code <= 70) return code - 55;
  return -1;
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
  for (let i = 0; i < bytes.length; i++) {
    const high = nibble(text.charCodeAt(2 + 2 * i));
    const low = nibble(text.charCodeAt(3 + 2 * i));
    if (high < 0 || low < 0) throw hexError(text, lengthBytes);
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
