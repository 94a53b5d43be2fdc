import { randomBytes } from 'node:crypto';
import { type Hash, toHex } from '../../primitives/bytes.js';
import { LevelChainDatabase } from './chainDatabase.js';
import { checkRecentBlocks } from './checkRecentBlocks.js';
import { type Disk, systemDisk } from './disk.js';
import { StorageError } from './errors.js';
import { type LevelOptions, type OpenEngine, openLevelEngine } from './levelEngine.js';
import { readMarker, writeMarker } from './marker.js';
import { META, type MetaRows, metaRows } from './metaRows.js';
import { SCHEMA_VERSION } from './prefixes.js';
import { RowStore } from './rowStore.js';

export interface ChainDatabaseOptions extends Partial<LevelOptions> {
  /** The database's own directory; its marker stands beside it. The directory above must exist. */
  readonly path: string;
  readonly genesisHash: Hash;
  /** Another store under the same rows: tests put faults there. */
  readonly openEngine?: OpenEngine;
  /** Of the marker and of what stands in the directory; the machine's own unless told. */
  readonly disk?: Disk;
  /** Draws the database's seed; the machine's own randomness unless told. */
  readonly randomBytes?: (size: number) => Uint8Array;
}

const LEVEL_DEFAULTS: Omit<LevelOptions, 'writeBufferBytes'> = {
  cacheSizeBytes: 64 * 2 ** 20,
  compression: true,
};
const MIN_WRITE_BUFFER_BYTES = 64 * 2 ** 20;
const MAX_WRITE_BUFFER_BYTES = 96 * 2 ** 20;

/**
 * Validators write the same rows at the same time. With buffers of one size they would all merge their tables in the same moment, too, and no
 * quorum would be left that does not wait: so each opening draws its own.
 */
function drawnWriteBuffer(draw: (size: number) => Uint8Array): number {
  const share = (draw(1)[0] ?? 0) / 0xff;
  return Math.round(MIN_WRITE_BUFFER_BYTES + share * (MAX_WRITE_BUFFER_BYTES - MIN_WRITE_BUFFER_BYTES));
}

/**
 * Opens the chain's database, or makes it where neither it nor its marker exists.
 *
 * @throws StorageError `DATABASE_LOST`, `DATABASE_LOCKED`, `DATABASE_UNOPENABLE`, `GENESIS_MISMATCH`,
 *   `SCHEMA_UNSUPPORTED`, `MARKER_INVALID`, `CHAIN_BROKEN`, `VALUE_CORRUPT`
 */
