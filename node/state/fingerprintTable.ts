import { invariant } from '../../primitives/errors.js';

const FIRST_CAPACITY = 64;
/** Slots of the largest table: half of them filled, 1 GiB. */
const MAX_CAPACITY = 2 ** 27;

/**
 * A set of 64-bit fingerprints in two typed arrays, with open addressing: 8 bytes a slot, at most two thirds filled, no
 * object for the garbage collector. A Map ends at 2^24 entries and takes ten times as much. Nothing is ever deleted:
 * whole tables are dropped.
 */
export class FingerprintTable {
  #low = new Uint32Array(FIRST_CAPACITY);
  #high = new Uint32Array(FIRST_CAPACITY);
  #mask = FIRST_CAPACITY - 1;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get sizeBytes(): number {
    return 8 * this.#low.length;
  }

  has(low: number, high: number): boolean {
    return this.#isAt(this.#slot(low, high));
  }

  add(low: number, high: number): void {
    const slot = this.#slot(low, high);
    if (this.#isAt(slot)) return;
    this.#low[slot] = marked(low, high);
    this.#high[slot] = high;
    if (++this.#size * 3 > this.#low.length * 2) this.#grow();
  }

  #isAt(slot: number): boolean {
    return this.#low[slot] !== 0 || this.#high[slot] !== 0;
  }

  /** Where the fingerprint stands, or the free slot where it would. */
  #slot(low: number, high: number): number {
    const wanted = marked(low, high);
    let slot = high & this.#mask;
    for (; this.#isAt(slot); slot = (slot + 1) & this.#mask) {
      if (this.#low[slot] === wanted && this.#high[slot] === high) return slot;
    }
    return slot;
  }

  #grow(): void {
    const capacity = this.#low.length * 2;
    invariant(capacity <= MAX_CAPACITY, 'a table of fingerprints holds at most 2^26', { actual: `${this.#size}` });
    const [low, high] = [this.#low, this.#high];
    this.#low = new Uint32Array(capacity);
    this.#high = new Uint32Array(capacity);
    this.#mask = capacity - 1;
    for (let i = 0; i < low.length; i++) {
      if (low[i] === 0 && high[i] === 0) continue;
      const slot = this.#slot(low[i] as number, high[i] as number);
      this.#low[slot] = low[i] as number;
      this.#high[slot] = high[i] as number;
    }
  }
}

/** Zero marks a free slot: the fingerprint zero stands as one, which at worst costs a look on disk. */
function marked(low: number, high: number): number {
  return low === 0 && high === 0 ? 1 : low;
}
