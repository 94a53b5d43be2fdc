import { invariant } from '../../primitives/errors.js';
import { TypedRepository } from './repository.js';
import { positionCodec, type RowCodec, readUint, writeUint } from './rowCodec.js';
import type { RowStore } from './rowStore.js';
import type { BlockItems, HeightBatch, Repository, TransactionPosition } from './types.js';

/** Items of one row: a large block costs few rows, and one item of it is read without the others. */
export const ITEMS_PER_CHUNK = 64;

interface Chunk {
  /** Of the whole block. */
  readonly blockCount: number;
  readonly items: readonly Uint8Array[];
}

/** Items of the block in four bytes, of the chunk in one, the length of each in four, the items. */
const chunkCodec: RowCodec<Chunk> = {
  encode: ({ blockCount, items }) => {
    const header = 5 + 4 * items.length;
    const bytes = new Uint8Array(items.reduce((total, item) => total + item.length, header));
    let offset = writeUint(bytes, writeUint(bytes, 0, blockCount, 4), items.length, 1);
    for (const item of items) offset = writeUint(bytes, offset, item.length, 4);
    for (const item of items) {
      bytes.set(item, offset);
      offset += item.length;
    }
    return bytes;
  },
  decode: (bytes) => {
    const count = bytes[4] as number;
    const items: Uint8Array[] = [];
    for (let index = 0, offset = 5 + 4 * count; index < count; index++) {
      const end = offset + readUint(bytes, 5 + 4 * index, 4);
      items.push(bytes.subarray(offset, end));
      offset = end;
    }
    return { blockCount: readUint(bytes, 0, 4), items };
  },
};

/** Byte strings of blocks in chunks: transactions, receipts, references. What is read is a view of its chunk. */
export class ChunkedBlockItems implements BlockItems {
  readonly #chunks: Repository<TransactionPosition, Chunk>;

  constructor({ prefix }: { readonly prefix: number }, store: RowStore) {
    this.#chunks = new TypedRepository({ prefix, key: positionCodec, value: chunkCodec }, store);
  }

  get(height: number, index: number): Uint8Array | undefined {
    const chunk = this.#chunks.get({ height, index: Math.floor(index / ITEMS_PER_CHUNK) });
    return chunk?.items[index % ITEMS_PER_CHUNK];
  }

  count(height: number): number | undefined {
    return this.#chunks.get({ height, index: 0 })?.blockCount;
  }

  list(height: number): readonly Uint8Array[] | undefined {
    const first = this.#chunks.get({ height, index: 0 });
    if (first === undefined) return undefined;
    const items = [...first.items];
    for (let index = 1; items.length < first.blockCount; index++) {
      const chunk = this.#chunks.get({ height, index });
      invariant(chunk !== undefined && chunk.items.length > 0, 'a block was written whole', {
        expected: `${first.blockCount} items at height ${height}`,
        actual: `${items.length}`,
      });
      items.push(...chunk.items);
    }
    return items;
  }

  put(batch: HeightBatch, height: number, items: readonly Uint8Array[]): void {
    for (let index = 0; index < chunksOf(items.length); index++) {
      const part = items.slice(index * ITEMS_PER_CHUNK, (index + 1) * ITEMS_PER_CHUNK);
      this.#chunks.put(batch, { height, index }, { blockCount: items.length, items: part });
    }
  }

  delete(batch: HeightBatch, height: number, count: number): void {
    for (let index = 0; index < chunksOf(count); index++) this.#chunks.delete(batch, { height, index });
  }
}

/** Rows of so many items; a block without any has one, too. */
function chunksOf(count: number): number {
  return Math.max(1, Math.ceil(count / ITEMS_PER_CHUNK));
}
