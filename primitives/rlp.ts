import { type Hash, type Hex, rangeToHex } from './bytes.js';
import { CodedError, type ErrorDetails } from './errors.js';
import { utf8Decode } from './text.js';

/**
 * Recursive Length Prefix, strictly: one encoding for each value, in both directions. Everything that is not the one
 * canonical form is refused, and limits are checked before anything is allocated. `decode` and `RlpReader` share one
 * header rule and accept the same bytes; the reader makes no intermediate objects.
 */

/** What can be encoded: bytes, or a list of such. */
export type RlpInput = Uint8Array | readonly RlpInput[];

/** What `decode` gives: bytes of their own (never a view of the input), or a list of such. */
export type RlpItem = Uint8Array | RlpItem[];

export interface RlpLimits {
  readonly maxBytes: number;
  /** Strings and lists together. */
  readonly maxItems: number;
  /** Lists inside lists. */
  readonly maxDepth: number;
}

/** What `decode` allows unless told otherwise. */
export const RLP_LIMITS: RlpLimits = { maxBytes: 1_048_576, maxItems: 131_072, maxDepth: 16 };

/** Bytes that `encode` may produce. */
const MAX_ENCODED_BYTES = 67_108_864;

export type RlpErrorCode =
  | 'RLP_EMPTY_INPUT'
  | 'RLP_TRAILING_BYTES'
  | 'RLP_TRUNCATED'
  | 'RLP_NON_CANONICAL'
  | 'RLP_TOO_LARGE'
  | 'RLP_TOO_MANY_ITEMS'
  | 'RLP_TOO_DEEP'
  | 'RLP_LIST_EXPECTED'
  | 'RLP_BYTES_EXPECTED'
  | 'RLP_LENGTH_MISMATCH'
  | 'RLP_ILL_FORMED_TEXT'
  | 'RLP_NOT_ENCODABLE';

export class RlpError extends CodedError<RlpErrorCode> {}

function refuse(
  code: RlpErrorCode,
  expected: string,
  actual: string,
  what?: string,
  more: ErrorDetails = {},
): RlpError {
  const field = what === undefined ? '' : `${what}: `;
  const details = { expected, actual, ...(what === undefined ? {} : { field: what }), ...more };
  return new RlpError(code, `${field}expected ${expected}, found ${actual}`, details);
}

// ---- encoding

/** Bytes that the prefix of a payload takes; a single byte below 0x80 has none. */
export function prefixLength(payloadBytes: number): number {
  if (payloadBytes < 56) return 1;
  if (payloadBytes < 0x100) return 2;
  if (payloadBytes < 0x10000) return 3;
  return payloadBytes < 0x1000000 ? 4 : 5;
}

/** Sizes the item and notes each list's payload in `payloads`, in the order in which `write` will meet them. */
function measure(input: RlpInput, payloads: number[], depth: number): number {
  if (input instanceof Uint8Array) {
    return input.length === 1 && (input[0] as number) < 0x80 ? 1 : prefixLength(input.length) + input.length;
  }
  if (!Array.isArray(input)) throw refuse('RLP_NOT_ENCODABLE', 'bytes or a list', typeof input);
  if (depth >= RLP_LIMITS.maxDepth) {
    throw refuse('RLP_TOO_DEEP', `at most ${RLP_LIMITS.maxDepth} lists inside each other`, 'more');
  }
  const slot = payloads.push(0) - 1;
  let payload = 0;
  for (const item of input as readonly RlpInput[]) payload += measure(item, payloads, depth + 1);
  payloads[slot] = payload;
  if (payload > MAX_ENCODED_BYTES) throw refuse('RLP_TOO_LARGE', `at most ${MAX_ENCODED_BYTES} bytes`, `${payload}`);
  return prefixLength(payload) + payload;
}

/** Writes the prefix of a byte string (`base` 0x80) or a list (0xc0). @returns the offset after it. */
export function writePrefix(target: Uint8Array, offset: number, payloadBytes: number, base: number): number {
  if (payloadBytes < 56) {
    target[offset] = base + payloadBytes;
    return offset + 1;
  }
  const lengthBytes = prefixLength(payloadBytes) - 1;
  target[offset] = base + 55 + lengthBytes;
  for (let i = lengthBytes, rest = payloadBytes; i > 0; i--, rest >>>= 8) target[offset + i] = rest & 0xff;
  return offset + 1 + lengthBytes;
}

