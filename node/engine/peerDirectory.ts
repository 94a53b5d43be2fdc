import type { Address, Validator } from '../../primitives/types.js';
import type { DirectoryNode, DirectoryUpdate } from '../execution/types.js';
import type { PeerEntry } from '../network/types.js';

export interface PeerDirectoryOptions {
  /** This node's own: never on its list of peers. */
  readonly peerId: string;
  /** Where the configuration says that a peer is, by its id. */
  readonly addresses: ReadonlyMap<string, readonly string[]>;
}

/** A peer as the network knows it: where the configuration says that it is, or else where its member does. */
export function withAddresses(node: DirectoryNode, configured: ReadonlyMap<string, readonly string[]>): PeerEntry {
  return { ...node, addresses: configured.get(node.peerId) ?? node.addresses };
}

/** Who is behind which peer id, as the chain's registry says: it grows and changes with each commit. */
export class PeerDirectory {
  private readonly memberOfKey = new Map<Address, string>();
  private nodes: readonly DirectoryNode[] = [];

  constructor(private readonly options: PeerDirectoryOptions) {}

  /** @returns the new allow-list when it changed */
  update({ keys, nodes }: DirectoryUpdate): readonly PeerEntry[] | undefined {
    for (const { address, member } of keys) this.memberOfKey.set(address, member);
    if (nodes === undefined) return undefined;
    this.nodes = nodes.filter(({ peerId }) => peerId !== this.options.peerId);
    return this.nodes.map((node) => withAddresses(node, this.options.addresses));
  }

  /** The nodes with which a validator's member validates. */
  peersOf(validator: Validator): readonly string[] {
    const member = this.memberOfKey.get(validator.address);
    return this.validators().flatMap((node) => (node.member === member ? [node.peerId] : []));
  }

  /** Index of the validator behind a peer, if it is one of the list. */
  indexOf(peerId: string, validators: readonly Validator[]): number | undefined {
    const node = this.validators().find((candidate) => candidate.peerId === peerId);
    if (node === undefined) return undefined;
    const index = validators.findIndex(({ address }) => this.memberOfKey.get(address) === node.member);
    return index < 0 ? undefined : index;
  }

  /** BIC of the member that registered a key. */
  memberOf(address: Address): string | undefined {
    return this.memberOfKey.get(address);
  }

  isObserver(peerId: string): boolean {
    return this.nodes.some((node) => node.peerId === peerId && node.role === 'observer');
  }

  private validators(): readonly DirectoryNode[] {
    return this.nodes.filter(({ role }) => role === 'validator');
  }
}
