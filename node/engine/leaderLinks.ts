import type { Address, Validator } from '../../primitives/types.js';
import { leaderIndex, quorum } from '../../primitives/validator.js';
import type { Network } from '../network/types.js';
import type { PeerDirectory } from './peerDirectory.js';

export interface LeaderLinksModules {
  readonly network: Pick<Network, 'connectedPeers'>;
  readonly directory: Pick<PeerDirectory, 'peersOf'>;
  /** Those that decide the working height. */
  readonly validators: () => readonly Validator[];
}

/** Which leaders cannot be heard now, because no connection to them stands: PROTOCOL §Consensus rule 5. */
export class LeaderLinks {
  constructor(
    private readonly options: { readonly self: Address },
    private readonly modules: LeaderLinksModules,
  ) {}

  /**
   * Whether the leader of a round of the working height is another validator whose nodes are known and none of them is
   * connected, while a quorum is: where it is not, nobody could change the round, and this node may be the one cut off.
   */
  isAway(height: number, round: number): boolean {
    const validators = this.modules.validators();
    const leader = validators[leaderIndex(height, round, validators.length)];
    if (leader === undefined || leader.address === this.options.self) return false;
    const connected = new Set(this.modules.network.connectedPeers());
    const peers = this.modules.directory.peersOf(leader);
    if (peers.length === 0 || peers.some((peerId) => connected.has(peerId))) return false;
    return this.reachable(validators, connected) >= quorum(validators.length);
  }

  private reachable(validators: readonly Validator[], connected: ReadonlySet<string>): number {
    return validators.filter(
      (validator) =>
        validator.address === this.options.self ||
        this.modules.directory.peersOf(validator).some((peerId) => connected.has(peerId)),
    ).length;
  }
}
