import type { ByteRange, GuestImage } from './guestImage.js';
import { MARK_SHIFT } from './wasm/emit.js';
import type { InstrumentedModule } from './wasm/instrument.js';
import type { WasmMemory } from './webAssembly.js';

const PAGE_BYTES = 65_536;
const BLOCK_BYTES = 1 << MARK_SHIFT;
/** A store marks the block in which it begins, and may end so many bytes inside the next one. */
const STORE_BYTES = 8;
/** Copying a few clean blocks between dirty ones costs less than one more copy. */
const MERGED_GAP_BLOCKS = 4;

/** A guest's memory as the host sees it: it never grows, so that these views stay what they are. */
export class GuestMemory {
  readonly bytes: Uint8Array;
  readonly words: Int32Array;
  readonly buffer: Buffer;
  /** A Buffer, because its search is a tenth of an array's. */
  readonly #marks: Buffer;
  readonly #guestBytes: number;
  readonly #initialBytes: number;
  /** What the memory was last equal to. */
  #current: GuestImage | undefined;

  constructor(memory: WasmMemory, { marksAt, initialPages }: InstrumentedModule, guestPages: number) {
    this.bytes = new Uint8Array(memory.buffer);
    this.words = new Int32Array(memory.buffer);
    this.buffer = Buffer.from(memory.buffer);
    this.#initialBytes = initialPages * PAGE_BYTES;
    this.#guestBytes = guestPages * PAGE_BYTES;
    this.#marks = this.buffer.subarray(marksAt, marksAt + (this.bytes.length >> MARK_SHIFT));
  }

  /** Notes that the host wrote here: its stores mark nothing by themselves. */
  touch(from: number, count: number): void {
    const last = (from + count - 1) >> MARK_SHIFT;
    for (let block = from >> MARK_SHIFT; block <= last; block++) this.#marks[block] = 1;
  }

  /**
   * PROTOCOL §Sandbox X1. Makes the memory equal to the image: where it has been so before, only what was written since;
   * where it has been another one made from the same, what either changed besides.
   *
   * @returns false where the guest has written among the marks themselves, so that they prove nothing
   */
  become(image: GuestImage): boolean {
    const current = this.#current;
    if (current !== undefined && !this.#restore(current)) return false;
    if (current === image) return true;
    const base = baseOf(image);
    if (current === undefined || baseOf(current) !== base) this.#fill(base);
    else for (const { from, to } of current.changes) this.#put(base, from, to);
    for (const { from, to } of image.changes) this.#put(image, from, to);
    this.#current = image;
    return true;
  }

  /** Makes the whole memory what the image says. */
  #fill(image: GuestImage): void {
    const { low, bytes } = this.#current ?? { low: 0, bytes: this.bytes.subarray(0, this.#initialBytes) };
    this.bytes.fill(0, low, low + bytes.length);
    this.bytes.set(image.bytes, image.low);
  }

  #restore(image: GuestImage): boolean {
    const marks = this.#marks;
    for (let from = marks.indexOf(1); from >= 0; from = marks.indexOf(1, from)) {
      const to = this.#endOfRun(from);
      marks.fill(0, from, to);
      const end = to * BLOCK_BYTES + STORE_BYTES;
      if (end > this.#guestBytes + STORE_BYTES) return false;
      this.#put(image, from * BLOCK_BYTES, end);
      from = to;
    }
    return true;
  }

  /** Makes these bytes what they are in the image. */
  #put({ low, bytes }: GuestImage, start: number, end: number): void {
    const high = low + bytes.length;
    if (start < low) this.bytes.fill(0, start, Math.min(end, low));
    if (end > high) this.bytes.fill(0, Math.max(start, high), end);
    if (start < high && end > low) {
      const inside = Math.max(start, low);
      this.bytes.set(bytes.subarray(inside - low, Math.min(end, high) - low), inside);
    }
  }

  /** Where a run of marked blocks ends, small gaps included. */
  #endOfRun(from: number): number {
    const marks = this.#marks;
    let end = from + 1;
    for (let gap = 0, at = end; gap <= MERGED_GAP_BLOCKS && at < marks.length; at++) {
      if (marks[at] === 0) {
        gap += 1;
      } else {
        gap = 0;
        end = at + 1;
      }
    }
    return end;
  }

  /**
   * What the memory holds, as an image that it is equal to from here on. Below the stack pointer nothing is alive: it is
   * cleared first.
   */
  capture(stackPointer: number, rest: Omit<GuestImage, 'low' | 'bytes' | 'changes'>): GuestImage {
    this.bytes.fill(0, 0, stackPointer);
    const words = this.words.subarray(0, this.#guestBytes >> 2);
    let last = words.length - 1;
    while (last >= 0 && words[last] === 0) last -= 1;
    let first = 0;
    while (first < last && words[first] === 0) first += 1;
    const low = (first * 4) & ~(BLOCK_BYTES - 1);
    const bytes = this.bytes.slice(low, (last + 1) * 4);
    const changes = rest.base === undefined ? [] : this.#changesFrom(rest.base, low, low + bytes.length);
    const image = { ...rest, low, bytes, changes };
    this.#current = image;
    return image;
  }

  /** Where the memory, zero but for what is from `low` to `high`, differs from the image. */
  #changesFrom(base: GuestImage, low: number, high: number): readonly ByteRange[] {
    const end = Math.max(high, base.low + base.bytes.length);
    const changes: { from: number; to: number }[] = [];
    const expected = Buffer.alloc(BLOCK_BYTES);
    const start = Math.min(low, base.low) & ~(BLOCK_BYTES - 1);
    for (let from = start; from < end; from += BLOCK_BYTES) {
      const to = from + BLOCK_BYTES;
      expected.fill(0);
      const inside = Math.max(from, base.low);
      if (to > base.low) expected.set(base.bytes.subarray(inside - base.low, to - base.low), inside - from);
      if (this.buffer.compare(expected, 0, BLOCK_BYTES, from, to) === 0) continue;
      const previous = changes.at(-1);
      if (previous?.to === from) previous.to = to;
      else changes.push({ from, to });
    }
    return changes;
  }
}

function baseOf(image: GuestImage): GuestImage {
  return image.base ?? image;
}
