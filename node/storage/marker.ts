import { type Hash, type Hex, toHex } from '../../primitives/bytes.js';
import { type Disk, systemDisk } from './disk.js';
import { writeFileDurably } from './durableFiles.js';
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
export async function readMarker(databasePath: string, disk: Disk = systemDisk): Promise<Marker | undefined> {
  const path = markerPath(databasePath);
  let bytes: Uint8Array | undefined;
  try {
    bytes = await disk.read(path);
  } catch (error) {
    throw invalid(path, error instanceof Error ? error.message : String(error));
  }
  if (bytes === undefined) return undefined;
  const text = new TextDecoder().decode(bytes);
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
export async function writeMarker(
  databasePath: string,
  { schemaVersion, genesisHash }: { readonly schemaVersion: number; readonly genesisHash: Hash },
  disk: Disk = systemDisk,
): Promise<void> {
  const marker: Marker = { schemaVersion, genesisHash: toHex(genesisHash) };
  await writeFileDurably(markerPath(databasePath), new TextEncoder().encode(`${JSON.stringify(marker)}\n`), disk);
}
