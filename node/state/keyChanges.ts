import { invariant } from '../../primitives/errors.js';

const HASH_BYTES = 32;
/** Changed keys of one block: what the sort key below can number. */
export const MAX_CHANGES = 2 ** 21;

/** What a change did to the keys: only new and gone ones move anything but hashes. */
export const EFFECT = { updated: 0, inserted: 1, deleted: 2, absent: 3 } as const;

/** The changed keys of a block as hashes, in the order of the tree. */
export class KeyChanges {
  readonly count: number;
  readonly #keyHashes: Uint8Array;
  readonly #valueHashes: Uint8Array;
  readonly #deletes: Uint8Array;
  /** By change, one of `EFFECT`; known when the pages were edited. */
  readonly effects: Uint8Array;
  #order: Uint32Array = new Uint32Array(0);

  constructor(count: number) {
    invariant(count <= MAX_CHANGES, 'a block changes fewer keys', {
      expected: `at most ${MAX_CHANGES}`,
      actual: `${count}`,
    });
    this.count = count;
    this.#keyHashes = new Uint8Array(count * HASH_BYTES);
    this.#valueHashes = new Uint8Array(count * HASH_BYTES);
    this.#deletes = new Uint8Array(count);
    this.effects = new Uint8Array(count);
  }

  /** `valueHash` undefined deletes. */
  set(change: number, keyHash: Uint8Array, valueHash: Uint8Array | undefined): void {
    this.#keyHashes.set(keyHash, change * HASH_BYTES);
    if (valueHash === undefined) this.#deletes[change] = 1;
    else this.#valueHashes.set(valueHash, change * HASH_BYTES);
  }

  keyHash(change: number): Uint8Array {
    return this.#keyHashes.subarray(change * HASH_BYTES, change * HASH_BYTES + HASH_BYTES);
  }

  valueHash(change: number): Uint8Array {
    return this.#valueHashes.subarray(change * HASH_BYTES, change * HASH_BYTES + HASH_BYTES);
  }

  isDelete(change: number): boolean {
    return this.#deletes[change] === 1;
  }

  bit(change: number, index: number): 0 | 1 {
    const byte = this.#keyHashes[change * HASH_BYTES + (index >> 3)] as number;
    return ((byte >> (7 - (index & 7))) & 1) as 0 | 1;
  }

  /** The first 32 bits of the key's hash. */
  prefix(change: number): number {
    const at = change * HASH_BYTES;
    const hashes = this.#keyHashes;
    return (
      (((hashes[at] as number) << 24) |
        ((hashes[at + 1] as number) << 16) |
        ((hashes[at + 2] as number) << 8) |
        (hashes[at + 3] as number)) >>>
      0
    );
  }

  /** Changes in the order of the first 32 bits of their key hashes: those of one bucket stand together. */
  order(): Uint32Array {
    if (this.#order.length !== this.count) {
      const sortKeys = new Float64Array(this.count);
      // 32 bits of hash and 21 of number fit a double exactly, and typed arrays sort natively.
      for (let change = 0; change < this.count; change++) sortKeys[change] = this.prefix(change) * MAX_CHANGES + change;
      sortKeys.sort();
      this.#order = Uint32Array.from(sortKeys, (sortKey) => sortKey % MAX_CHANGES);
    }
    return this.#order;
  }
}