interface Cursor {
  offset: number;
  list: number;
}

function write(target: Uint8Array, input: RlpInput, payloads: readonly number[], cursor: Cursor): void {
  if (input instanceof Uint8Array) {
    if (input.length !== 1 || (input[0] as number) >= 0x80) {
      cursor.offset = writePrefix(target, cursor.offset, input.length, 0x80);
    }
    target.set(input, cursor.offset);
    cursor.offset += input.length;
    return;
  }
  cursor.offset = writePrefix(target, cursor.offset, payloads[cursor.list++] as number, 0xc0);
  for (const item of input) write(target, item, payloads, cursor);
}

/**
 * The canonical encoding, in an array of its own.
 *
 * @throws RlpError `RLP_TOO_DEEP`, `RLP_TOO_LARGE` (over 64 MiB), `RLP_NOT_ENCODABLE`
 */
export function encode(input: RlpInput): Uint8Array {
  const payloads: number[] = [];
  const size = measure(input, payloads, 0);
  if (size > MAX_ENCODED_BYTES) throw refuse('RLP_TOO_LARGE', `at most ${MAX_ENCODED_BYTES} bytes`, `${size}`);
  const target = new Uint8Array(size);
  write(target, input, payloads, { offset: 0, list: 0 });
  return target;
}

/** A list whose items are encoded already: joins them under one prefix, without decoding them again. */
export function encodeListOf(encodedItems: readonly Uint8Array[]): Uint8Array {
  let payload = 0;
  for (const item of encodedItems) payload += item.length;
  if (payload > MAX_ENCODED_BYTES) throw refuse('RLP_TOO_LARGE', `at most ${MAX_ENCODED_BYTES} bytes`, `${payload}`);
  const target = new Uint8Array(prefixLength(payload) + payload);
  let offset = writePrefix(target, 0, payload, 0xc0);
  for (const item of encodedItems) {
    target.set(item, offset);
    offset += item.length;
  }
  return target;
}

/** The big-endian bytes of an integer without leading zeros, none for 0. @throws RlpError `RLP_NOT_ENCODABLE` */
export function encodeUint(value: number): Uint8Array {
  if (!Number.isSafeInteger(value) || value < 0) {
    throw refuse('RLP_NOT_ENCODABLE', 'an integer from 0 to 2^53 - 1', String(value));
  }
  let length = 0;
  for (let rest = value; rest > 0; rest = Math.floor(rest / 256)) length++;
  const bytes = new Uint8Array(length);
  for (let i = length - 1, rest = value; i >= 0; i--, rest = Math.floor(rest / 256)) bytes[i] = rest % 256;
  return bytes;
}

/** The same for a bigint of at most 256 bits. @throws RlpError `RLP_NOT_ENCODABLE` */
export function encodeBigint(value: bigint): Uint8Array {
  if (value < 0n || value >> 256n !== 0n) {
    throw refuse('RLP_NOT_ENCODABLE', 'an integer from 0 to 2^256 - 1', 'one outside');
  }
  let length = 0;
  for (let rest = value; rest > 0n; rest >>= 8n) length++;
  const bytes = new Uint8Array(length);
  for (let i = length - 1, rest = value; i >= 0; i--, rest >>= 8n) bytes[i] = Number(rest & 0xffn);
  return bytes;
}

// ---- decoding

