import type { IncludedTransaction } from '../execution/types.js';
import type { Timers } from './timers.js';

/** What a block has, or may have, of what makes it long. */
export interface BlockSize {
  /** Of its transactions. */
  readonly bytes: number;
  /** That its transactions use. */
  readonly fuel: number;
}

export const NO_BLOCK: BlockSize = { bytes: 0, fuel: 0 };

/** What a written block had. */
export function sizeOfBlock(included: readonly Pick<IncludedTransaction, 'sizeBytes' | 'fuelUsed'>[]): BlockSize {
  let [bytes, fuel] = [0, 0];
  for (const { sizeBytes, fuelUsed } of included) {
    bytes += sizeBytes;
    fuel += fuelUsed;
  }
  return { bytes, fuel };
}

export interface BlockSizerOptions {
  /** What the network's parameters allow now. */
  readonly max: BlockSize;
  /** Fuel of one transaction at most, as they say. */
  readonly transactionFuel: number;
  /** How long a block may take from its proposal to its commit; a fraction of the first round's timeout. */
  readonly targetMs: number;
}

/** About 1,000 single payments: what a node begins with, before it knows how fast the network is. */
const INITIAL_BYTES = 262_144;
/** About 250 single payments: however slow the network, a block holds that much. */
const LEAST_BYTES = 65_536;
/** And so many of the longest transactions, as fewer would leave no fair shares; a node begins with as much. */
const LEAST_TRANSACTIONS = 2;

/**
 * How much a leader puts into a block. What waits must not decide it alone: a block that takes longer than its round
 * ends the round, the next leader finds even more waiting, and overload feeds itself. So blocks grow while they are decided
 * well in time and shrink when they are not, and each further round of a height tries with half: in bytes, and in fuel, as few bytes may
 * ask for much work.
 */
export class BlockSizer {
  private readonly bytes: AdaptedLimit;
  private readonly fuel: AdaptedLimit;
  private current: { readonly startedMs: number; round: number } | undefined;

  constructor(
    private readonly options: BlockSizerOptions,
    private readonly timers: Pick<Timers, 'monotonic'>,
  ) {
    const leastFuel = () => LEAST_TRANSACTIONS * options.transactionFuel;
    this.bytes = new AdaptedLimit(
      INITIAL_BYTES,
      () => LEAST_BYTES,
      () => options.max.bytes,
    );
    this.fuel = new AdaptedLimit(leastFuel(), leastFuel, () => options.max.fuel);
  }

  /** What a block of this round should hold at most. */
  limit(round: number): BlockSize {
    return { bytes: this.bytes.of(round), fuel: this.fuel.of(round) };
  }

  /** Work on the height's block begins, as its leader or on its leader's proposal. */
  begin(round: number): void {
    this.current ??= { startedMs: this.timers.monotonic(), round };
    this.current.round = round;
  }

  /** The height is decided, by a block of this size. @returns whether this node has worked on it */
  end(size: BlockSize): boolean {
    const { current } = this;
    this.current = undefined;
    if (current === undefined) return false;
    const { targetMs } = this.options;
    const tookMs = this.timers.monotonic() - current.startedMs;
    const isSlow = current.round > 0 || tookMs > targetMs;
    for (const [limit, used] of [
      [this.bytes, size.bytes],
      [this.fuel, size.fuel],
    ] as const) {
      if (isSlow) limit.shrink(used);
      else if (tookMs * 2 < targetMs) limit.grow(used);
    }
    return true;
  }
}

/** A limit of one resource, that follows what blocks take. */
class AdaptedLimit {
  private value: number;

  constructor(
    initial: number,
    private readonly least: () => number,
    private readonly max: () => number,
  ) {
    this.value = Math.min(initial, max());
  }

  of(round: number): number {
    return Math.min(this.max(), Math.max(this.least(), Math.floor(this.value / 2 ** round)));
  }

  /**
   * A small block that was slow says nothing about size. No more than half of it at once: a leader that is slow on purpose takes from others
   * no more than they make good.
   */
  shrink(used: number): void {
    if (used * 4 >= this.value) this.value = Math.max(this.least(), Math.floor(this.value / 2));
  }

  /** A small one that was fast says nothing about larger ones. */
  grow(used: number): void {
    if (used * 2 > this.value) this.value = Math.min(this.max(), Math.floor(this.value * 1.5));
  }
}
