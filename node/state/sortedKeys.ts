import type { StateKey } from '../../contracts/api/host.js';

/** Keys of a block before it splits: an insertion moves half of them, a search looks at nine. */
const MAX_BLOCK_KEYS = 512;

/** A set of keys in the order of their bytes, in blocks: adding and removing cost no walk over all of them. */
export class SortedKeys {
  readonly #blocks: StateKey[][] = [[]];

  /** True when the key is new. */
  add(key: StateKey): boolean {
    const at = this.#blockFor(key);
    const block = this.#blocks[at] as StateKey[];
    const index = firstAtLeast(block, key);
    if (block[index] === key) return false;
    if (index === block.length) block.push(key);
    else block.splice(index, 0, key);
    if (block.length > MAX_BLOCK_KEYS) this.#blocks.splice(at + 1, 0, block.splice(MAX_BLOCK_KEYS / 2));
    return true;
  }

  /** True when the key was there. */
  delete(key: StateKey): boolean {
    const at = this.#blockFor(key);
    const block = this.#blocks[at] as StateKey[];
    const index = firstAtLeast(block, key);
    if (block[index] !== key) return false;
    block.splice(index, 1);
    if (block.length === 0 && this.#blocks.length > 1) this.#blocks.splice(at, 1);
    return true;
  }

  /** The greatest key that is not above `key`. */
  floor(key: StateKey): StateKey | undefined {
    const block = this.#blocks[this.#blockFor(key)] as StateKey[];
    const index = firstAtLeast(block, key);
    return block[index] === key ? key : block[index - 1];
  }

  /** Keys from `key` on, in order. Adding or deleting ends its use. */
  *from(key: StateKey): Generator<StateKey> {
    let at = this.#blockFor(key);
    let index = firstAtLeast(this.#blocks[at] as StateKey[], key);
    for (; at < this.#blocks.length; at++, index = 0) {
      const block = this.#blocks[at] as StateKey[];
      for (; index < block.length; index++) yield block[index] as StateKey;
    }
  }

  /** The block in which the key stands or would stand: the last one that begins at or before it. */
  #blockFor(key: StateKey): number {
    let low = 1;
    let high = this.#blocks.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (((this.#blocks[middle] as StateKey[])[0] as StateKey) <= key) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/** Index of the first key that is not below `key`. */
export function firstAtLeast(keys: readonly StateKey[], key: StateKey): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((keys[middle] as StateKey) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}