/** A plain view: what a Buffer's own `slice` and `subarray` give would behave differently later. */
function plain(bytes: Uint8Array): Uint8Array {
  return bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Reads canonical RLP item after item, within [start, end) of the given bytes, without intermediate objects. `bytes`,
 * `fixed` and `raw` give views of the input: copy what outlives it. Every method throws RlpError, naming `what`, when
 * the next item is absent, not canonical, or not what was asked for.
 */
export class RlpReader {
  readonly #bytes: Uint8Array;
  readonly #end: number;
  #offset: number;
  // The payload of the item that was met last.
  #payload = 0;
  #next = 0;
  #isList = false;

  constructor(bytes: Uint8Array, start = 0, end = bytes.length) {
    this.#bytes = plain(bytes);
    this.#offset = start;
    this.#end = end;
  }

  /** Where the next item begins in the given bytes. */
  get offset(): number {
    return this.#offset;
  }

  hasMore(): boolean {
    return this.#offset < this.#end;
  }

  /** Refuses anything after the items that were read. */
  done(what?: string): void {
    if (this.#offset !== this.#end) {
      throw refuse('RLP_TRAILING_BYTES', 'nothing more', `${this.#end - this.#offset} further bytes`, what);
    }
  }

  /** True, and goes on after it, when the next item is an empty list. Otherwise nothing has been read. */
  skipEmptyList(): boolean {
    if (this.#offset >= this.#end || this.#bytes[this.#offset] !== 0xc0) return false;
    this.#offset++;
    return true;
  }

  /** Enters the next item, a list: reads it with the reader returned, and goes on after it with this one. */
  list(what?: string): RlpReader {
    this.#meet(what);
    if (!this.#isList) throw refuse('RLP_LIST_EXPECTED', 'a list', 'a byte string', what);
    const inner = new RlpReader(this.#bytes, this.#payload, this.#next);
    this.#offset = this.#next;
    return inner;
  }

  /** The next item's bytes, at most `maxBytes`. */
  bytes(maxBytes = RLP_LIMITS.maxBytes, what?: string): Uint8Array {
    return this.#take(this.#atMost(maxBytes, what));
  }

  /** The next item's bytes, exactly so many. */
  fixed(lengthBytes: number, what?: string): Uint8Array {
    return this.#take(this.#exactly(lengthBytes, what));
  }

  /** The same as hexadecimal with `0x`. */
  fixedHex(lengthBytes: number, what?: string): Hex {
    const length = this.#exactly(lengthBytes, what);
    this.#offset = this.#next;
    return rangeToHex(this.#bytes, this.#payload, this.#payload + length);
  }

  /** The next item as an integer of at most `maxBytes` (7) bytes, and below 2^53. */
  uint(maxBytes = 7, what?: string): number {
    const start = this.#integer(Math.min(maxBytes, 7), what);
    let value = 0;
    for (let i = start; i < this.#next; i++) value = value * 256 + (this.#bytes[i] as number);
    if (value > Number.MAX_SAFE_INTEGER) throw refuse('RLP_TOO_LARGE', 'an integer below 2^53', 'a larger one', what);
    this.#offset = this.#next;
    return value;
  }

  /** The next item as an integer of at most `maxBytes` bytes; 16 is what money may take. */
  bigint(maxBytes = 16, what?: string): bigint {
    const start = this.#integer(maxBytes, what);
    // Six bytes at a time fit a number exactly; a bigint for each byte costs far more.
    let value = 0n;
    for (let i = start; i < this.#next; ) {
      let chunk = 0;
      let bits = 0;
      for (; i < this.#next && bits < 48; i++, bits += 8) chunk = chunk * 256 + (this.#bytes[i] as number);
      value = (value << BigInt(bits)) | BigInt(chunk);
    }
    this.#offset = this.#next;
    return value;
  }

  /** The next item as strict UTF-8 of at most `maxBytes` bytes. */
  string(maxBytes = RLP_LIMITS.maxBytes, what?: string): string {
    const length = this.#atMost(maxBytes, what);
    this.#offset = this.#next;
    try {
      return utf8Decode(this.#bytes, this.#payload, this.#next);
    } catch {
      throw refuse('RLP_ILL_FORMED_TEXT', 'well-formed UTF-8', `${length} other bytes`, what);
    }
  }

  /** The next item with its prefix; only its own header is checked. */
  raw(what?: string): Uint8Array {
    this.#meet(what);
    const item = this.#bytes.subarray(this.#offset, this.#next);
    this.#offset = this.#next;
    return item;
  }

  /** True when the next item is a list. */
  nextIsList(what?: string): boolean {
    this.#meet(what);
    return this.#isList;
  }

  #string(what: string | undefined): number {
    this.#meet(what);
    if (this.#isList) throw refuse('RLP_BYTES_EXPECTED', 'a byte string', 'a list', what);
    return this.#next - this.#payload;
  }

  #atMost(maxBytes: number, what: string | undefined): number {
    const length = this.#string(what);
    if (length > maxBytes) throw refuse('RLP_TOO_LARGE', `at most ${maxBytes} bytes`, `${length}`, what);
    return length;
  }

  #exactly(lengthBytes: number, what: string | undefined): number {
    const length = this.#string(what);
    if (length !== lengthBytes) throw refuse('RLP_LENGTH_MISMATCH', `${lengthBytes} bytes`, `${length}`, what);
    return length;
  }

  #take(length: number): Uint8Array {
    this.#offset = this.#next;
    return this.#bytes.subarray(this.#payload, this.#payload + length);
  }

  #integer(maxBytes: number, what: string | undefined): number {
    const length = this.#string(what);
    if (length > maxBytes) {
      throw refuse('RLP_TOO_LARGE', `an integer of at most ${maxBytes} bytes`, `${length} bytes`, what);
    }
    if (length > 0 && this.#bytes[this.#payload] === 0) {
      throw refuse('RLP_NON_CANONICAL', 'an integer without leading zeros', 'a leading zero', what);
    }
    return this.#payload;
  }

  /** Checks the header of the next item and sets where its payload stands; reads nothing of the payload itself. */
  #meet(what: string | undefined): void {
    const bytes = this.#bytes;
    const start = this.#offset;
    if (start >= this.#end) throw refuse('RLP_TRUNCATED', 'one more item', 'the end', what);
    const first = bytes[start] as number;
    this.#isList = first >= 0xc0;
    const short = first < 0x80 ? 0 : (first - (this.#isList ? 0xc0 : 0x80)) | 0;
    let payload = first < 0x80 ? start : start + 1;
    let length = first < 0x80 ? 1 : short;
    if (first >= 0x80 && short >= 56) {
      length = this.#longLength(start + 1, short - 55, what);
      payload = start + 1 + short - 55;
    }
    if (length > this.#end - payload) {
      throw refuse('RLP_TRUNCATED', `${length} bytes`, `${Math.max(0, this.#end - payload)}`, what);
    }
    if (first === 0x81 && (bytes[payload] as number) < 0x80) {
      throw refuse('RLP_NON_CANONICAL', 'a byte below 0x80 without prefix', 'a prefixed one', what);
    }
    this.#payload = payload;
    this.#next = payload + length;
  }

  #longLength(start: number, lengthBytes: number, what: string | undefined): number {
    if (lengthBytes > this.#end - start) {
      throw refuse('RLP_TRUNCATED', `${lengthBytes} bytes of length`, `${this.#end - start}`, what);
    }
    if (this.#bytes[start] === 0) {
      throw refuse('RLP_NON_CANONICAL', 'a length without leading zeros', 'a leading zero', what);
    }
    if (lengthBytes > 4) throw refuse('RLP_TRUNCATED', 'a length within the input', 'a longer one', what);
    let length = 0;
    for (let i = 0; i < lengthBytes; i++) length = length * 256 + (this.#bytes[start + i] as number);
    if (length < 56) throw refuse('RLP_NON_CANONICAL', 'a short length in one byte', 'a long form', what);
    return length;
  }
}

/**
 * Reads one item that fills the whole input.
 *
 * @throws RlpError for empty, trailing, truncated or non-canonical input and for anything over the limits
 */
export function decode(bytes: Uint8Array, limits: RlpLimits = RLP_LIMITS): RlpItem {
  if (bytes.length === 0) throw refuse('RLP_EMPTY_INPUT', 'one item', 'no bytes');
  if (bytes.length > limits.maxBytes) {
    throw refuse('RLP_TOO_LARGE', `at most ${limits.maxBytes} bytes`, `${bytes.length}`);
  }
  const reader = new RlpReader(bytes);
  const budget = { items: limits.maxItems };
  const item = decodeItem(reader, budget, limits, 0);
  reader.done();
  return item;
}

function decodeItem(reader: RlpReader, budget: { items: number }, limits: RlpLimits, depth: number): RlpItem {
  if (budget.items-- <= 0) throw refuse('RLP_TOO_MANY_ITEMS', `at most ${limits.maxItems} items`, 'more');
  if (!reader.nextIsList()) return reader.bytes(limits.maxBytes).slice();
  if (depth >= limits.maxDepth) {
    throw refuse('RLP_TOO_DEEP', `at most ${limits.maxDepth} lists inside each other`, 'more');
  }
  const inner = reader.list();
  const items: RlpItem[] = [];
  while (inner.hasMore()) items.push(decodeItem(inner, budget, limits, depth + 1));
  return items;
}

/** A 32-byte hash, as every format holds it. */
export function readHash(reader: RlpReader, what?: string): Hash {
  return reader.fixed(32, what);
}
