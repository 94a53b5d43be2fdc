import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildGenesis, genesisToJson, parseGenesis, parseGenesisDescription } from '../../genesis/genesis.js';
import type { Genesis } from '../../genesis/types.js';
import { createNodeKeys, formatNodeConfig, joinNetwork, type NodeIdentity } from '../../node/home.js';
import { addKeystore } from '../../node/keys/keystoreDirectory.js';
import { newPrivateKey } from '../../node/keys/privateKey.js';
import { addressFromPublicKey } from '../../primitives/address.js';
import { type Hex, toHex } from '../../primitives/bytes.js';
import { possessionDigest } from '../../primitives/possession.js';
import type { Address, SignatureBackend } from '../../primitives/types.js';
import { ENGINE_PIN } from '../../sandbox/enginePin.js';
import { WALLET_GENESIS } from '../trustedNetwork.js';
import { ADDRESS_BOOK, formatAddressBook } from '../wallet.js';
import type { DevnetLayout, DevnetNode } from './layout.js';
import { DEVNET_CURRENCY } from './members.js';
import { DevnetError } from './nodeProcess.js';

/** Keys of the local network protect nothing but this machine's play money: their keystores open fast. */
const DEVNET_LOG_N = 14;

interface ProvisionedMember {
  readonly node: DevnetNode;
  readonly identity: NodeIdentity;
  /** The settlement account, and those of other persons, each the id of its key. */
  readonly accounts: readonly ProvisionedAccount[];
  readonly keys: readonly { readonly publicKey: Hex; readonly possession: Hex }[];
}

interface ProvisionedAccount {
  /** How the wallet calls it: the BIC alone, or with its label behind a slash. */
  readonly name: string;
  readonly label: string;
  readonly account: Address;
}

/**
 * Makes keys, genesis, nodes' homes and the wallet, unless the home holds a finished network already.
 *
 * @param further codes of currencies that the central bank issues beside its own
 * @returns true when it made a new network
 * @throws DevnetError `HOME_FOREIGN` when the directory holds something else
 */
export async function provision(
  layout: DevnetLayout,
  backend: SignatureBackend,
  nowMs: number,
  further: readonly string[] = [],
): Promise<boolean> {
  if ((await readIfAny(layout.readyFile)) !== undefined) {
    // Ports may be others than the last time.
    const genesis = parseGenesis(JSON.parse(await readFile(layout.genesisFile, 'utf8')));
    for (const node of layout.nodes) await writeFile(join(node.home, 'config.toml'), nodeConfig(layout, node, genesis));
    return false;
  }
  await clearUnfinished(layout);
  await mkdir(layout.wallet, { recursive: true, mode: 0o700 });
  const password = randomBytes(18).toString('base64url');
  await writeFile(layout.passwordFile, `${password}\n`, { mode: 0o600 });
  const chainId = `vostro-devnet-${randomBytes(4).toString('hex')}`;
  const members: ProvisionedMember[] = [];
  for (const node of layout.nodes) members.push(await provisionMember(node, { layout, password, chainId }, backend));
  const genesis = describeNetwork({ chainId, timestamp: nowMs, further }, members);
  const text = `${JSON.stringify(genesisToJson(genesis), undefined, 2)}\n`;
  await writeFile(layout.genesisFile, text);
  await writeFile(join(layout.wallet, WALLET_GENESIS), text);
  await writeFile(join(layout.wallet, ADDRESS_BOOK), addressBook(members));
  for (const { node } of members) {
    const config = nodeConfig(layout, node, genesis);
    await joinNetwork({ home: node.home, genesis, config, validates: node.member.validates }, backend);
  }
  await writeFile(layout.readyFile, `${JSON.stringify({ chainId }, undefined, 2)}\n`);
  return true;
}

