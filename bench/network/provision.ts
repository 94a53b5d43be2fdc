import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import type { DevnetLayout, DevnetNode } from '../../cli/devnet/layout.js';
import { DEVNET_CURRENCY } from '../../cli/devnet/members.js';
import { buildGenesis, type GenesisDescription } from '../../genesis/genesis.js';
import { GENESIS_LIMITS } from '../../genesis/limits.js';
import type { Genesis } from '../../genesis/types.js';
import { createNodeKeys, formatNodeConfig, joinNetwork, type NodeIdentity } from '../../node/home.js';
import { toHex } from '../../primitives/bytes.js';
import { possessionDigest } from '../../primitives/possession.js';
import type { SignatureBackend } from '../../primitives/types.js';
import { ENGINE_PIN } from '../../sandbox/enginePin.js';
import { accountOf, type LoadAccount } from './accounts.js';

/** Keys that protect nothing: their keystores open fast. */
const LOG_N = 12;
/** Any that passes its check; members may share one. */
const LEI = '529900AURELIABANK004';
const CENTRAL_BANK = 'CBVODEFF';
/** Members that hold the accounts: quotas of inclusion are a member's, and one bank alone would soon use its own up. */
const LEAST_HOLDERS = 4;

type MemberDescription = GenesisDescription['members'][number];

/** A network as files, and the keys of those who will load it. */
export interface ProvisionedNetwork {
  readonly genesis: Genesis;
  readonly central: LoadAccount;
  readonly accounts: readonly LoadAccount[];
}

/** The four validators of the local network alone: without its central bank's node. */
export function validatorsOf(layout: DevnetLayout): readonly DevnetNode[] {
  return layout.nodes.filter(({ member }) => member.validates);
}

/** What a network is given before its first node starts. */
export interface Preparation {
  /** Consensus time of the genesis. */
  readonly genesisMs: number;
  /** A home for the central bank's node as well, which observes. */
  readonly withObserver: boolean;
  /** Called when the homes are there, with the validators' keys in the order of the layout; they are wiped after it. */
  readonly prepare?: (network: ProvisionedNetwork, validatorKeys: readonly LoadAccount[]) => Promise<void>;
}

/** The central bank's node of the local network. */
export function observerOf(layout: DevnetLayout): DevnetNode {
  return layout.nodes.find(({ member }) => !member.validates) as DevnetNode;
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
  const { genesisMs, withObserver, prepare } = preparation;
  const password = randomBytes(18).toString('base64url');
  await writeFile(layout.passwordFile, `${password}\n`, { mode: 0o600 });
  const chainId = `vostro-bench-${randomBytes(4).toString('hex')}`;
  const nodes = withObserver ? [...validatorsOf(layout), observerOf(layout)] : validatorsOf(layout);
  const identities: NodeIdentity[] = [];
  for (const { home, member } of nodes) {
    identities.push(await createNodeKeys({ home, password, validates: member.validates, logN: LOG_N }, backend));
  }
  const central = accountOf('central bank', backend);
  const accounts = Array.from({ length: accountCount }, (_, index) => accountOf(`account ${index}`, backend));
  const describe = new Describer(chainId, backend);
  const genesis = buildGenesis(
    {
      chainId,
      timestamp: genesisMs,
      currencies: [{ ...DEVNET_CURRENCY, issuer: CENTRAL_BANK }],
      members: [
        ...validatorsOf(layout).map((node, index) => describe.validator(node, identities[index] as NodeIdentity)),
        {
          ...describe.holder(CENTRAL_BANK, 'centralBank', [central]),
          nodes: nodes.flatMap(({ member, peerAddress }, index) =>
            member.validates
              ? []
              : [{ peerId: (identities[index] as NodeIdentity).peerId, role: 'observer', addresses: [peerAddress] }],
          ),
        },
        ...shares(accounts).map((share, index) => describe.holder(holderBic(index), 'bank', share)),
      ],
    },
    ENGINE_PIN,
  );
  for (const [index, node] of nodes.entries()) {
    const peers = nodes.flatMap((peer, at) =>
      at === index ? [] : [`${(identities[at] as NodeIdentity).peerId}=${peer.peerAddress}`],
    );
    const config = formatNodeConfig({
      name: node.member.folder,
      validates: node.member.validates,
      listen: [node.peerAddress],
      peers,
      rpcPort: node.rpcPort,
      passwordFile: layout.passwordFile,
      logFile: 'node.log',
    });
    await joinNetwork({ home: node.home, genesis, config, validates: node.member.validates }, backend);
  }
  const network = { genesis, central, accounts };
  const keys = identities.flatMap(({ validator }) => (validator === undefined ? [] : [validator]));
  try {
    await prepare?.(
      network,
      keys.map((key) => ({ ...key, publicKey: backend.publicKey(key.privateKey) })),
    );
  } finally {
    for (const { privateKey } of keys) privateKey.fill(0);
  }
  return network;
}

/** Members of the genesis file with proofs that they hold their keys. */
class Describer {
  constructor(
    private readonly chainId: string,
    private readonly backend: SignatureBackend,
  ) {}

  validator(node: DevnetNode, { peerId, validator }: NodeIdentity): MemberDescription {
    const { bic, lei, name, role } = node.member;
    const keys = validator === undefined ? [] : [validator.privateKey];
    return {
      bic,
      lei,
      name,
      roles: [role],
      keys: keys.map((key) => this.key(bic, key)),
      accounts: [],
      nodes: [{ peerId, role: 'validator', addresses: [node.peerAddress] }],
      validator: validator?.address,
    };
  }

  holder(bic: string, role: 'bank' | 'centralBank', accounts: readonly LoadAccount[]): MemberDescription {
    return {
      bic,
      lei: LEI,
      name: bic,
      roles: [role],
      keys: accounts.map(({ privateKey }) => this.key(bic, privateKey)),
      accounts: accounts.map(({ address }, index) => ({
        label: `account-${index}`,
        keys: [address],
        threshold: undefined,
      })),
      nodes: [],
      validator: undefined,
    };
  }

  private key(member: string, privateKey: Uint8Array): MemberDescription['keys'][number] {
    const publicKey = this.backend.publicKey(privateKey);
    const digest = possessionDigest({ chainId: this.chainId, member, publicKey });
    return {
      suite: undefined,
      publicKey: toHex(publicKey),
      possession: toHex(this.backend.sign(digest, privateKey)),
    };
  }
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
