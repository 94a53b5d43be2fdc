import type { StateKey } from '../../contracts/api/host.js';

/** A byte each: of a quarter of a million keys one in sixteen meets another. */
const SLOTS = 2 ** 22;
const MOST = 0xff;

/**
 * Tells of most keys that they are not in a set, without a look at the whole key: counts of keys by their last characters, which
 * differ most (a counting Bloom filter with one hash; Fan et al., "Summary Cache", 2000). A slot that is full stays so.
 */
export class KeySieve {
  readonly #counts = new Uint8Array(SLOTS);

  /** False for a key that is not in the set. */
  mayHold(key: StateKey): boolean {
    return this.#counts[slotOf(key)] !== 0;
  }

  add(key: StateKey): void {
    const slot = slotOf(key);
    const count = this.#counts[slot] as number;
    if (count < MOST) this.#counts[slot] = count + 1;
  }

  /** One that was added. */
  delete(key: StateKey): void {
    const slot = slotOf(key);
    const count = this.#counts[slot] as number;
    if (count < MOST) this.#counts[slot] = count - 1;
  }
}

/** A short key has characters before its first one that count as zero. */
function slotOf(key: StateKey): number {
  const last = key.length - 1;
  const low = key.charCodeAt(last) | (key.charCodeAt(last - 1) << 8) | (key.charCodeAt(last - 2) << 16);
  const high = key.charCodeAt(last - 3) | (key.charCodeAt(last - 4) << 8);
  return (low ^ Math.imul(high, 0x9e3779b1)) & (SLOTS - 1);
}
