import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { genesisHash, parseGenesis } from '../genesis/genesis.js';
import { SYSTEM_NAMESPACE } from './execution/namespaces.js';
import type { NodeSettings } from './ops/settings.js';
import { chooseBackend } from './signatures/chooseBackend.js';
import { chooseBulkHasher } from './state/bulkHasher.js';
import { type VerifyReport, verifyDatabase } from './state/verifyDatabase.js';
import { systemDisk } from './storage/disk.js';
import { StorageError } from './storage/errors.js';
import { openChainDatabase } from './storage/openChainDatabase.js';

export interface HomeVerification extends VerifyReport {
  /** Of the newest block. */
  readonly height: number;
}

/**
 * Checks everything that a node which does not run has on its disk of the chain: each row's checksum, each block with
 * its certificate, body, receipts and indexes, each key of the state. Reads only; nothing is made where there is none.
 *
 * @throws StorageError `DATABASE_LOST`, `DATABASE_LOCKED`, …; GenesisError
 */
export async function verifyHome({
  genesisFile,
  dataDirectory,
}: Pick<NodeSettings, 'genesisFile' | 'dataDirectory'>): Promise<HomeVerification> {
  const genesis = parseGenesis(JSON.parse(await readFile(genesisFile, 'utf8')));
  const path = join(dataDirectory, 'chain');
  if ((await systemDisk.names(path)) === undefined) throw nothingAt(path);
  const database = await openChainDatabase({ path, genesisHash: genesisHash(genesis) });
  try {
    const { stateTreeDepth: treeDepth, statePageEntries: pageEntries } = genesis.parameters;
    const report = await verifyDatabase(
      { treeDepth, pageEntries, isOrdered: (key) => !key.startsWith(SYSTEM_NAMESPACE) },
      { database, hasher: chooseBulkHasher().hasher, signatures: chooseBackend().backend },
    );
    return { ...report, height: database.head()?.height ?? 0 };
  } finally {
    await database.close();
  }
}

function nothingAt(path: string): StorageError {
  return new StorageError('DATABASE_LOST', `expected the database of a chain at ${path}, found none`, {
    path,
    expected: 'a database',
    actual: 'none',
    hint: 'name the home of a node that has run; a node without its data fetches the chain when it is started',
  });
}
