import { Level } from 'level';
import { StorageError } from './errors.js';

/** What storage needs of a key-value store. LevelDB in a node; a test puts faults between. */
export interface KeyValueEngine {
  getSync(key: Uint8Array): Uint8Array | undefined;
  batch(): EngineBatch;
  iterate(range: EngineRange): AsyncIterable<readonly [Uint8Array, Uint8Array]>;
  close(): Promise<void>;
}

/** Keys and values are copied when they are put: the caller may use their arrays again. */
export interface EngineBatch {
  put(key: Uint8Array, value: Uint8Array): void;
  delete(key: Uint8Array): void;
  /** All of it or nothing, on disk when it resolves. */
  write(): Promise<void>;
  discard(): void;
}

export interface EngineRange {
  readonly from: Uint8Array;
  /** Exclusive. */
  readonly to: Uint8Array;
  readonly reverse: boolean;
  /** -1 for all. */
  readonly limit: number;
}

/** How LevelDB is set up; sizes in bytes. */
export interface LevelOptions {
  readonly cacheSizeBytes: number;
  /** Largest log, and memory table, before it becomes a table file. */
  readonly writeBufferBytes: number;
  readonly compression: boolean;
}

/** What is opened: `create` only where there is nothing yet. */
export type OpenEngine = (
  path: string,
  options: LevelOptions & { readonly create: boolean },
) => Promise<KeyValueEngine>;

const BINARY = { keyEncoding: 'view', valueEncoding: 'view' } as const;

/** @throws StorageError `DATABASE_LOCKED`, `DATABASE_UNOPENABLE` */
export const openLevelEngine: OpenEngine = async (path, options) => {
  const level = new Level<Uint8Array, Uint8Array>(path, {
    ...BINARY,
    createIfMissing: options.create,
    errorIfExists: options.create,
    cacheSize: options.cacheSizeBytes,
    writeBufferSize: options.writeBufferBytes,
    compression: options.compression,
  });
  try {
    await level.open();
  } catch (error) {
    throw openError(path, error);
  }
  return {
    getSync: (key) => level.getSync(key),
    iterate: ({ from, to, reverse, limit }) => level.iterator({ gte: from, lt: to, reverse, limit }),
    close: () => level.close(),
    batch: () => {
      const batch = level.batch();
      return {
        put: (key, value) => void batch.put(key, value),
        delete: (key) => void batch.del(key),
        write: () => batch.write({ sync: true }),
        discard: () => void batch.close().catch(() => undefined),
      };
    },
  };
};

function openError(path: string, error: unknown): StorageError {
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
  const actual = cause instanceof Error ? cause.message : String(cause);
  if (cause instanceof Error && 'code' in cause && cause.code === 'LEVEL_LOCKED') {
    return new StorageError('DATABASE_LOCKED', `${path} is in use: ${actual}`, {
      path,
      actual,
      hint: 'stop the other process that uses this home; one database belongs to one node',
    });
  }
  return new StorageError('DATABASE_UNOPENABLE', `${path} does not open: ${actual}`, {
    path,
    actual,
    hint: 'do not repair it by hand: keep a copy, start from an empty home and let the node fetch the chain from its peers',
  });
}
