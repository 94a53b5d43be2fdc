import { readFile } from 'node:fs/promises';
import { genesisHash, parseGenesis } from '../../genesis/genesis.js';
import { parseKeystore } from '../../node/keys/keystore.js';
import { resolveConfig } from '../../node/ops/config.js';
import type { JournalPlace } from '../../node/validatorJournalStatus.js';
import type { Address } from '../../primitives/types.js';
import { usageError } from '../errors.js';
import type { Invocation } from '../invocation.js';
import { readNodeConfig } from '../nodeConfig.js';
import { nodeHome } from '../nodeHome.js';

/** A validator's home, as far as its journal is concerned; no password is needed for any of it. */
export interface JournalHome {
  readonly home: string;
  readonly place: JournalPlace;
}

/** @throws CliError `USAGE_INVALID` for an observer's home */
export async function openJournalHome(invocation: Invocation): Promise<JournalHome> {
  const home = nodeHome(invocation);
  const { settings } = resolveConfig(await readNodeConfig(invocation, home));
  const { validatorKeystore: path, genesisFile, journalDirectory: directory } = settings;
  if (path === undefined) throw usageError('--home', 'the home of a validator', 'that of an observer');
  const genesis = parseGenesis(JSON.parse(await readFile(genesisFile, 'utf8')));
  const { address } = parseKeystore(await readFile(path, 'utf8'), path);
  return { home, place: { directory, genesisHash: genesisHash(genesis), address: address as Address } };
}
