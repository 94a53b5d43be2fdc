import type { StateEntry, StateKey } from '../api/host.js';
import type { RunState, RunUsedOnce } from '../runtime/environment.js';
import { UndoLog } from '../runtime/undoLog.js';

/** The state of a ledger in memory. */
export class MemoryState implements RunState {
  readonly #entries = new Map<StateKey, Uint8Array>();
  readonly #undo = new UndoLog<readonly [StateKey, Uint8Array | undefined]>(([key, before]) => this.#set(key, before));

  get(key: StateKey): Uint8Array | undefined {
    return this.#entries.get(key);
  }

  put(key: StateKey, value: Uint8Array): void {
    this.#undo.record([key, this.#entries.get(key)]);
    this.#set(key, value);
  }

  delete(key: StateKey): void {
    this.#undo.record([key, this.#entries.get(key)]);
    this.#set(key, undefined);
  }

  range(prefix: StateKey, limit: number, after?: StateKey): readonly StateEntry[] {
    const found: StateEntry[] = [];
    for (const [key, value] of this.#entries) {
      if (key.startsWith(prefix) && (after === undefined || key > after)) found.push({ key, value });
    }
    return found.sort((a, b) => (a.key < b.key ? -1 : 1)).slice(0, limit);
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

  /** Every entry as text: contract, key, value. */
  rows(): readonly string[] {
    return [...this.#entries].map(([key, value]) => `${key.replace('/', ' ')} ${value.join(',')}`);
  }

  #set(key: StateKey, value: Uint8Array | undefined): void {
    if (value === undefined) this.#entries.delete(key);
    else this.#entries.set(key, value);
  }
}

/** The entries that a ledger in memory has used up. */
export class MemoryUsedOnce implements RunUsedOnce {
  readonly #entries = new Set<string>();
  readonly #undo = new UndoLog<string>((entry) => this.#entries.delete(entry));

  use(scope: string, reference: string, day: number): boolean {
    const entry = JSON.stringify([scope, reference, day]);
    if (this.#entries.has(entry)) return false;
    this.#undo.record(entry);
    this.#entries.add(entry);
    return true;
  }

  isUsed(scope: string, reference: string, day: number): boolean {
    return this.#entries.has(JSON.stringify([scope, reference, day]));
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

  rows(): readonly string[] {
    return [...this.#entries];
  }
}
