/**
 * A bounded map that forgets what was not asked for lately: when the young generation is full it becomes the old one,
 * and the old one goes. Constant time, no list to keep in order; holds up to `capacity` weights twice.
 */
export class GenerationCache<K, V> {
  readonly #capacity: number;
  readonly #weigh: (value: V) => number;
  #young = new Map<K, V>();
  #old = new Map<K, V>();
  #weight = 0;

  /** `capacity` bounds the sum of a generation's weights; without `weigh` an entry weighs 1. */
  constructor(capacity: number, weigh: (value: V) => number = () => 1) {
    this.#capacity = capacity;
    this.#weigh = weigh;
  }

  get size(): number {
    return this.#young.size + this.#old.size;
  }

  get(key: K): V | undefined {
    const young = this.#young.get(key);
    if (young !== undefined) return young;
    const old = this.#old.get(key);
    if (old !== undefined) {
      this.#old.delete(key);
      this.set(key, old);
    }
    return old;
  }

  set(key: K, value: V): void {
    if (this.#weight >= this.#capacity) {
      this.#old = this.#young;
      this.#young = new Map();
      this.#weight = 0;
    }
    const before = this.#young.size;
    this.#young.set(key, value);
    // A value that replaces another one counts only for what makes it heavy: hot keys must not push out the others.
    this.#weight += this.#weigh(value) - (this.#young.size === before ? 1 : 0);
  }

  delete(key: K): void {
    this.#young.delete(key);
    this.#old.delete(key);
  }
}
