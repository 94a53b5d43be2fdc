import type { RowCodec } from '../storage/rowCodec.js';
import type { FingerprintTable } from './fingerprintTable.js';
import { HalfSipHash } from './halfSipHash.js';

export const FINGERPRINT_BYTES = 8;

/** 64-bit fingerprints of the keys of one kind of row. */
export class Fingerprints<K> {
  readonly #codec: RowCodec<K>;
  readonly #hash: HalfSipHash;

  /** `seed`: 8 bytes that only this node knows. */
  constructor(codec: RowCodec<K>, seed: Uint8Array) {
    this.#codec = codec;
    this.#hash = new HalfSipHash(seed);
  }

  /** Packs the fingerprints of many keys. */
  pack(keys: Iterable<K>, count: number): Uint8Array {
    const packed = new Uint8Array(count * FINGERPRINT_BYTES);
    const view = new DataView(packed.buffer);
    let offset = 0;
    for (const key of keys) {
      this.#hash.hash(this.#codec.encode(key));
      view.setUint32(offset, this.#hash.low);
      view.setUint32(offset + 4, this.#hash.high);
      offset += FINGERPRINT_BYTES;
    }
    return packed;
  }

  /** True when one of the tables may hold the key: then the row decides. */
  mayBeIn(tables: Iterable<FingerprintTable>, key: K): boolean {
    this.#hash.hash(this.#codec.encode(key));
    const { low, high } = this.#hash;
    for (const table of tables) if (table.has(low, high)) return true;
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
