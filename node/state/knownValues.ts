import type { StateKey } from '../../contracts/api/host.js';

/** What memory knows of a key. */
export class KnownValue {
  readonly key: StateKey;
  /** As committed; undefined where there is none. */
  value: Uint8Array | undefined;
  /** Once it was needed. */
  keyHash: Uint8Array | undefined;
  /** Number of the commit whose row of the log is the oldest that is needed to make the value; undefined where the key's own row holds it. */
  since: number | undefined;
  /** Asked for since the hand passed. */
  isRecent = false;
  /** Memory knows it no more, or by another object: whoever still has this one must ask again. */
  isForgotten = false;

  constructor(
    key: StateKey,
    value: Uint8Array | undefined,
    keyHash: Uint8Array | undefined,
    since: number | undefined,
  ) {
    this.key = key;
    this.value = value;
    this.keyHash = keyHash;
    this.since = since;
  }
}

/** Entries that the hand looks at for each one that comes: most are the log's to keep, or were asked for lately. */
const MAX_STEPS = 16;

/**
 * Values by key, so that one look finds what is committed, what waits to be written and what was read. Of those that stand in rows as they
 * are here it forgets what was not asked for lately: a hand goes round them (CLOCK; Corbató, 1968), so that a read moves nothing, and what is
 * read once, as a long range is, pushes out nothing that is asked for again and again. Those that wait to be written stay.
 */
export class KnownValues {
  readonly #capacity: number;
  readonly #values = new Map<StateKey, KnownValue>();
  #hand = this.#values.values();
  /** Of those that may be forgotten. */
  #weight = 0;

  /** @param capacity of what may be forgotten: counts keys, and 256 bytes of a value as one more; passed by a sixteenth of all at most */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  find(key: StateKey): KnownValue | undefined {
    const known = this.#values.get(key);
    if (known !== undefined) known.isRecent = true;
    return known;
  }

  /** A key that is not known yet, as its own row has it. */
  addRead(key: StateKey, value: Uint8Array | undefined): KnownValue {
    const known = new KnownValue(key, value, undefined, undefined);
    this.#values.set(key, known);
    this.#count(known);
    return known;
  }

  /** A key that is not known yet, as a commit has it. */
  addWritten(
    key: StateKey,
    value: Uint8Array | undefined,
    keyHash: Uint8Array | undefined,
    commit: number,
  ): KnownValue {
    const known = new KnownValue(key, value, keyHash, commit);
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
    known.since = undefined;
    this.#count(known);
  }

  #count(known: KnownValue): void {
    this.#weight += weightOf(known);
    for (let steps = MAX_STEPS; steps > 0 && this.#weight > this.#capacity; steps--) this.#passOne();
  }

  #passOne(): void {
    const { value: known, done } = this.#hand.next();
    if (done === true) {
      this.#hand = this.#values.values();
      return;
    }
    if (known.since !== undefined) return;
    if (known.isRecent) {
      known.isRecent = false;
      return;
    }
    this.#values.delete(known.key);
    this.#weight -= weightOf(known);
    known.isForgotten = true;
  }
}

function weightOf({ value }: KnownValue): number {
  return 1 + ((value?.length ?? 0) >> 8);
}
