import { access, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { emptyRecord, encodeJournalRecord } from '../consensus/journalRecord.js';
import { genesisHash, genesisToJson, verifyGenesis } from '../genesis/genesis.js';
import type { Genesis } from '../genesis/types.js';
import type { Hash } from '../primitives/bytes.js';
import { CodedError } from '../primitives/errors.js';
import type { Address, SignatureBackend } from '../primitives/types.js';
import { createJournal, journalMarkerPath, journalPath } from './engine/journal.js';
import { addKeystore, findKeystore } from './keys/keystoreDirectory.js';
import { newPrivateKey } from './keys/privateKey.js';
import { peerIdOf } from './network/identity.js';
import { systemDisk } from './storage/disk.js';
import { writeFileDurably } from './storage/durableFiles.js';

export type NodeHomeErrorCode = 'NODE_HOME_EXISTS' | 'VALIDATOR_KEY_NOT_NEW';

/** A home that cannot be set up as asked. */
export class NodeHomeError extends CodedError<NodeHomeErrorCode> {}

/** What a network's genesis needs of a node. */
export interface NodeIdentity {
  readonly peerId: string;
  /** Undefined for an observer. */
  readonly validator: { readonly address: Address; readonly privateKey: Uint8Array } | undefined;
}

export interface NodeHomeOptions {
  readonly home: string;
  readonly password: string;
  readonly validates: boolean;
  /** Base-2 logarithm of scrypt's cost; the standard's 18 unless told. */
  readonly logN?: number;
}

/** Stands beside a validator key that never signed: only such a key may get a journal that binds nothing. */
const UNUSED_MARKER = 'validator.unused';

/**
 * Makes a node's keys in a new home: `keys/network.json` for its peer id and, for a validator, `keys/validator.json`.
 *
 * @returns the identity for the genesis; the caller clears the private key when it has proven possession
 * @throws NodeHomeError `NODE_HOME_EXISTS`; KeyError
 */
export async function createNodeKeys(options: NodeHomeOptions, backend: SignatureBackend): Promise<NodeIdentity> {
  const keys = join(options.home, 'keys');
  if (await exists(join(keys, 'network.json'))) {
    throw new NodeHomeError('NODE_HOME_EXISTS', `expected a new home, found keys in ${keys}`, {
      expected: 'an empty directory',
      actual: keys,
      hint: 'a node keeps the keys that it has; choose another directory for a new one',
    });
  }
  await mkdir(keys, { recursive: true, mode: 0o700 });
  const sealing = options.logN === undefined ? {} : { logN: options.logN };
  const networkKey = newPrivateKey(backend);
  await addKeystore(keys, networkKey, options.password, backend, { label: 'network', ...sealing });
  const peerId = peerIdOf(networkKey);
  networkKey.fill(0);
  if (!options.validates) return { peerId, validator: undefined };
  const privateKey = newPrivateKey(backend);
  await writeFileDurably(join(keys, UNUSED_MARKER), new Uint8Array());
  const entry = await addKeystore(keys, privateKey, options.password, backend, { label: 'validator', ...sealing });
  return { peerId, validator: { address: entry.keystore.address as Address, privateKey } };
}

/**
 * Puts a genesis into a home and, for a validator, makes its signing journal with the record that binds nothing. This
 * happens once in a key's life: a key that was used before and has no journal has lost it, and must recover instead.
 *
 * @throws NodeHomeError `VALIDATOR_KEY_NOT_NEW`; GenesisError; JournalError
 */
export async function joinNetwork(
  options: { readonly home: string; readonly genesis: Genesis; readonly config: string; readonly validates: boolean },
  backend: SignatureBackend,
): Promise<void> {
  verifyGenesis(options.genesis, backend);
  const text = `${JSON.stringify(genesisToJson(options.genesis), undefined, 2)}\n`;
  await joinVerifiedNetwork({ ...options, genesisHash: genesisHash(options.genesis), text });
}

/**
 * The same for a genesis that was verified before, given by its hash and the text of its file: for whoever sets up many
 * homes of one network.
 *
 * @throws NodeHomeError `VALIDATOR_KEY_NOT_NEW`; JournalError
 */
export async function joinVerifiedNetwork(options: {
  readonly home: string;
  readonly genesisHash: Hash;
  readonly text: string;
  readonly config: string;
  readonly validates: boolean;
}): Promise<void> {
  const { home, text, config } = options;
  if (options.validates) await createFirstJournal(home, options.genesisHash);
  await writeFileDurably(join(home, 'genesis.json'), new TextEncoder().encode(text));
  await writeFileDurably(join(home, 'config.toml'), new TextEncoder().encode(config));
}

async function createFirstJournal(home: string, hash: Hash): Promise<void> {
  const keys = join(home, 'keys');
  const marker = join(keys, UNUSED_MARKER);
  if (!(await exists(marker))) {
    throw new NodeHomeError('VALIDATOR_KEY_NOT_NEW', `the validator key in ${keys} joined a network before`, {
      expected: `a key that never signed, with ${UNUSED_MARKER} beside it`,
      actual: 'none such',
      hint: 'start the node with the journal that it has; without it, it recovers from the other validators',
    });
  }
  const { keystore } = await findKeystore(keys, 'validator');
  const journal = await createJournal(
    {
      directory: join(home, 'journal'),
      genesisHash: hash,
      address: keystore.address as Address,
    },
    encodeJournalRecord(emptyRecord(0)),
  );
  await journal.close();
  await systemDisk.remove(marker);
}

/** The files that say together what a validator's key is bound by. */
export function signingJournalFiles(directory: string): { readonly journal: string; readonly marker: string } {
  return { journal: journalPath(directory), marker: journalMarkerPath(directory) };
}

/** Lines of a `config.toml` that differ from the defaults. */
export interface NodeConfigFile {
  readonly name: string;
  readonly validates: boolean;
  readonly listen: readonly string[];
  /** `PEER_ID=/ip4/…/tcp/…` where a peer is not at the address that the genesis names. */
  readonly peers: readonly string[];
  readonly rpcPort: number;
  readonly passwordFile: string | undefined;
  readonly logFile: string | undefined;
}

/** The text of a `config.toml`. */
export function formatNodeConfig(config: NodeConfigFile): string {
  const text = JSON.stringify;
  const lines = [
    '# Settings of this node; `vostro node config` shows all of them, with their defaults.',
    `name = ${text(config.name)}`,
    '',
    '[keys]',
    config.validates ? 'validator = "keys/validator.json"' : '# An observer has no validator key.',
    ...(config.passwordFile === undefined ? [] : [`password_file = ${text(config.passwordFile)}`]),
    '',
    '[network]',
    `listen = ${text(config.listen)}`,
    ...(config.peers.length === 0 ? [] : ['peers = [', ...config.peers.map((peer) => `  ${text(peer)},`), ']']),
    '',
    '[rpc]',
    `port = ${config.rpcPort}`,
    ...(config.logFile === undefined ? [] : ['', '[log]', `file = ${text(config.logFile)}`]),
  ];
  return `${lines.join('\n')}\n`;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
