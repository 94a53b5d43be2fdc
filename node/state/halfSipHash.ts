/**
 * HalfSipHash-2-4 with 64 bits of output (J.-P. Aumasson and D. J. Bernstein, "SipHash", 32-bit variant of its reference
 * code): a short-input hash with a secret key, so that nobody can choose inputs that crowd a hash table. Not consensus:
 * each node has its own key.
 */
export class HalfSipHash {
  readonly #key0: number;
  readonly #key1: number;
  /** The two halves of the last hash, as unsigned 32-bit integers. */
  high = 0;
  low = 0;

  /** `key`: 8 bytes. */
  constructor(key: Uint8Array) {
    const view = new DataView(key.buffer, key.byteOffset, 8);
    this.#key0 = view.getInt32(0, true);
    this.#key1 = view.getInt32(4, true);
  }

  /** Sets `low` and `high` to the hash of the bytes. */
  hash(bytes: Uint8Array): void {
    let v0 = this.#key0;
    let v1 = this.#key1 ^ 0xee;
    let v2 = this.#key0 ^ 0x6c796765;
    let v3 = this.#key1 ^ 0x74656462;
    const words = bytes.length >> 2;
    const last = words << 2;
    // Two rounds for each word, the word of the length, then four for either half of the output.
    for (let word = 0; word <= words + 2; word++) {
      let message = 0;
      let rounds = 2;
      if (word < words) {
        const at = word << 2;
        message =
          (bytes[at] as number) |
          ((bytes[at + 1] as number) << 8) |
          ((bytes[at + 2] as number) << 16) |
          ((bytes[at + 3] as number) << 24);
      } else if (word === words) {
        message = bytes.length << 24;
        for (let i = bytes.length - 1; i >= last; i--) message |= (bytes[i] as number) << ((i & 3) << 3);
      } else {
        rounds = 4;
        if (word === words + 1) v2 ^= 0xee;
        else v1 ^= 0xdd;
      }
      v3 ^= message;
      for (; rounds > 0; rounds--) {
        v0 = (v0 + v1) | 0;
        v1 = ((v1 << 5) | (v1 >>> 27)) ^ v0;
        v0 = (v0 << 16) | (v0 >>> 16);
        v2 = (v2 + v3) | 0;
        v3 = ((v3 << 8) | (v3 >>> 24)) ^ v2;
        v0 = (v0 + v3) | 0;
        v3 = ((v3 << 7) | (v3 >>> 25)) ^ v0;
        v2 = (v2 + v1) | 0;
        v1 = ((v1 << 13) | (v1 >>> 19)) ^ v2;
        v2 = (v2 << 16) | (v2 >>> 16);
      }
      v0 ^= message;
      if (word === words + 1) this.low = (v1 ^ v3) >>> 0;
    }
    this.high = (v1 ^ v3) >>> 0;
  }
}
