import { CodedError } from './errors.js';

export type TextErrorCode = 'TEXT_ILL_FORMED';

/** A string or its bytes that are no well-formed Unicode. */
export class TextError extends CodedError<TextErrorCode> {}

const LONE_SURROGATE = /\p{Surrogate}/u;
const encoder = new TextEncoder();
// A byte order mark stays what it is: text is never normalised, so that its bytes and its string name each other.
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
/** Up to here a loop over ASCII beats encoder and decoder. */
const SHORT_BYTES = 64;

/** True unless a surrogate stands alone: only then does a string have a UTF-8 form. */
export function isWellFormed(text: string): boolean {
  return !LONE_SURROGATE.test(text);
}

/** The text, with U+FFFD where a surrogate stands alone: what has a UTF-8 form whoever wrote it. */
export function wellFormed(text: string): string {
  return isWellFormed(text) ? text : text.replace(/\p{Surrogate}/gu, '\ufffd');
}

/** As much of a text as at most so many code points hold: none is cut in two. */
export function firstCodePoints(text: string, maxCount: number): string {
  if (text.length <= maxCount) return text;
  let end = 0;
  for (let count = 0; count < maxCount && end < text.length; count++) {
    end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
  }
  return text.slice(0, end);
}

/** UTF-8 of a string as it stands. @throws TextError `TEXT_ILL_FORMED` for a lone surrogate. */
export function utf8Encode(text: string): Uint8Array {
  const short = text.length <= SHORT_BYTES ? asciiBytes(text) : undefined;
  if (short !== undefined) return short;
  if (!isWellFormed(text)) {
    throw new TextError('TEXT_ILL_FORMED', 'expected well-formed Unicode, found a lone surrogate', {
      expected: 'well-formed Unicode',
      actual: 'a lone surrogate',
    });
  }
  return encoder.encode(text);
}

/**
 * The string of strict UTF-8, of the bytes from `start` to `end`. A short one costs no view.
 *
 * @throws TextError `TEXT_ILL_FORMED` for anything else, overlong forms included.
 */
export function utf8Decode(bytes: Uint8Array, start = 0, end = bytes.length): string {
  const length = end - start;
  const short = length <= SHORT_BYTES ? shortAscii(bytes, start, end) : undefined;
  if (short !== undefined) return short;
  try {
    return decoder.decode(bytes.subarray(start, end));
  } catch {
    throw new TextError('TEXT_ILL_FORMED', `expected well-formed UTF-8, found ${length} bytes that are not`, {
      expected: 'well-formed UTF-8',
      actual: `${length} other bytes`,
    });
  }
}

function asciiBytes(text: string): Uint8Array | undefined {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit >= 0x80) return undefined;
    bytes[i] = unit;
  }
  return bytes;
}

function shortAscii(bytes: Uint8Array, start: number, end: number): string | undefined {
  const codes: number[] = [];
  for (let i = start; i < end; i++) {
    const byte = bytes[i] as number;
    if (byte >= 0x80) return undefined;
    codes.push(byte);
  }
  return String.fromCharCode.apply(null, codes);
}
