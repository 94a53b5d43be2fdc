/** Small enough that a transaction that outlives its neighbours keeps little more alive than what is accounted for it. */
const SLAB_BYTES = 4_096;
const EMPTY = new Uint8Array(0);

/**
 * Memory of its own for transactions that come in together: small ones share pieces of at most 4 KiB, so that not each
 * costs an allocation. A piece lives until the last transaction in it is dropped.
 */
export class Slab {
  private memory = EMPTY;
  private used = 0;

  /** @param leftBytes of what is still to come: no piece is larger */
  constructor(private leftBytes: number) {}

  /** A plain view that holds nothing but these bytes; the very array where it has memory of its own already. */
  own(bytes: Uint8Array): Uint8Array {
    const { length } = bytes;
    const left = this.leftBytes;
    this.leftBytes -= length;
    if (bytes.constructor === Uint8Array && bytes.buffer.byteLength === length) return bytes;
    if (length > SLAB_BYTES) return new Uint8Array(bytes);
    if (this.used + length > this.memory.length) {
      this.memory = new Uint8Array(Math.max(length, Math.min(SLAB_BYTES, left)));
      this.used = 0;
    }
    const owned = this.memory.subarray(this.used, this.used + length);
    owned.set(bytes);
    this.used += length;
    return owned;
  }
}
