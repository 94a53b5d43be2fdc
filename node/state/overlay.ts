import type { StateEntry, StateKey } from '../../contracts/api/host.js';
import { UndoLog } from '../../contracts/runtime/undoLog.js';
import { SortedKeys } from './sortedKeys.js';
import type { StateChanges, StateReader, WritableState } from './types.js';

/** In the undo log: the key was not in the overlay. */
const NOT_THERE = Symbol('not there');

/** What a write, or a jump that rests on one, was before. */
type Step =
  | { readonly key: StateKey; readonly before: Uint8Array | undefined | typeof NOT_THERE }
  | { readonly from: StateKey; readonly to: StateKey | undefined };

/** Entries of the parent that are fetched at a time, once some of the first ones were hidden. */
const MAX_PORTION = 256;
/** Hidden entries in a row that are worth jumps: fewer are walked each time. */
const JUMP_LENGTH = 8;

/**
 * What a block writes, over a state that stays as it is. Block, transaction and call are savepoints of one overlay, so
 * that a read looks in one Map before it asks the parent, however deep the call.
 *
 * A range costs what it gives, however much the block has deleted before it: own entries are kept in order without
 * those that are deleted, and stretches of the parent that lie hidden are walked once, then jumped over. Without this,
 * whoever deletes much makes every later range of the block walk over it, for the fuel of one entry.
 */
export class StateOverlay implements WritableState {
  readonly #parent: StateReader;
  readonly #entries = new Map<StateKey, Uint8Array | undefined>();
  readonly #undo = new UndoLog<Step>((step) => this.#takeBack(step));
  /** Keys with a value here, in order, as of the last range; those that came or went since stand in `#unsorted`. */
  readonly #present = new SortedKeys();
  #unsorted: StateKey[] = [];
  /** From a hidden key of the parent to a later one up to which all of the parent's are hidden, too. */
  readonly #jumps = new Map<StateKey, StateKey>();
  /** Keys that stand here since the outermost open savepoint: a jump over one of them may have to be taken back. */
  readonly #fresh = new Set<StateKey>();
  /** From where such jumps go. */
  readonly #freshJumps = new Set<StateKey>();

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
    const below = new ParentCursor(this.#parent, { prefix, limit, after });
    let ownKey = own.next();
    while (merged.length < limit) {
      const entry = this.#visible(below);
      if (ownKey.done === true) {
        if (entry === undefined) break;
        merged.push(entry);
        below.skip();
      } else if (entry !== undefined && entry.key < ownKey.value) {
        merged.push(entry);
        below.skip();
      } else {
        merged.push({ key: ownKey.value, value: this.#entries.get(ownKey.value) as Uint8Array });
        ownKey = own.next();
      }
    }
    return merged;
  }

  savepoint(): number {
    return this.#undo.savepoint();
  }

  rollback(mark: number): void {
    this.#undo.rollback(mark);
    this.#endFresh();
  }

  release(mark: number): void {
    this.#undo.release(mark);
    this.#endFresh();
  }

  changes(): StateChanges {
    return this.#entries;
  }

  #set(key: StateKey, value: Uint8Array | undefined): void {
    const entries = this.#entries;
    const before = entries.get(key);
    if (this.#undo.isOpen) {
      const isNew = before === undefined && !entries.has(key);
      if (isNew) this.#fresh.add(key);
      this.#undo.record({ key, before: isNew ? NOT_THERE : before });
    }
    entries.set(key, value);
    if ((before === undefined) !== (value === undefined)) this.#unsorted.push(key);
  }

  #takeBack(step: Step): void {
    if ('from' in step) {
      if (step.to === undefined) this.#jumps.delete(step.from);
      else this.#jumps.set(step.from, step.to);
      return;
    }
    const { key, before } = step;
    if (before === NOT_THERE) {
      this.#entries.delete(key);
      this.#fresh.delete(key);
    } else this.#entries.set(key, before);
    this.#unsorted.push(key);
  }

  /** Keys with a value in this overlay under the prefix, in order. */
  *#ownKeys(prefix: StateKey, after: StateKey | undefined): Generator<StateKey> {
    for (const key of this.#unsorted) {
      if (this.#entries.get(key) === undefined) this.#present.delete(key);
      else this.#present.add(key);
    }
    this.#unsorted = [];
    for (const key of this.#present.from(after !== undefined && after > prefix ? after : prefix)) {
      if (key === after) continue;
      if (!key.startsWith(prefix)) return;
      yield key;
    }
  }

  /** The parent's next entry that nothing here hides. */
  #visible(below: ParentCursor): StateEntry | undefined {
    const walked: StateKey[] = [];
    let last: StateKey = '';
    let hasFresh = false;
    let entry = below.peek();
    for (; entry !== undefined && this.#entries.has(entry.key); entry = below.peek()) {
      const { key } = entry;
      hasFresh ||= this.#fresh.has(key) || this.#freshJumps.has(key);
      walked.push(key);
      last = this.#jumps.get(key) ?? key;
      below.skipTo(last);
    }
    if (walked.length >= JUMP_LENGTH) for (const key of walked) this.#jump(key, last, hasFresh);
    return entry;
  }

  #jump(from: StateKey, to: StateKey, isFresh: boolean): void {
    if (isFresh) {
      this.#undo.record({ from, to: this.#jumps.get(from) });
      this.#freshJumps.add(from);
    }
    this.#jumps.set(from, to);
  }

  #endFresh(): void {
    if (this.#undo.isOpen) return;
    this.#fresh.clear();
    this.#freshJumps.clear();
  }
}

interface ParentRange {
  readonly prefix: StateKey;
  readonly limit: number;
  readonly after: StateKey | undefined;
}

/** The parent's entries one after the other, fetched in portions: some may be hidden above, so more may be needed. */
class ParentCursor {
  readonly #parent: StateReader;
  readonly #prefix: StateKey;
  #portion: number;
  #entries: readonly StateEntry[];
  #at = 0;
  /** Up to here nothing is asked for any more. */
  #passed: StateKey | undefined;

  constructor(parent: StateReader, { prefix, limit, after }: ParentRange) {
    this.#parent = parent;
    this.#prefix = prefix;
    this.#portion = limit;
    this.#passed = after;
    this.#entries = parent.range(prefix, limit, after);
  }

  peek(): StateEntry | undefined {
    if (this.#at === this.#entries.length && this.#entries.length === this.#portion && this.#passed !== undefined) {
      this.#portion = Math.max(this.#portion, Math.min(MAX_PORTION, 2 * this.#portion));
      this.#entries = this.#parent.range(this.#prefix, this.#portion, this.#passed);
      this.#at = 0;
    }
    return this.#entries[this.#at];
  }

  /** Goes behind the entry that `peek` gave. */
  skip(): void {
    this.skipTo((this.#entries[this.#at] as StateEntry).key);
  }

  /** Goes behind that key, which is not below the one that `peek` gave. */
  skipTo(key: StateKey): void {
    this.#passed = key;
    while (this.#at < this.#entries.length && (this.#entries[this.#at] as StateEntry).key <= key) this.#at++;
  }
}
