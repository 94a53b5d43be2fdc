import type { FingerprintTable } from './fingerprintTable.js';
import { HalfSipHash } from './halfSipHash.js';

export const FINGERPRINT_BYTES = 8;

/** 64-bit fingerprints of row keys, under a seed that only this node knows. */
export class Fingerprints {
  readonly #hash: HalfSipHash;

  /** `seed`: 8 bytes. */
  constructor(seed: Uint8Array) {
    this.#hash = new HalfSipHash(seed);
  }

  /** The fingerprints of many keys, one after the other. */
  pack(keys: readonly Uint8Array[]): Uint8Array {
    const packed = new Uint8Array(keys.length * FINGERPRINT_BYTES);
    const view = new DataView(packed.buffer);
    keys.forEach((key, index) => {
      this.#hash.hash(key);
      view.setUint32(index * FINGERPRINT_BYTES, this.#hash.low);
      view.setUint32(index * FINGERPRINT_BYTES + 4, this.#hash.high);
    });
    return packed;
  }

  /** The fingerprint of a key in two halves; the next call changes them. */
  of(key: Uint8Array): { readonly low: number; readonly high: number } {
    this.#hash.hash(key);
    return this.#hash;
  }

  /** True when one of the tables may hold the key: then the row decides. */
  mayBeIn(tables: readonly FingerprintTable[], key: Uint8Array): boolean {
    this.#hash.hash(key);
    const { low, high } = this.#hash;
    // Newest first: what is sent twice is mostly sent soon.
    for (let at = tables.length - 1; at >= 0; at--) if ((tables[at] as FingerprintTable).has(low, high)) return true;
    return false;
  }
}

/** Adds packed fingerprints to a table. */
export function addPacked(table: FingerprintTable, packed: Uint8Array): void {
  const view = new DataView(packed.buffer, packed.byteOffset, packed.length);
  for (let offset = 0; offset + FINGERPRINT_BYTES <= packed.length; offset += FINGERPRINT_BYTES) {
    table.add(view.getUint32(offset), view.getUint32(offset + 4));
  }
}
