import type { EngineBatch } from './levelEngine.js';

/**
 * Rows that are written together later, in memory until then: the newest of each key, so that a row which several heights
 * change is written once. Not bounded by itself: who opens a group bounds it.
 */
export class StagedRows {
  /** By the key's bytes as characters; undefined deletes. */
  readonly #rows = new Map<string, Uint8Array | undefined>();
  #batchCount = 0;
  #sizeBytes = 0;

  get rowCount(): number {
    return this.#rows.size;
  }

  get batchCount(): number {
    return this.#batchCount;
  }

  /** Bytes that were put, those of replaced rows included. */
  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  has(key: Uint8Array): boolean {
    return this.#rows.size > 0 && this.#rows.has(name(key));
  }

  get(key: Uint8Array): Uint8Array | undefined {
    return this.#rows.get(name(key));
  }

  /** A batch whose writing only adds its rows to these. */
  batch(): EngineBatch {
    const own = new Map<string, Uint8Array | undefined>();
    return {
      put: (key, value) => void own.set(name(key), value.slice()),
      delete: (key) => void own.set(name(key), undefined),
      write: async () => {
        for (const [key, row] of own) {
          this.#rows.set(key, row);
          this.#sizeBytes += key.length + (row?.length ?? 0);
        }
        this.#batchCount++;
      },
      discard: () => own.clear(),
    };
  }

  putInto(batch: EngineBatch): void {
    for (const [key, row] of this.#rows) {
      if (row === undefined) batch.delete(bytesOf(key));
      else batch.put(bytesOf(key), row);
    }
  }
}

function name(key: Uint8Array): string {
  return Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1');
}

function bytesOf(key: string): Uint8Array {
  return Buffer.from(key, 'latin1');
}
