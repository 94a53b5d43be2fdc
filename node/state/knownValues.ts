import type { StateKey } from '../../contracts/api/host.js';
import { KeySieve } from './keySieve.js';

/** What memory knows of a key. */
export class KnownValue {
  readonly key: StateKey;
  /** As committed; undefined where there is none. */
  value: Uint8Array | undefined;
  /** Once it was needed. */
  keyHash: Uint8Array | undefined;
  /** Number of the commit whose row of the log is the oldest that is needed to make the value; undefined where the key's own row holds it. */
  since: number | undefined;
  /** The ordered index has the value beside the key as well. */
  isListed: boolean;
  /** Asked for since the hand passed. */
  isRecent = false;
  /** Memory knows it no more, or by another object: whoever still has this one must ask again. */
  isForgotten = false;

  constructor(
    key: StateKey,
    value: Uint8Array | undefined,
    keyHash: Uint8Array | undefined,
    since: number | undefined,
    isListed: boolean,
  ) {
    this.key = key;
    this.value = value;
    this.keyHash = keyHash;
    this.since = since;
    this.isListed = isListed;
  }
}

/** Entries that the hand looks at for each weight that comes: some were asked for lately, or wait to be written. */
const MAX_STEPS = 16;
/** Beyond its capacity by one of so many parts, memory forgets also what was asked for lately. */
const SLACK = 16;

/**
 * Values by key, so that one look finds what is committed, what waits to be written and what was read. Of those that stand in rows as they
 * are here it forgets what was not asked for lately: a hand goes round them (CLOCK; Corbató, 1968), so that a read moves nothing. Those that
 * wait to be written stay.
 */
export class KnownValues {
  readonly #capacity: number;
  readonly #values = new Map<StateKey, KnownValue>();
  readonly #sieve = new KeySieve();
  #hand = this.#values.values();
  /** Entries before the hand in this round: those that come meanwhile have their turn in the next one. */
  #left = 0;
  /** Of those that may be forgotten. */
  #weight = 0;

  /** @param capacity of what may be forgotten: counts keys, and 256 bytes of a value as one more */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  find(key: StateKey): KnownValue | undefined {
    const known = this.#values.get(key);
    if (known !== undefined) known.isRecent = true;
    return known;
  }

  /** The same for one that is mostly not known: it is no more recent for it. */
  peek(key: StateKey): KnownValue | undefined {
    return this.#sieve.mayHold(key) ? this.#values.get(key) : undefined;
  }

  /** A key that is not known yet, as its own row has it. */
  addRead(key: StateKey, value: Uint8Array | undefined, isListed = false): KnownValue {
    const known = new KnownValue(key, value, undefined, undefined, isListed);
    const weight = weightOf(known);
    this.#sieve.add(key);
    this.#values.set(key, known);
    this.#weight += weight;
    this.#makeRoom(weight);
    return known;
  }

  /** A key that is not known yet, as a commit has it. */
  addWritten(
    key: StateKey,
    value: Uint8Array | undefined,
    keyHash: Uint8Array | undefined,
    commit: number,
    isListed: boolean,
  ): KnownValue {
    const known = new KnownValue(key, value, keyHash, commit, isListed);
    this.#sieve.add(key);
    this.#values.set(key, known);
    return known;
  }

  /** Before the value of one changes that stands in its own row. */
  keep(known: KnownValue, commit: number): void {
    this.#weight -= weightOf(known);
    known.since = commit;
  }

  /** Once its own row has the value. */
  letGo(known: KnownValue): void {
    const weight = weightOf(known);
    known.since = undefined;
    this.#weight += weight;
    this.#makeRoom(weight);
  }

  /** Of what came the weight is counted before: a contract that runs out of its stack may end any call in here, and leaves nothing half done. */
  #makeRoom(weight: number): void {
    for (let steps = MAX_STEPS * weight; steps > 0 && this.#weight > this.#capacity; steps--) this.#passOne();
  }

  #passOne(): void {
    if (this.#left === 0) {
      this.#hand = this.#values.values();
      this.#left = this.#values.size;
    }
    const { value: known } = this.#hand.next();
    this.#left--;
    if (known === undefined || known.since !== undefined) return;
    if (known.isRecent && this.#weight <= this.#capacity + this.#capacity / SLACK) {
      known.isRecent = false;
      return;
    }
    const weight = weightOf(known);
    // First, so that nobody writes to one that is gone.
    known.isForgotten = true;
    if (!this.#values.delete(known.key)) return;
    this.#weight -= weight;
    this.#sieve.delete(known.key);
  }
}

function weightOf({ value }: KnownValue): number {
  return 1 + ((value?.length ?? 0) >> 8);
}
