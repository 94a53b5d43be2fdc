import { isCodedError } from '../../primitives/errors.js';
import type { Address, Validator } from '../../primitives/types.js';
import { quorum } from '../../primitives/validator.js';
import type { ChainHead } from '../execution/types.js';
import type { Network } from '../network/types.js';
import type { Logger } from '../ops/ports.js';
import type { PeerDirectory } from './peerDirectory.js';
import { decodeClaim, encodeRequest } from './requestCodec.js';
import type { TimerHandle, Timers } from './timers.js';

export interface JournalRecoveryOptions {
  readonly address: Address;
  readonly requestTimeoutMs: number;
  /** Between two rounds of questions. */
  readonly retryMs: number;
}

export interface JournalRecoveryModules {
  readonly network: Pick<Network, 'request'>;
  readonly directory: PeerDirectory;
  readonly timers: Timers;
  readonly head: () => ChainHead;
  /** Fetches the blocks that a claim speaks of: they prove it. */
  readonly claim: (peerId: string, headHeight: number) => void;
  readonly logger: Logger;
}

/**
 * Finds out how far a key may have signed whose journal cannot be trusted. Whoever signed at height X had seen the commit
 * of X - 1, and of any quorum of others one honest validator at least has signed that commit: so X is at most one above
 * the highest working height among them. PROTOCOL §Consensus, Journal.
 */
export class JournalRecovery {
  private isStopped = false;
  private answered = 0;
  private pause: { readonly timer: TimerHandle; readonly end: () => void } | undefined;

  constructor(
    private readonly options: JournalRecoveryOptions,
    private readonly modules: JournalRecoveryModules,
  ) {}

  /**
   * Asks until a quorum of the other validators has answered; waits for ever if it must.
   *
   * @returns the lowest height at which the key may sign, or undefined when it was stopped
   */
  async lowestSafeHeight(): Promise<number | undefined> {
    while (!this.isStopped) {
      const heights = await this.workingHeights();
      this.answered = heights.length;
      if (this.isStopped) return undefined;
      const { header, validators } = this.modules.head();
      const needed = quorum(validators.length);
      if (heights.length >= needed) return Math.max(header.height + 1, ...heights) + 2;
      this.modules.logger.warn(
        { event: 'engine.journal_recovery_waits', expected: needed, actual: heights.length },
        'the signing journal cannot be trusted, and too few other validators say at which height they work',
      );
      await this.wait();
    }
    return undefined;
  }

  /** How many other validators gave an answer that counts at the last round of questions, and how many must. */
  progress(): { readonly answered: number; readonly needed: number } {
    return { answered: this.answered, needed: quorum(this.modules.head().validators.length) };
  }

  stop(): void {
    this.isStopped = true;
    this.endPause();
  }

  /** Of each other validator that answered, as far as this node's own chain proves it. */
  private async workingHeights(): Promise<readonly number[]> {
    const others = this.modules.head().validators.filter(({ address }) => address !== this.options.address);
    const answers = await Promise.all(others.map((validator) => this.workingHeight(validator)));
    return answers.filter((height) => height !== undefined);
  }

  private async workingHeight(validator: Validator): Promise<number | undefined> {
    const { network, directory, head, claim } = this.modules;
    const request = encodeRequest({ type: 'workingHeight' });
    for (const peerId of directory.peersOf(validator)) {
      try {
        const answer = await network.request(peerId, request, this.options.requestTimeoutMs);
        const { headHeight } = decodeClaim(answer);
        if (headHeight <= head().header.height) return headHeight + 1;
        claim(peerId, headHeight);
      } catch (error) {
        if (!isCodedError(error)) throw error;
      }
    }
    return undefined;
  }

  private wait(): Promise<void> {
    return new Promise((end) => {
      const timer = this.modules.timers.set(() => this.endPause(), this.options.retryMs);
      this.pause = { timer, end };
    });
  }

  private endPause(): void {
    if (this.pause === undefined) return;
    const { timer, end } = this.pause;
    this.pause = undefined;
    this.modules.timers.clear(timer);
    end();
  }
}
