import { invariant } from '../../primitives/errors.js';
import { STATE_ENTRY_BYTES } from '../../primitives/stateTree.js';

const HASH_BYTES = 32;
/** Changed keys of one block: what the sort key below can number. */
export const MAX_CHANGES = 2 ** 21;

/** What a change did to the keys: only new and gone ones move anything but hashes. */
export const EFFECT = { updated: 0, inserted: 1, deleted: 2, absent: 3 } as const;

/** The changed keys of a block as hashes, in the order of the tree. */
export class KeyChanges {
  readonly count: number;
  /** Key hash and value hash of each change, zeros for a deleted one: what the log holds. */
  readonly entries: Uint8Array;
  /** By change, one of `EFFECT`; known when the pages were edited. */
  readonly effects: Uint8Array;
  #order: Uint32Array = new Uint32Array(0);

  constructor(count: number) {
    invariant(count <= MAX_CHANGES, 'a block changes fewer keys', {
      expected: `at most ${MAX_CHANGES}`,
      actual: `${count}`,
    });
    this.count = count;
    this.entries = new Uint8Array(count * STATE_ENTRY_BYTES);
    this.effects = new Uint8Array(count);
  }

  /** `valueHash` undefined deletes. */
  set(change: number, keyHash: Uint8Array, valueHash: Uint8Array | undefined): void {
    const at = change * STATE_ENTRY_BYTES;
    this.entries.set(keyHash, at);
    if (valueHash === undefined) this.entries.fill(0, at + HASH_BYTES, at + STATE_ENTRY_BYTES);
    else this.entries.set(valueHash, at + HASH_BYTES);
  }

  keyHash(change: number): Uint8Array {
    const at = change * STATE_ENTRY_BYTES;
    return this.entries.subarray(at, at + HASH_BYTES);
  }

  valueHash(change: number): Uint8Array {
    const at = change * STATE_ENTRY_BYTES;
    return this.entries.subarray(at + HASH_BYTES, at + STATE_ENTRY_BYTES);
  }

  isDelete(change: number): boolean {
    const at = change * STATE_ENTRY_BYTES + HASH_BYTES;
    // No value hashes to 32 zero bytes; the first one that is not zero settles it.
    for (let i = at; i < at + HASH_BYTES; i++) if (this.entries[i] !== 0) return false;
    return true;
  }

  bit(change: number, index: number): 0 | 1 {
    const byte = this.entries[change * STATE_ENTRY_BYTES + (index >> 3)] as number;
    return ((byte >> (7 - (index & 7))) & 1) as 0 | 1;
  }

  /** The first 32 bits of the key's hash. */
  prefix(change: number): number {
    const at = change * STATE_ENTRY_BYTES;
    const { entries } = this;
    return (
      (((entries[at] as number) << 24) |
        ((entries[at + 1] as number) << 16) |
        ((entries[at + 2] as number) << 8) |
        (entries[at + 3] as number)) >>>
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
