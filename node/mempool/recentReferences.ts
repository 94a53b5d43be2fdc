import type { TimestampMs } from '../../primitives/types.js';

/** The window is kept in so many parts; a part is forgotten as a whole, so an entry may be kept a little too long. */
const PARTS_PER_WINDOW = 8;
const FIRST_SLOTS = 1_024;
/** Empty slot; fingerprints are never it. */
const EMPTY = 0;

interface Part {
  /** Newest block whose references it holds. */
  newestMs: TimestampMs;
  readonly oldestMs: TimestampMs;
  readonly fingerprints: FingerprintSet;
}

/**
 * The references that blocks of the last window used, as 53-bit fingerprints: about 16 bytes each, for tens of millions.
 * Absent is certain once a whole window was seen; present is only likely, and is asked of who knows.
 */
export class RecentReferences {
  private parts: Part[] = [];
  private coveredFromMs: TimestampMs | undefined;
  private nowMs: TimestampMs = 0;

  /** @param seed keeps fingerprints from being chosen by who sends references */
  constructor(
    private readonly windowMs: number,
    private readonly seed: number,
  ) {}

  /** Nothing is missing from here on: there was no block before. */
  beginAtGenesis(): void {
    this.coveredFromMs = Number.NEGATIVE_INFINITY;
  }

  /** Takes the references of a block, in the order of the blocks, and forgets those that left the window. */
  addBlock(timestampMs: TimestampMs, keys: readonly string[]): void {
    this.coveredFromMs ??= timestampMs;
    this.nowMs = timestampMs;
    this.parts = this.parts.filter(({ newestMs }) => timestampMs <= newestMs + this.windowMs);
    if (keys.length === 0) return;
    const part = this.partFor(timestampMs);
    part.newestMs = timestampMs;
    for (const key of keys) part.fingerprints.add(this.fingerprint(key));
  }

  /** False when the reference is free for certain. */
  mayHold(key: string): boolean {
    if (!this.isComplete) return true;
    const fingerprint = this.fingerprint(key);
    return this.parts.some(({ fingerprints }) => fingerprints.has(fingerprint));
  }

  /** True once all blocks of a window, or of the chain, were seen; before, a restarted node does not know what it missed. */
  get isComplete(): boolean {
    return this.coveredFromMs !== undefined && this.nowMs > this.coveredFromMs + this.windowMs;
  }

  private partFor(timestampMs: TimestampMs): Part {
    const last = this.parts.at(-1);
    if (last !== undefined && timestampMs - last.oldestMs < this.windowMs / PARTS_PER_WINDOW) return last;
    const part: Part = { oldestMs: timestampMs, newestMs: timestampMs, fingerprints: new FingerprintSet() };
    this.parts.push(part);
    return part;
  }

  /** Two 32-bit multiplicative hashes, 53 bits of them: fast, and unpredictable without the seed. */
  private fingerprint(key: string): number {
    let high = 0xdeadbeef ^ this.seed;
    let low = 0x41c6ce57 ^ this.seed;
    for (let i = 0; i < key.length; i++) {
      const code = key.charCodeAt(i);
      high = Math.imul(high ^ code, 2_654_435_761);
      low = Math.imul(low ^ code, 1_597_334_677);
    }
    high = Math.imul(high ^ (high >>> 16), 2_246_822_507) ^ Math.imul(low ^ (low >>> 13), 3_266_489_909);
    low = Math.imul(low ^ (low >>> 16), 2_246_822_507) ^ Math.imul(high ^ (high >>> 13), 3_266_489_909);
    const value = (low >>> 0) * 0x20_0000 + (high >>> 11);
    return value === EMPTY ? 1 : value;
  }
}

/** A set of non-zero integers below 2^53 in one typed array, open addressing, at most half full. */
class FingerprintSet {
  private slots = new Float64Array(FIRST_SLOTS);
  private size = 0;

  add(value: number): void {
    if (2 * (this.size + 1) > this.slots.length) this.grow();
    if (insert(this.slots, value)) this.size++;
  }

  has(value: number): boolean {
    return this.slots[slotOf(this.slots, value)] === value;
  }

  private grow(): void {
    const grown = new Float64Array(2 * this.slots.length);
    for (const value of this.slots) if (value !== EMPTY) insert(grown, value);
    this.slots = grown;
  }
}

/** The slot of a value, or the empty one where it belongs. The array's length is a power of two. */
function slotOf(slots: Float64Array, value: number): number {
  const mask = slots.length - 1;
  let slot = value % slots.length;
  while (slots[slot] !== EMPTY && slots[slot] !== value) slot = (slot + 1) & mask;
  return slot;
}

function insert(slots: Float64Array, value: number): boolean {
  const slot = slotOf(slots, value);
  if (slots[slot] === value) return false;
  slots[slot] = value;
  return true;
}
