import type { EngineBatch, EngineRange, KeyValueEngine } from '../../../node/storage/levelEngine.js';

const latin1 = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
const keyBytes = (key: string): Uint8Array => Uint8Array.from(Buffer.from(key, 'latin1'));

/** The rows of one database, which outlive the processes that open it. Every batch that was written is on the platter. */
export class SimulatedRows {
  readonly rows = new Map<string, Uint8Array>();
  #sorted: readonly string[] | undefined;

  /** Keys in the order of their bytes, which is that of the characters. */
  keys(): readonly string[] {
    this.#sorted ??= [...this.rows.keys()].sort();
    return this.#sorted;
  }

  apply(changes: ReadonlyMap<string, Uint8Array | undefined>): void {
    for (const [key, value] of changes) {
      if (value === undefined ? this.rows.delete(key) : !this.rows.has(key)) this.#sorted = undefined;
      if (value !== undefined) this.rows.set(key, value);
    }
  }

  /**
   * A key-value store over the rows, as storage wants one.
   *
   * @param write carries a batch out, when and as its process lets it
   */
  engine(write: (changes: ReadonlyMap<string, Uint8Array | undefined>) => Promise<void>): KeyValueEngine {
    return {
      getSync: (key) => this.rows.get(latin1(key)),
      iterate: (range) => this.#iterate(range),
      close: async () => {},
      batch: (): EngineBatch => {
        const changes = new Map<string, Uint8Array | undefined>();
        return {
          put: (key, value) => void changes.set(latin1(key), value.slice()),
          delete: (key) => void changes.set(latin1(key), undefined),
          write: () => write(changes),
          discard: () => changes.clear(),
        };
      },
    };
  }

  async *#iterate({ from, to, reverse, limit }: EngineRange): AsyncIterable<readonly [Uint8Array, Uint8Array]> {
    const keys = this.keys();
    const start = firstFrom(keys, latin1(from));
    const chosen = keys.slice(start, Math.max(start, firstFrom(keys, latin1(to))));
    if (reverse) chosen.reverse();
    for (const key of limit < 0 ? chosen : chosen.slice(0, limit)) {
      const value = this.rows.get(key);
      if (value !== undefined) yield [keyBytes(key), value];
    }
  }
}

/** Index of the first key that is not below `bound`. */
function firstFrom(keys: readonly string[], bound: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] as string) < bound) low = middle + 1;
    else high = middle;
  }
  return low;
}
