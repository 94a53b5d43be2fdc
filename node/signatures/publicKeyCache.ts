const COMPRESSED_KEY_BYTES = 33;

/**
 * Decompressed public keys by their compressed bytes, least recently used out first, in two generations: a key that is
 * asked for moves to the young one, and when that is full the old one is dropped. So it costs one Map lookup in the
 * common case and never holds more than twice `generationKeys`.
 */
export class PublicKeyCache {
  private young = new Map<string, Uint8Array>();
  private old = new Map<string, Uint8Array>();

  constructor(private readonly generationKeys: number) {}

  /** The decompressed key, from `decompress` where it is not held; what that throws is passed on and not remembered. */
  get(compressed: Uint8Array, decompress: (compressed: Uint8Array) => Uint8Array): Uint8Array {
    const name = Buffer.from(compressed.buffer, compressed.byteOffset, COMPRESSED_KEY_BYTES).toString('latin1');
    const recent = this.young.get(name);
    if (recent !== undefined) return recent;
    const key = this.old.get(name) ?? decompress(compressed);
    if (this.young.size >= this.generationKeys) {
      this.old = this.young;
      this.young = new Map();
    }
    this.young.set(name, key);
    return key;
  }

  /** Keys held now, at most twice `generationKeys`. */
  get size(): number {
    return this.young.size + this.old.size;
  }
}
