/** What became of the newest attempts to be connected to a peer. */
export interface PeerPast {
  /** Code for which the newest connection ended; undefined while none has. */
  readonly endedWith: string | undefined;
  /** What the newest dial failed with; undefined once one has succeeded. */
  readonly dialFailure: string | undefined;
}

const MAX_FAILURE_LENGTH = 256;
const NOTHING: PeerPast = { endedWith: undefined, dialFailure: undefined };

/** Why peers are not connected, for people: the newest reason of each peer of the allow-list. */
export class PeerHistory {
  private readonly pasts = new Map<string, PeerPast>();

  connected(peerId: string): void {
    this.pasts.set(peerId, { ...this.of(peerId), dialFailure: undefined });
  }

  ended(peerId: string, code: string): void {
    this.pasts.set(peerId, { ...this.of(peerId), endedWith: code });
  }

  dialFailed(peerId: string, failure: string): void {
    this.pasts.set(peerId, { ...this.of(peerId), dialFailure: failure.slice(0, MAX_FAILURE_LENGTH) });
  }

  of(peerId: string): PeerPast {
    return this.pasts.get(peerId) ?? NOTHING;
  }

  /** Forgets all peers but these: the map is no longer than the allow-list. */
  retain(peerIds: ReadonlySet<string>): void {
    for (const peerId of this.pasts.keys()) if (!peerIds.has(peerId)) this.pasts.delete(peerId);
  }
}
