import { join } from 'node:path';
import { parseGenesis, trustedChain, verifyGenesis } from '../genesis/genesis.js';
import type { Genesis, GenesisCurrency } from '../genesis/types.js';
import type { Hash } from '../primitives/bytes.js';
import type { TrustedChain } from '../primitives/finality.js';
import type { SignatureBackend } from '../primitives/types.js';
import type { CliSettings } from './config.js';
import { CliError } from './errors.js';
import { readTextFile } from './files.js';

/** The network that this wallet trusts: what its genesis file says, and nothing that a node tells. */
export interface TrustedNetwork extends TrustedChain {
  /** The genesis file. */
  readonly path: string;
  readonly genesis: Genesis;
  readonly genesisHash: Hash;
  readonly currencies: readonly GenesisCurrency[];
  /** @throws CliError `CURRENCY_UNKNOWN` */
  decimalsOf(currency: string): number;
}

const MAX_GENESIS_BYTES = 67_108_864;
/** Where a wallet keeps the genesis file of its network. */
export const WALLET_GENESIS = 'genesis.json';

/**
 * Reads the genesis file that is trusted: `--genesis`, or the one in the wallet.
 *
 * @throws CliError `CONFIG_INVALID` where there is none; GenesisError
 */
export async function loadTrustedNetwork(settings: CliSettings): Promise<TrustedNetwork> {
  const path = settings.genesis ?? join(settings.wallet, WALLET_GENESIS);
  let text: string;
  try {
    text = await readTextFile(path, MAX_GENESIS_BYTES);
  } catch (error) {
    if (settings.genesis !== undefined || !(error instanceof CliError) || error.details.actual !== 'ENOENT')
      throw error;
    throw new CliError('CONFIG_INVALID', `expected the network’s genesis file, found none at ${path}`, {
      expected: 'a genesis file that you trust',
      actual: 'none',
      hint: 'name it with --genesis or VOSTRO_GENESIS, or put it into the wallet as genesis.json',
    });
  }
  return trustedNetwork(parseGenesis(parseGenesisJson(text, path)), path);
}

/** The same with every proof of possession checked. @throws GenesisError `GENESIS_POSSESSION` */
export async function loadVerifiedNetwork(settings: CliSettings, backend: SignatureBackend): Promise<TrustedNetwork> {
  const network = await loadTrustedNetwork(settings);
  verifyGenesis(network.genesis, backend);
  return network;
}

/** What a genesis makes trustworthy. */
export function trustedNetwork(genesis: Genesis, path: string): TrustedNetwork {
  const { chainId, currencies } = genesis;
  return {
    ...trustedChain(genesis),
    path,
    genesis,
    currencies,
    decimalsOf: (code) => {
      const currency = currencies.find((candidate) => candidate.code === code);
      if (currency !== undefined) return currency.decimals;
      const expected = currencies.map((candidate) => candidate.code).join(', ');
      throw new CliError('CURRENCY_UNKNOWN', `expected a currency of ${chainId} (${expected}), found "${code}"`, {
        expected,
        actual: code,
      });
    },
  };
}

/** The text of a genesis file or description as JSON. @throws CliError `FILE_MALFORMED` */
export function parseGenesisJson(text: string, path: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const actual = error instanceof Error ? error.message.slice(0, 200) : String(error);
    throw new CliError('FILE_MALFORMED', `${path}: expected JSON, found ${actual}`, { expected: 'JSON', actual });
  }
}

/** The file that a command names, or else the trusted one. */
export async function readGenesisFile(path: string): Promise<Genesis> {
  return parseGenesis(parseGenesisJson(await readTextFile(path, MAX_GENESIS_BYTES), path));
}

/** The description that a genesis is built from. */
export function readGenesisText(path: string): Promise<string> {
  return readTextFile(path, MAX_GENESIS_BYTES);
}
