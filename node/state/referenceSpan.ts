import type { TimestampMs } from '../../primitives/types.js';
import type { TransactionPosition } from '../storage/types.js';
import { FingerprintIndex } from './fingerprintIndex.js';
import { FINGERPRINT_BYTES } from './fingerprints.js';

/** A transaction and the time of its block. */
export interface TimedPosition extends TransactionPosition {
  readonly timestamp: TimestampMs;
}

/** The references of neighbouring heights, which are forgotten together. Heights come in their order. */
export class ReferenceSpan {
  readonly from: TimestampMs;
  readonly #heights: number[] = [];
  readonly #timestamps: TimestampMs[] = [];
  /** By height: the number of its first transaction among all of the span. */
  readonly #firsts: number[] = [];
  readonly #index = new FingerprintIndex();

  constructor(from: TimestampMs) {
    this.from = from;
  }

  /** The newest block's time. */
  get to(): TimestampMs {
    return this.#timestamps.at(-1) ?? this.from;
  }

  get size(): number {
    return this.#index.size;
  }

  /** Each height with the count of its references. */
  *blocks(): Generator<{ readonly height: number; readonly count: number }> {
    for (const [at, height] of this.#heights.entries()) {
      yield { height, count: (this.#firsts[at + 1] ?? this.size) - (this.#firsts[at] as number) };
    }
  }

  /** `packed`: a fingerprint for each transaction of the block, in their order. */
  add(height: number, timestamp: TimestampMs, packed: Uint8Array): void {
    this.#heights.push(height);
    this.#timestamps.push(timestamp);
    this.#firsts.push(this.#index.size);
    const view = new DataView(packed.buffer, packed.byteOffset, packed.length);
    for (let offset = 0; offset + FINGERPRINT_BYTES <= packed.length; offset += FINGERPRINT_BYTES) {
      this.#index.add(view.getUint32(offset), view.getUint32(offset + 4), this.#index.size);
    }
  }

  /** Transactions whose references have this fingerprint: mostly none, seldom more than one. */
  find(low: number, high: number): readonly TimedPosition[] {
    return this.#index.find(low, high).map((number) => this.#positionOf(number));
  }

  #positionOf(number: number): TimedPosition {
    let below = 0;
    let above = this.#firsts.length;
    while (above - below > 1) {
      const middle = (below + above) >>> 1;
      if ((this.#firsts[middle] as number) <= number) below = middle;
      else above = middle;
    }
    const [height, timestamp] = [this.#heights[below] as number, this.#timestamps[below] as TimestampMs];
    return { height, timestamp, index: number - (this.#firsts[below] as number) };
  }
}
