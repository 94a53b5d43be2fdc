import { open, readFile, rename } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Hash, type Hex, toHex } from '../../primitives/bytes.js';
import { StorageError } from './errors.js';

/**
 * A file beside the database that says that there is one. LevelDB opens a directory whose `CURRENT` was deleted as an
 * empty database; the marker tells such a loss from a new node.
 */
export interface Marker {
  readonly schemaVersion: number;
  readonly genesisHash: Hex;
}

/** Where the marker of a database stands: never inside its directory. */
export function markerPath(databasePath: string): string {
  return `${databasePath}.marker`;
}

/** Undefined where there is none. @throws StorageError `MARKER_INVALID` */
export async function readMarker(databasePath: string): Promise<Marker | undefined> {
  const path = markerPath(databasePath);
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw invalid(path, error instanceof Error ? error.message : String(error));
  }
  const marker = parse(text);
  if (marker === undefined) throw invalid(path, text.slice(0, 80));
  return marker;
}

function parse(text: string): Marker | undefined {
  try {
    const { schemaVersion, genesisHash } = JSON.parse(text) as Partial<Marker>;
    if (!Number.isInteger(schemaVersion) || !/^0x[0-9a-f]{64}$/.test(genesisHash ?? '')) return undefined;
    return { schemaVersion: schemaVersion as number, genesisHash: genesisHash as Hex };
  } catch {
    return undefined;
  }
}

function invalid(path: string, actual: string): StorageError {
  return new StorageError('MARKER_INVALID', `${path} is no marker of a database: ${actual}`, {
    path,
    expected: 'schemaVersion and genesisHash',
    actual,
    hint: 'the disk or somebody damaged it: check the database beside it before anything else',
  });
}

/** On disk when it resolves: the file, and its name in the directory. */
export async function writeMarker(databasePath: string, schemaVersion: number, genesisHash: Hash): Promise<void> {
  const path = markerPath(databasePath);
  const marker: Marker = { schemaVersion, genesisHash: toHex(genesisHash) };
  const file = await open(`${path}.new`, 'w', 0o600);
  try {
    await file.writeFile(`${JSON.stringify(marker)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(`${path}.new`, path);
  const directory = await open(dirname(path), 'r');
  try {
    await directory.sync();
  } finally {
    await directory.close();
  }
}
