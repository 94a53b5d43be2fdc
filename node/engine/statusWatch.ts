import { isCodedError } from '../../primitives/errors.js';
import type { Network } from '../network/types.js';
import type { Logger } from '../ops/ports.js';
import type { PeerDirectory } from './peerDirectory.js';
import { decodeClaim, encodeRequest } from './requestCodec.js';
import type { TimerHandle, Timers } from './timers.js';

export interface StatusWatchModules {
  readonly network: Pick<Network, 'request' | 'connectedPeers'>;
  readonly directory: PeerDirectory;
  readonly timers: Timers;
  readonly headHeight: () => number;
  /** False while consensus itself tells how far others are. */
  readonly isFollowing: () => boolean;
  /** Takes what a peer says of how far it is. */
  readonly claim: (peerId: string, headHeight: number) => void;
  readonly fail: (error: unknown) => void;
  readonly logger: Logger;
}

/**
 * Asks how far others are: each peer when it connects, and one after the other where a node that only follows has heard
 * of nothing new for a while, since what was announced may have been lost with a connection.
 */
export class StatusWatch {
  private timer: TimerHandle | undefined;
  private lastHeight = 0;
  private turn = 0;

  constructor(
    private readonly options: { readonly intervalMs: number; readonly requestTimeoutMs: number },
    private readonly modules: StatusWatchModules,
  ) {}

  start(): void {
    const { timers, headHeight, isFollowing } = this.modules;
    this.timer = timers.set(() => {
      if (isFollowing() && headHeight() === this.lastHeight) this.askNext();
      this.lastHeight = headHeight();
      this.start();
    }, this.options.intervalMs);
  }

  stop(): void {
    if (this.timer !== undefined) this.modules.timers.clear(this.timer);
  }

  /** Asks a peer that has just connected, unless it is an observer: it knows what others told it. */
  ask(peerId: string): void {
    if (this.modules.directory.isObserver(peerId)) return;
    this.askFor(peerId).catch(this.modules.fail);
  }

  private askNext(): void {
    const { network, directory } = this.modules;
    const peers = network.connectedPeers().filter((peerId) => !directory.isObserver(peerId));
    const peerId = peers[this.turn++ % Math.max(1, peers.length)];
    if (peerId !== undefined) this.ask(peerId);
  }

  private async askFor(peerId: string): Promise<void> {
    const { network, claim, logger } = this.modules;
    try {
      const answer = await network.request(peerId, encodeRequest({ type: 'status' }), this.options.requestTimeoutMs);
      claim(peerId, decodeClaim(answer).headHeight);
    } catch (error) {
      if (!isCodedError(error)) throw error;
      logger.debug({ event: 'engine.status_not_given', peerId, code: error.code }, 'a peer did not say how far it is');
    }
  }
}