async function provisionMember(
  node: DevnetNode,
  { layout, password, chainId }: { layout: DevnetLayout; password: string; chainId: string },
  backend: SignatureBackend,
): Promise<ProvisionedMember> {
  const { bic, validates } = node.member;
  const prove = (privateKey: Uint8Array): { publicKey: Hex; possession: Hex } => {
    const publicKey = backend.publicKey(privateKey);
    const digest = possessionDigest({ chainId, member: bic, publicKey });
    return { publicKey: toHex(publicKey), possession: toHex(backend.sign(digest, privateKey)) };
  };
  const identity = await createNodeKeys({ home: node.home, password, validates, logN: DEVNET_LOG_N }, backend);
  const keys: ReturnType<typeof prove>[] = [];
  const accounts: ProvisionedAccount[] = [];
  for (const label of ['settlement', ...(node.member.further ?? [])]) {
    const isFirst = accounts.length === 0;
    const key = newPrivateKey(backend);
    const keystore = isFirst ? bic : `${bic}-${label}`;
    await addKeystore(layout.wallet, key, password, backend, { label: keystore, logN: DEVNET_LOG_N });
    keys.push(prove(key));
    const account = addressFromPublicKey(backend.publicKey(key));
    accounts.push({ name: isFirst ? bic : `${bic}/${label}`, label, account });
    key.fill(0);
  }
  if (identity.validator !== undefined) {
    keys.push(prove(identity.validator.privateKey));
    identity.validator.privateKey.fill(0);
  }
  return { node, identity, accounts, keys };
}

function describeNetwork(
  { chainId, timestamp, further }: { chainId: string; timestamp: number; further: readonly string[] },
  members: readonly ProvisionedMember[],
): Genesis {
  const issuer = members.find(({ node }) => node.member.role === 'centralBank')?.node.member.bic;
  const description = {
    chainId,
    timestamp,
    currencies: [DEVNET_CURRENCY.code, ...further].map((code) => ({ ...DEVNET_CURRENCY, code, issuer })),
    members: members.map(({ node, identity, accounts, keys }) => ({
      bic: node.member.bic,
      lei: node.member.lei,
      name: node.member.name,
      roles: [node.member.role],
      keys,
      accounts: accounts.map(({ label, account }) => ({ label, keys: [account] })),
      nodes: [
        {
          peerId: identity.peerId,
          role: node.member.validates ? 'validator' : 'observer',
          addresses: [node.peerAddress],
        },
      ],
      ...(identity.validator === undefined ? {} : { validator: identity.validator.address }),
    })),
  };
  return buildGenesis(parseGenesisDescription(description), ENGINE_PIN);
}

function addressBook(members: readonly ProvisionedMember[]): string {
  return formatAddressBook(
    members.flatMap(({ accounts }) =>
      accounts.map(({ name, account }) => ({
        ...{ name, account, signers: [account], passwordFile: '../password.txt' },
      })),
    ),
  );
}

function nodeConfig(layout: DevnetLayout, node: DevnetNode, genesis: Genesis): string {
  const peers = genesis.members.flatMap(({ bic, nodes }) => {
    const peer = layout.nodes.find(({ member }) => member.bic === bic);
    return peer === undefined || peer === node ? [] : nodes.map(({ peerId }) => `${peerId}=${peer.peerAddress}`);
  });
  return formatNodeConfig({
    name: node.member.folder,
    validates: node.member.validates,
    listen: [node.peerAddress],
    peers,
    rpcPort: node.rpcPort,
    passwordFile: layout.passwordFile,
    logFile: 'node.log',
  });
}

/** Removes what an interrupted first start left behind, and nothing that it cannot have made. */
async function clearUnfinished(layout: DevnetLayout): Promise<void> {
  const foreign = (await readIfAny(layout.passwordFile)) === undefined && (await isOccupied(layout.home));
  if (foreign) {
    throw new DevnetError('HOME_FOREIGN', `expected an empty directory or a local network, found ${layout.home}`, {
      expected: 'an empty directory or one that a local network made',
      actual: layout.home,
      hint: 'choose another directory with --home',
    });
  }
  await removeNetwork(layout);
}

/** Removes the network's own files, and no others. */
export async function removeNetwork(layout: DevnetLayout): Promise<void> {
  await rm(layout.readyFile, { force: true });
  for (const path of [layout.genesisFile, layout.wallet, join(layout.home, 'nodes'), layout.passwordFile]) {
    await rm(path, { recursive: true, force: true });
  }
}

async function isOccupied(directory: string): Promise<boolean> {
  return readdir(directory).then(
    (names) => names.length > 0,
    () => false,
  );
}

async function readIfAny(path: string): Promise<string | undefined> {
  return readFile(path, 'utf8').then(
    (text) => text,
    () => undefined,
  );
}
