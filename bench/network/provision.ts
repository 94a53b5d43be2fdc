import { randomBytes } from 'node:crypto';
import { cp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { DevnetLayout, DevnetNode } from '../../cli/devnet/layout.js';
import { DEVNET_CURRENCY } from '../../cli/devnet/members.js';
import { buildGenesis, genesisHash, genesisToJson, verifyGenesis } from '../../genesis/genesis.js';
import { GENESIS_LIMITS } from '../../genesis/limits.js';
import type { Genesis } from '../../genesis/types.js';
import { ChainExecutor } from '../../node/execution/chainExecutor.js';
import { createNodeKeys, formatNodeConfig, joinVerifiedNetwork, type NodeIdentity } from '../../node/home.js';
import { markerPath } from '../../node/storage/marker.js';
import type { SignatureBackend } from '../../primitives/types.js';
import { ENGINE_PIN } from '../../sandbox/enginePin.js';
import { accountOf, type LoadAccount } from './accounts.js';
import { CENTRAL_BANK, observerOf, validatorsOf } from './layout.js';
import { MemberDescriber } from './memberDescriber.js';

/** Keys that protect nothing: their keystores open fast. */
const LOG_N = 12;
/** Members that hold the accounts: quotas of inclusion are a member's, and one bank alone would soon use its own up. */
const LEAST_HOLDERS = 4;

/** A network as files, and the keys of those who will load it. */
export interface ProvisionedNetwork {
  readonly genesis: Genesis;
  readonly central: LoadAccount;
  readonly accounts: readonly LoadAccount[];
}

/** What a network is given before its first node starts. */
export interface Preparation {
  /** Consensus time of the genesis. */
  readonly genesisMs: number;
  /** A home for the central bank's node as well, which observes. */
  readonly withObserver: boolean;
  /** Threads of each node that check signatures; as a node has it unless told. */
  readonly signatureWorkers?: number;
  /** Where one node dials another; where the other listens unless told. */
  readonly addressOf?: (from: DevnetNode, to: DevnetNode) => string;
  /** Called when the homes are there, with the validators' keys in the order of the layout; they are wiped after it. */
  readonly prepare?: (network: ProvisionedNetwork, validatorKeys: readonly LoadAccount[]) => Promise<void>;
}

interface ProvisionedNode {
  readonly node: DevnetNode;
  readonly identity: NodeIdentity;
}

/**
 * Makes keys, genesis and homes of the validators. So many accounts belong to banks without nodes and stand in the
 * genesis file.
 */
export async function provisionNetwork(
  layout: DevnetLayout,
  accountCount: number,
  { backend }: { readonly backend: SignatureBackend },
  preparation: Preparation,
): Promise<ProvisionedNetwork> {
  const password = randomBytes(18).toString('base64url');
  await writeFile(layout.passwordFile, `${password}\n`, { mode: 0o600 });
  const nodes: ProvisionedNode[] = [];
  for (const node of preparation.withObserver ? [...validatorsOf(layout), observerOf(layout)] : validatorsOf(layout)) {
    const { home, member } = node;
    const options = { home, password, validates: member.validates, logN: LOG_N };
    nodes.push({ node, identity: await createNodeKeys(options, backend) });
  }
  const central = accountOf('central bank', backend);
  const accounts = Array.from({ length: accountCount }, (_, index) => accountOf(`account ${index}`, backend));
  const genesis = makeGenesis(nodes, { central, accounts }, backend, preparation.genesisMs);
  await makeHomes(layout, nodes, genesis, preparation);
  const network = { genesis, central, accounts };
  const keys = nodes.flatMap(({ identity }) => (identity.validator === undefined ? [] : [identity.validator]));
  try {
    await preparation.prepare?.(
      network,
      keys.map((key) => ({ ...key, publicKey: backend.publicKey(key.privateKey) })),
    );
  } finally {
    for (const { privateKey } of keys) privateKey.fill(0);
  }
  return network;
}

/** @returns a genesis that was verified */
function makeGenesis(
  nodes: readonly ProvisionedNode[],
  { central, accounts }: Omit<ProvisionedNetwork, 'genesis'>,
  backend: SignatureBackend,
  timestamp: number,
): Genesis {
  const chainId = `vostro-bench-${randomBytes(4).toString('hex')}`;
  const describe = new MemberDescriber(chainId, backend);
  const observers = nodes.filter(({ node }) => !node.member.validates);
  const genesis = buildGenesis(
    {
      chainId,
      timestamp,
      currencies: [{ ...DEVNET_CURRENCY, issuer: CENTRAL_BANK }],
      members: [
        ...nodes.flatMap(({ node, identity }) => (node.member.validates ? [describe.validator(node, identity)] : [])),
        {
          ...describe.holder(CENTRAL_BANK, 'centralBank', [central]),
          nodes: observers.map(({ node, identity: { peerId } }) => ({
            peerId,
            role: 'observer',
            addresses: [node.peerAddress],
          })),
        },
        ...shares(accounts).map((share, index) => describe.holder(holderBic(index), 'bank', share)),
      ],
    },
    ENGINE_PIN,
    backend,
  );
  verifyGenesis(genesis, backend);
  return genesis;
}

/** One text for all: with many accounts, to make it again for each node would take long. */
async function makeHomes(
  layout: DevnetLayout,
  nodes: readonly ProvisionedNode[],
  genesis: Genesis,
  { signatureWorkers, addressOf = (_, to) => to.peerAddress }: Preparation,
): Promise<void> {
  const text = JSON.stringify(genesisToJson(genesis));
  const hash = genesisHash(genesis);
  for (const each of nodes) {
    const { member, home, peerAddress, rpcPort } = each.node;
    const config = formatNodeConfig({
      name: member.folder,
      validates: member.validates,
      listen: [peerAddress],
      peers: nodes.flatMap((peer) =>
        peer === each ? [] : [`${peer.identity.peerId}=${addressOf(each.node, peer.node)}`],
      ),
      rpcPort,
      passwordFile: layout.passwordFile,
      logFile: 'node.log',
    });
    const limits = signatureWorkers === undefined ? '' : `\n[limits]\nsignature_workers = ${signatureWorkers}\n`;
    const options = { home, genesisHash: hash, text, config: `${config}${limits}`, validates: member.validates };
    await joinVerifiedNetwork(options);
  }
}

/** Makes the state of height 0 once, in the first of the data directories, and copies it: it is the same for all. */
export async function shareGenesisState(genesis: Genesis, dataDirectories: readonly string[]): Promise<void> {
  const [first = '', ...others] = dataDirectories.map((directory) => join(directory, 'chain'));
  const onFatal = (error: unknown): void => {
    throw error;
  };
  const executor = new ChainExecutor({ genesis, databasePath: first, onFatal });
  await executor.start();
  await executor.stop();
  for (const other of others) await copyChain(first, other);
}

/** A chain's database, and the mark that says whose it is. */
export async function copyChain(from: string, to: string): Promise<void> {
  await cp(from, to, { recursive: true });
  await cp(markerPath(from), markerPath(to));
}

/** Equal shares of the accounts, none larger than a member may have. */
function shares(accounts: readonly LoadAccount[]): LoadAccount[][] {
  const count = Math.max(LEAST_HOLDERS, Math.ceil(accounts.length / GENESIS_LIMITS.accountsPerMember));
  const size = Math.ceil(accounts.length / count);
  return Array.from({ length: count }, (_, index) => accounts.slice(index * size, (index + 1) * size)).filter(
    (share) => share.length > 0,
  );
}

function holderBic(index: number): string {
  return `HLDRDE${index.toString(36).toUpperCase().padStart(2, '0')}`;
}
