import type { StateEntry, StateKey } from '../../contracts/api/host.js';
import { UndoLog } from '../../contracts/runtime/undoLog.js';
import { SortedKeys } from './sortedKeys.js';
import type { StateChanges, StateReader, WritableState } from './types.js';

/** In the undo log: the key was not in the overlay. */
const NOT_THERE = Symbol('not there');

interface Step {
  readonly key: StateKey;
  readonly before: Uint8Array | undefined | typeof NOT_THERE;
}

/**
 * What a block writes, over a state that stays as it is. Block, transaction and call are savepoints of one overlay, so
 * that a read looks in one Map before it asks the parent, however deep the call.
 */
export class StateOverlay implements WritableState {
  readonly #parent: StateReader;
  readonly #entries = new Map<StateKey, Uint8Array | undefined>();
  readonly #undo = new UndoLog<Step>((step) => this.#takeBack(step));
  /** Keys that were ever written here, in order, as far as a range has needed them; the rest stands in `#unsorted`. */
  readonly #sorted = new SortedKeys();
  #unsorted: StateKey[] = [];

  constructor(parent: StateReader) {
    this.#parent = parent;
  }

  get(key: StateKey): Uint8Array | undefined {
    const value = this.#entries.get(key);
    return value !== undefined || this.#entries.has(key) ? value : this.#parent.get(key);
  }

  put(key: StateKey, value: Uint8Array): void {
    this.#set(key, value);
  }

  delete(key: StateKey): void {
    this.#set(key, undefined);
  }

  range(prefix: StateKey, limit: number, after?: StateKey): readonly StateEntry[] {
    if (this.#entries.size === 0) return this.#parent.range(prefix, limit, after);
    const merged: StateEntry[] = [];
    const own = this.#ownKeys(prefix, after);
    const below = new ParentCursor(this.#parent, prefix, limit, after);
    let ownKey = own.next();
    while (merged.length < limit) {
      const entry = below.peek();
      if (ownKey.done) {
        if (entry === undefined) break;
        merged.push(entry);
        below.skip();
        continue;
      }
      const key = ownKey.value;
      if (entry !== undefined && entry.key < key) {
        merged.push(entry);
        below.skip();
        continue;
      }
      if (entry?.key === key) below.skip();
      const value = this.#entries.get(key);
      if (value !== undefined) merged.push({ key, value });
      ownKey = own.next();
    }
    return merged;
  }

  savepoint(): number {
    return this.#undo.savepoint();
  }

  rollback(mark: number): void {
    this.#undo.rollback(mark);
  }

  release(mark: number): void {
    this.#undo.release(mark);
  }

  changes(): StateChanges {
    return this.#entries;
  }

  #set(key: StateKey, value: Uint8Array | undefined): void {
    const entries = this.#entries;
    if (this.#undo.isOpen) {
      const before = entries.get(key);
      this.#undo.record({ key, before: before === undefined && !entries.has(key) ? NOT_THERE : before });
    }
    const size = entries.size;
    entries.set(key, value);
    if (entries.size !== size) this.#unsorted.push(key);
  }

  #takeBack({ key, before }: Step): void {
    if (before === NOT_THERE) this.#entries.delete(key);
    else this.#entries.set(key, before);
  }

  /** Keys of this overlay under the prefix, in order; those that were rolled back are left out. */
  *#ownKeys(prefix: StateKey, after: StateKey | undefined): Generator<StateKey> {
    for (const key of this.#unsorted) this.#sorted.add(key);
    this.#unsorted = [];
    for (const key of this.#sorted.from(after !== undefined && after > prefix ? after : prefix)) {
      if (!key.startsWith(prefix) && key > prefix) return;
      if (key !== after && key.startsWith(prefix) && this.#entries.has(key)) yield key;
    }
  }
}

/** The parent's entries one after the other, fetched in portions: some may be deleted above, so more may be needed. */
class ParentCursor {
  readonly #parent: StateReader;
  readonly #prefix: StateKey;
  readonly #limit: number;
  #entries: readonly StateEntry[];
  #at = 0;

  constructor(parent: StateReader, prefix: StateKey, limit: number, after: StateKey | undefined) {
    this.#parent = parent;
    this.#prefix = prefix;
    this.#limit = limit;
    this.#entries = parent.range(prefix, limit, after);
  }

  peek(): StateEntry | undefined {
    if (this.#at === this.#entries.length && this.#entries.length === this.#limit) {
      const last = this.#entries[this.#limit - 1] as StateEntry;
      this.#entries = this.#parent.range(this.#prefix, this.#limit, last.key);
      this.#at = 0;
    }
    return this.#entries[this.#at];
  }

  skip(): void {
    this.#at++;
  }
}
