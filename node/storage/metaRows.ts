import { PREFIX } from './prefixes.js';
import { TypedRepository } from './repository.js';
import { type RowCodec, rawCodec } from './rowCodec.js';
import type { RowStore } from './rowStore.js';
import type { Repository } from './types.js';

/** Rows of the kind `meta`, by number: never used again for anything else. */
export const META = { schemaVersion: 1, genesisHash: 2, head: 3, seed: 4 } as const;

export type MetaRows = Repository<number, Uint8Array>;

const byteCodec: RowCodec<number> = { encode: (value) => Uint8Array.of(value), decode: (bytes) => bytes[0] as number };

export function metaRows(store: RowStore): MetaRows {
  return new TypedRepository({ prefix: PREFIX.meta, key: byteCodec, value: rawCodec }, store);
}
