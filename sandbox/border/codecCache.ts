import type { Schema } from '../../contracts/api/schema.js';
import { type BorderCodec, compileCodec } from './codec.js';

/** Codecs of other contracts' methods, kept as long as those contracts are. */
export class CodecCache {
  readonly #codecs = new WeakMap<Schema<unknown>, BorderCodec>();

  of(schema: Schema<unknown>): BorderCodec {
    const known = this.#codecs.get(schema);
    if (known !== undefined) return known;
    const codec = compileCodec(schema.schema());
    this.#codecs.set(schema, codec);
    return codec;
  }
}