export async function openChainDatabase(options: ChainDatabaseOptions): Promise<LevelChainDatabase> {
  const { path, genesisHash, disk = systemDisk, randomBytes: draw = randomBytes } = options;
  const marker = await readMarker(path, disk);
  if (marker !== undefined) requireSame(path, marker.schemaVersion, marker.genesisHash, genesisHash);
  const found = contentOf(await filesIn(path, disk));
  if (found === 'headless') throw lost(path, 'data files without CURRENT');
  if (found === 'nothing' && marker !== undefined) throw lost(path, 'no database');
  const create = found === 'nothing';
  const engine = await (options.openEngine ?? openLevelEngine)(path, {
    ...LEVEL_DEFAULTS,
    writeBufferBytes: drawnWriteBuffer(draw),
    ...definedOnly(options),
    create,
  });
  const store = new RowStore(path, engine);
  try {
    const meta = metaRows(store);
    // Without a marker an empty database is one whose making was cut off: nothing was ever kept in it.
    if (create || (marker === undefined && (await isEmpty(store)))) {
      await initialise(store, meta, { genesisHash, seed: draw(16) });
    }
    const identity = readIdentity(path, meta);
    requireSame(path, identity.schemaVersion, toHex(identity.genesisHash), genesisHash);
    if (marker === undefined) await writeMarker(path, { schemaVersion: SCHEMA_VERSION, genesisHash }, disk);
    const database = new LevelChainDatabase({ path, genesisHash, seed: identity.seed }, { store, meta });
    checkRecentBlocks(database);
    return database;
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** What a directory holds, by the names in it. */
function contentOf(files: readonly string[]): 'database' | 'nothing' | 'headless' {
  if (files.includes('CURRENT')) return 'database';
  return files.some((name) => /\.(ldb|sst|log)$/.test(name)) ? 'headless' : 'nothing';
}

async function isEmpty(store: RowStore): Promise<boolean> {
  for await (const _row of store.rows({ from: Uint8Array.of(0), to: Uint8Array.of(0xff), reverse: false, limit: 1 })) {
    return false;
  }
  return true;
}

function definedOnly({ cacheSizeBytes, writeBufferBytes, compression }: ChainDatabaseOptions): Partial<LevelOptions> {
  return {
    ...(cacheSizeBytes === undefined ? {} : { cacheSizeBytes }),
    ...(writeBufferBytes === undefined ? {} : { writeBufferBytes }),
    ...(compression === undefined ? {} : { compression }),
  };
}

/** Names in the database's directory; none when there is no directory. */
async function filesIn(path: string, disk: Disk): Promise<readonly string[]> {
  try {
    return (await disk.names(path)) ?? [];
  } catch (error) {
    const actual = error instanceof Error ? error.message : String(error);
    throw new StorageError('DATABASE_UNOPENABLE', `${path} cannot be read: ${actual}`, {
      path,
      expected: 'a directory of LevelDB files, or nothing',
      actual,
      hint: 'check the data directory of this node and who may read it',
    });
  }
}

async function initialise(
  store: RowStore,
  meta: MetaRows,
  { genesisHash, seed }: { readonly genesisHash: Hash; readonly seed: Uint8Array },
): Promise<void> {
  const batch = store.batch();
  meta.put(batch, META.schemaVersion, Uint8Array.of(SCHEMA_VERSION));
  meta.put(batch, META.genesisHash, genesisHash);
  meta.put(batch, META.seed, new Uint8Array(seed));
  await batch.write();
}

interface Identity {
  readonly schemaVersion: number;
  readonly genesisHash: Hash;
  readonly seed: Uint8Array;
}

function readIdentity(path: string, meta: MetaRows): Identity {
  const schemaVersion = meta.get(META.schemaVersion);
  const genesisHash = meta.get(META.genesisHash);
  const seed = meta.get(META.seed);
  if (schemaVersion === undefined || genesisHash === undefined || seed === undefined) {
    throw lost(path, 'an empty database');
  }
  return { schemaVersion: schemaVersion[0] as number, genesisHash, seed };
}

function lost(path: string, actual: string): StorageError {
  return new StorageError('DATABASE_LOST', `${path}: expected the chain that was kept here, found ${actual}`, {
    path,
    expected: 'the chain that was kept here',
    actual,
    hint: 'if the loss is known, start from a new home: the node fetches the chain from its peers and signs nothing that it might have signed',
  });
}

function requireSame(path: string, schemaVersion: number, genesisHash: string, expectedHash: Hash): void {
  if (schemaVersion !== SCHEMA_VERSION) {
    throw new StorageError('SCHEMA_UNSUPPORTED', `${path} has layout ${schemaVersion}, expected ${SCHEMA_VERSION}`, {
      path,
      expected: `${SCHEMA_VERSION}`,
      actual: `${schemaVersion}`,
      hint: 'run the version of the node that wrote it, or fetch the chain anew into an empty home',
    });
  }
  const expected = toHex(expectedHash);
  if (genesisHash !== expected) {
    throw new StorageError('GENESIS_MISMATCH', `${path} holds the chain ${genesisHash}, expected ${expected}`, {
      path,
      expected,
      actual: genesisHash,
      hint: 'give this node its own home, or the genesis file that its home was made with',
    });
  }
}
