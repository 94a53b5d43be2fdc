import { Level } from 'level';

const BINARY = { keyEncoding: 'view', valueEncoding: 'view' } as const;
/** Every key of a database. */
const FIRST = Uint8Array.of(0);
const LAST = Uint8Array.of(0xff);

interface Mergeable {
  compactRange(first: Uint8Array, last: Uint8Array): Promise<void>;
}

/**
 * Merges the tables of a database that nobody has open into one level, as they come to be after a while: right after very much was written,
 * LevelDB answers reads from several levels, and merges those in the background as it is read.
 */
export async function mergeTables(path: string): Promise<void> {
  const level = new Level<Uint8Array, Uint8Array>(path, { ...BINARY, createIfMissing: false });
  await level.open();
  try {
    // LevelDB has it; the type is of what all stores have.
    await (level as unknown as Mergeable).compactRange(FIRST, LAST);
  } finally {
    await level.close();
  }
}
