import type { Timers } from './timers.js';

export interface BlockSizerOptions {
  /** What the network's parameters allow now. */
  readonly maxBytes: number;
  /** How long a block may take from its proposal to its commit; a fraction of the first round's timeout. */
  readonly targetMs: number;
}

/** About 1,000 single payments: what a node begins with, before it knows how fast the network is. */
const INITIAL_BYTES = 262_144;
/** About 250 single payments: however slow the network, a block holds that much. */
const MIN_BYTES = 65_536;

/**
 * How many bytes a leader puts into a block. What waits must not decide it alone: a block that takes longer than its round
 * ends the round, the next leader finds even more waiting, and overload feeds itself. So blocks grow while they are decided
 * well in time and shrink when they are not, and each further round of a height tries with half.
 */
export class BlockSizer {
  private bytes: number;
  private current: { readonly startedMs: number; round: number; bytes: number } | undefined;

  constructor(
    private readonly options: BlockSizerOptions,
    private readonly timers: Pick<Timers, 'monotonic'>,
  ) {
    this.bytes = Math.min(INITIAL_BYTES, options.maxBytes);
  }

  /** Bytes of transactions for a block of this round. */
  limit(round: number): number {
    const { maxBytes } = this.options;
    return Math.min(maxBytes, Math.max(MIN_BYTES, Math.floor(this.bytes / 2 ** round)));
  }

  /** Work on the height's block begins, as its leader or on its leader's proposal. */
  begin(round: number): void {
    this.current ??= { startedMs: this.timers.monotonic(), round, bytes: 0 };
    this.current.round = round;
  }

  /** The block's size is known. */
  measured(bytes: number): void {
    if (this.current !== undefined) this.current.bytes = bytes;
  }

  /** The height is decided, by that block as far as this node knows. @returns its bytes of transactions */
  end(): number {
    const { current } = this;
    this.current = undefined;
    if (current !== undefined) this.adapt(current);
    return current?.bytes ?? 0;
  }

  private adapt(current: { readonly startedMs: number; readonly round: number; readonly bytes: number }): void {
    const tookMs = this.timers.monotonic() - current.startedMs;
    const { maxBytes, targetMs } = this.options;
    // A small block that was slow says nothing about size, a small one that was fast says nothing about larger ones.
    if (current.bytes * 4 < this.bytes) return;
    // No more than half of it at once: a leader that is slow on purpose takes from others no more than they make good.
    if (current.round > 0 || tookMs > targetMs) this.bytes = Math.max(MIN_BYTES, Math.floor(this.bytes / 2));
    else if (tookMs * 2 < targetMs && current.bytes * 2 > this.bytes) {
      this.bytes = Math.min(maxBytes, Math.floor(this.bytes * 1.5));
    }
  }
}
