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

/** What a validator said since the recovery began, after the journal was lost: an old answer is as good as a new one. */
interface ToldHeights {
  /** The highest head that it told and that this node has fetched. */
  proven: number | undefined;
  /** The lowest one that this node has not. */
  awaited: number | undefined;
}

/**
 * Finds out how far a key may have signed whose journal cannot be trusted. Whoever signed at height X had seen the commit
 * of X - 1, and of any quorum of others one honest validator at least has signed that commit: so X is at most one above
 * the highest working height among them. PROTOCOL §Journal J7.
 */
export class JournalRecovery {
  private isStopped = false;
  private answered = 0;
  private readonly told = new Map<Address, ToldHeights>();
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

  /**
   * Of each other validator, the height that it told last and that this node's own chain proves. A chain under load grows
   * while they are asked: what was said of a height that is not fetched yet counts as soon as it is.
   */
  private async workingHeights(): Promise<readonly number[]> {
    const others = this.modules.head().validators.filter(({ address }) => address !== this.options.address);
    await Promise.all(others.map((validator) => this.ask(validator)));
    const headHeight = this.modules.head().header.height;
    return others.flatMap(({ address }) => {
      const told = this.told.get(address);
      if (told === undefined) return [];
      if ((told.awaited ?? Number.POSITIVE_INFINITY) <= headHeight) this.noteProven(told, told.awaited ?? 0);
      return told.proven === undefined ? [] : [told.proven + 1];
    });
  }

  private async ask(validator: Validator): Promise<void> {
    const { network, directory, head, claim } = this.modules;
    const request = encodeRequest({ type: 'workingHeight' });
    for (const peerId of directory.peersOf(validator)) {
      try {
        const answer = await network.request(peerId, request, this.options.requestTimeoutMs);
        const { headHeight } = decodeClaim(answer);
        const told = this.told.get(validator.address) ?? { proven: undefined, awaited: undefined };
        this.told.set(validator.address, told);
        if (headHeight <= head().header.height) {
          this.noteProven(told, headHeight);
          return;
        }
        told.awaited = Math.min(headHeight, told.awaited ?? headHeight);
        claim(peerId, headHeight);
      } catch (error) {
        if (!isCodedError(error)) throw error;
      }
    }
  }

  private noteProven(told: ToldHeights, headHeight: number): void {
    told.proven = Math.max(headHeight, told.proven ?? 0);
    told.awaited = undefined;
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
