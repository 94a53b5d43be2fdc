import { GuestFault, type GuestTrace } from './errors.js';
import type { FuelAccount } from './fuelAccount.js';
import type { GuestHandles } from './guestImage.js';
import type { GuestMemory } from './guestMemory.js';
import { GUEST_PRICES, TRACE_LIMITS } from './limits.js';
import { type Pointer, type QuickjsExports, TAG } from './quickjsExports.js';

/** Bytes of the place where short texts are written on their way in. */
export const SCRATCH_BYTES = 16_384;
/** A UTF-16 unit takes at most so many bytes of UTF-8. */
const BYTES_PER_UNIT = 3;
/** Up to here a loop over ASCII beats a decoder. */
const SHORT_BYTES = 24;
const REPLACEMENT = '\ufffd';
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

const NO_HANDLES: GuestHandles = { undefined: 0, arguments: 0, length: 0, scratch: 0, entry: 0 };

/** PROTOCOL §Sandbox X4. Texts over the border: UTF-8 in the guest's memory, strings on either side. */
export class GuestText {
  handles: GuestHandles = NO_HANDLES;
  readonly #exports: QuickjsExports;
  readonly #memory: GuestMemory;

  constructor(exports: QuickjsExports, memory: GuestMemory) {
    this.#exports = exports;
    this.#memory = memory;
  }

  tagOf(value: Pointer): number {
    return this.#memory.words[(value >> 2) + 1] as number;
  }

  isString(value: Pointer): boolean {
    const tag = this.tagOf(value);
    return tag === TAG.string || tag === TAG.stringRope;
  }

  /** A string of the guest's. A lone surrogate in `text` arrives as U+FFFD. @throws GuestFault `memory` */
  toGuest(text: string, account: FuelAccount): Pointer {
    const { scratch } = this.handles;
    if (text.length * BYTES_PER_UNIT > SCRATCH_BYTES) {
      const [bytes, count] = this.allocate(text, account);
      const value = this.#exports.qjs_new_string(bytes, count);
      this.#exports.wasm_free(bytes);
      return this.#requireValue(value);
    }
    const count = this.#memory.buffer.write(text, scratch, 'utf8');
    this.#memory.touch(scratch, count);
    account.use(count * GUEST_PRICES.textByte);
    return this.#requireValue(this.#exports.qjs_new_string(scratch, count));
  }

  /** The text of a value that is a string. @throws GuestFault `text` for a lone surrogate, `memory` */
  fromGuest(value: Pointer, account: FuelAccount): string {
    const { length } = this.handles;
    const bytes = this.#exports.qjs_get_string_len(value, length);
    if (bytes === 0) throw new GuestFault('memory');
    const count = this.#memory.words[length >> 2] as number;
    account.use(count * GUEST_PRICES.textByte);
    const text = this.#decode(bytes, count);
    this.#exports.qjs_free_cstring(bytes);
    return text;
  }

  /** The text with a zero behind it, in memory that the caller frees: where, and its bytes without the zero. */
  allocate(text: string, account?: FuelAccount): readonly [Pointer, number] {
    const count = Buffer.byteLength(text, 'utf8');
    account?.use(count * GUEST_PRICES.textByte);
    const bytes = this.#exports.wasm_malloc(count + 1);
    if (bytes === 0) throw new GuestFault('memory');
    this.#memory.buffer.write(text, bytes, 'utf8');
    this.#memory.bytes[bytes + count] = 0;
    this.#memory.touch(bytes, count + 1);
    return [bytes, count];
  }

  /** What was thrown last, in words. Runs whatever getters it has. */
  describeException(): GuestTrace {
    const thrown = this.#exports.qjs_get_exception();
    if (this.isString(thrown)) return { name: 'string', message: this.#shortText(thrown), stack: '' };
    if (this.tagOf(thrown) !== TAG.object) return { name: 'value', message: '', stack: '' };
    const [name, message, stack] = ['name', 'message', 'stack'].map((property) => this.#property(thrown, property));
    return { name: name ?? '', message: message ?? '', stack: stack ?? '' };
  }

  #property(object: Pointer, name: string): string {
    const [bytes] = this.allocate(name);
    const value = this.#exports.qjs_get_prop_string(object, bytes);
    return value !== 0 && this.isString(value) ? this.#shortText(value) : '';
  }

  #shortText(value: Pointer): string {
    const { length } = this.handles;
    const bytes = this.#exports.qjs_get_string_len(value, length);
    if (bytes === 0) return '';
    const count = Math.min(this.#memory.words[length >> 2] as number, TRACE_LIMITS.textBytes);
    return this.#memory.buffer.toString('utf8', bytes, bytes + count);
  }

  #decode(from: Pointer, count: number): string {
    const to = from + count;
    if (count <= SHORT_BYTES) {
      const short = this.#shortAscii(from, to);
      if (short !== undefined) return short;
    }
    const text = this.#memory.buffer.toString('utf8', from, to);
    if (text.includes(REPLACEMENT)) this.#requireUtf8(from, to);
    return text;
  }

  #shortAscii(from: Pointer, to: Pointer): string | undefined {
    const { bytes } = this.#memory;
    let text = '';
    for (let at = from; at < to; at++) {
      const byte = bytes[at] as number;
      if (byte >= 0x80) return undefined;
      text += String.fromCharCode(byte);
    }
    return text;
  }

  #requireUtf8(from: Pointer, to: Pointer): void {
    try {
      strict.decode(this.#memory.bytes.subarray(from, to));
    } catch {
      throw new GuestFault('text');
    }
  }

  #requireValue(value: Pointer): Pointer {
    if (value === 0 || this.tagOf(value) === TAG.exception) throw new GuestFault('memory');
    return value;
  }
}
