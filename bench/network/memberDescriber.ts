import type { DevnetNode } from '../../cli/devnet/layout.js';
import type { GenesisDescription } from '../../genesis/genesis.js';
import type { NodeIdentity } from '../../node/home.js';
import { toHex } from '../../primitives/bytes.js';
import { possessionDigest } from '../../primitives/possession.js';
import type { SignatureBackend } from '../../primitives/types.js';
import type { LoadAccount } from './accounts.js';
import { LEI } from './layout.js';

type MemberDescription = GenesisDescription['members'][number];

/** Members of the genesis file with proofs that they hold their keys. */
export class MemberDescriber {
  constructor(
    private readonly chainId: string,
    private readonly backend: SignatureBackend,
  ) {}

  validator(node: DevnetNode, { peerId, validator }: NodeIdentity): MemberDescription {
    const { bic, lei, name, role } = node.member;
    const keys =
      validator === undefined ? [] : [{ ...validator, publicKey: this.backend.publicKey(validator.privateKey) }];
    return {
      bic,
      lei,
      name,
      roles: [role],
      keys: keys.map((key) => this.#key(bic, key)),
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
      keys: accounts.map((account) => this.#key(bic, account)),
      accounts: accounts.map(({ address }, index) => ({
        label: `account-${index}`,
        keys: [address],
        threshold: undefined,
        checkers: undefined,
      })),
      nodes: [],
      validator: undefined,
    };
  }

  #key(member: string, { publicKey, privateKey }: Omit<LoadAccount, 'address'>): MemberDescription['keys'][number] {
    const digest = possessionDigest({ chainId: this.chainId, member, publicKey });
    return {
      suite: undefined,
      publicKey: toHex(publicKey),
      possession: toHex(this.backend.sign(digest, privateKey)),
    };
  }
}
