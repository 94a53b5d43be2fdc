import { invariant } from '../../primitives/errors.js';

const FIRST_CAPACITY = 64;
/** Slots of the largest index: 768 MiB. */
const MAX_CAPACITY = 2 ** 26;
const NONE: readonly number[] = [];

/**
 * 64-bit fingerprints, each with a number, in typed arrays with open addressing: 12 bytes a slot, at most two thirds
 * filled. A fingerprint may stand there more than once. Nothing is ever deleted: whole indexes are dropped.
 */
export class FingerprintIndex {
  #low = new Uint32Array(FIRST_CAPACITY);
  #high = new Uint32Array(FIRST_CAPACITY);
  /** One more than the number; 0 marks a free slot. */
  #numbers = new Uint32Array(FIRST_CAPACITY);
  #mask = FIRST_CAPACITY - 1;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Every number that was added with this fingerprint. */
  find(low: number, high: number): readonly number[] {
    let found: number[] | undefined;
    for (let slot = high & this.#mask; this.#numbers[slot] !== 0; slot = (slot + 1) & this.#mask) {
      if (this.#low[slot] !== low || this.#high[slot] !== high) continue;
      found ??= [];
      found.push((this.#numbers[slot] as number) - 1);
    }
    return found ?? NONE;
  }

  /** `number` from 0 to 2^32 - 2. */
  add(low: number, high: number, number: number): void {
    this.#put(low, high, number + 1);
    if (++this.#size * 3 > this.#numbers.length * 2) this.#grow();
  }

  #put(low: number, high: number, stored: number): void {
    let slot = high & this.#mask;
    while (this.#numbers[slot] !== 0) slot = (slot + 1) & this.#mask;
    this.#low[slot] = low;
    this.#high[slot] = high;
    this.#numbers[slot] = stored;
  }

  #grow(): void {
    const [low, high, numbers] = [this.#low, this.#high, this.#numbers];
    const capacity = numbers.length * 2;
    invariant(capacity <= MAX_CAPACITY, 'an index of fingerprints has its bound', { actual: `${this.#size}` });
    this.#low = new Uint32Array(capacity);
    this.#high = new Uint32Array(capacity);
    this.#numbers = new Uint32Array(capacity);
    this.#mask = capacity - 1;
    for (let i = 0; i < numbers.length; i++) {
      if (numbers[i] !== 0) this.#put(low[i] as number, high[i] as number, numbers[i] as number);
    }
  }
}
