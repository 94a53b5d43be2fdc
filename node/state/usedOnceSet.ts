import { UndoLog } from '../../contracts/runtime/undoLog.js';
import type { ChainDatabase, HeightBatch } from '../storage/types.js';
import { usedOnceKey } from '../storage/usedOnceKey.js';
import { addPacked, FINGERPRINT_BYTES, Fingerprints } from './fingerprints.js';
import { FingerprintTable } from './fingerprintTable.js';
import type { BlockUsedOnce, UsedOnceReader } from './types.js';

/** Days whose fingerprints may stand in memory. */
const MAX_RESIDENT_DAYS = 1_024;
/** A day's newest row of fingerprints is written again until it holds so many: quiet heights leave no row each. */
const ROW_FINGERPRINTS = 256;

export interface UsedOnceSetOptions {
  /** Fingerprints in memory; 12 to 24 bytes each. Older days than fit are looked up on disk. */
  readonly maxResident?: number;
}

const DEFAULT_MAX_RESIDENT = 2 ** 25;

/** What is in memory of one day. */
interface Day {
  readonly table: FingerprintTable;
  /** The row that is still being filled: its height, and what stands in it. */
  rowHeight: number;
  row: Uint8Array;
}

/** Reads fingerprints from the newest day back, as many as may stand in memory. */
export async function openUsedOnceSet(
  options: UsedOnceSetOptions,
  modules: { readonly database: ChainDatabase },
): Promise<UsedOnceSet> {
  const set = new UsedOnceSet(options, modules);
  for await (const [key, packed] of modules.database.usedOnceFingerprints.entries({ reverse: true })) {
    if (!set.restore(key, packed)) break;
  }
  return set;
}

/**
 * Which (scope, reference, day) entries were ever used. The rows say it; fingerprints of the newest days stand in
 * memory, so that a payment with a new reference costs no read. A hit, and every entry of a day that is not in memory,
 * is looked up on disk: the answer never depends on what fits.
 */
export class UsedOnceSet implements UsedOnceReader {
  readonly #database: ChainDatabase;
  readonly #maxResident: number;
  readonly #fingerprints: Fingerprints;
  readonly #days = new Map<number, Day>();
  /** Days below are not in memory. */
  #firstResidentDay = 0;
  #resident = 0;

  constructor({ maxResident }: UsedOnceSetOptions, { database }: { readonly database: ChainDatabase }) {
    this.#database = database;
    this.#maxResident = maxResident ?? DEFAULT_MAX_RESIDENT;
    this.#fingerprints = new Fingerprints(database.seed.subarray(8, 16));
  }

  /** Fingerprints held in memory. */
  get resident(): number {
    return this.#resident;
  }

  has(scope: string, reference: string, day: number): boolean {
    return this.hasKey(usedOnceKey(scope, reference, day), day);
  }

  /** The same by the row's key. */
  hasKey(key: Uint8Array, day: number): boolean {
    if (day >= this.#firstResidentDay) {
      const known = this.#days.get(day);
      if (known === undefined || !this.#fingerprints.mayBeIn([known.table], key)) return false;
    }
    return this.#database.usedOnce.has(key);
  }

  openBlock(height: number): BlockUsedOnce {
    return new UndecidedUsedOnce(height, this);
  }

  /** Writes a block's entries; none of them was used before. */
  commit(keysByDay: ReadonlyMap<number, readonly Uint8Array[]>, height: number, batch: HeightBatch): void {
    const packed: { readonly day: number; readonly bytes: Uint8Array }[] = [];
    for (const [day, keys] of keysByDay) {
      for (const key of keys) this.#database.usedOnce.put(batch, key, height);
      const bytes = this.#fingerprints.pack(keys);
      this.#writeRow(day, height, bytes, batch);
      packed.push({ day, bytes });
    }
    batch.onWritten(() => {
      for (const { day, bytes } of packed) if (day >= this.#firstResidentDay) this.#remember(day, height, bytes);
    });
  }

  /** @returns false when no further row fits */
  restore({ day, height }: { readonly day: number; readonly height: number }, packed: Uint8Array): boolean {
    const isFull = this.#resident + packed.length / FINGERPRINT_BYTES > this.#maxResident;
    if (isFull || (!this.#days.has(day) && this.#days.size >= MAX_RESIDENT_DAYS)) {
      // A day that is not there whole is as good as not there.
      this.#forget(day);
      return false;
    }
    // Rows come from the newest back: only a day's first one can be the row that is being filled.
    const known = this.#days.get(day);
    if (known === undefined) this.#remember(day, height, packed);
    else this.#add(known, packed);
    return true;
  }

  #writeRow(day: number, height: number, packed: Uint8Array, batch: HeightBatch): void {
    const rows = this.#database.usedOnceFingerprints;
    const known = this.#days.get(day);
    if (known === undefined || !isOpenRow(known.row)) rows.put(batch, { day, height }, packed);
    else rows.put(batch, { day, height: known.rowHeight }, joined(known.row, packed));
  }

  #remember(day: number, height: number, packed: Uint8Array): void {
    let known = this.#days.get(day);
    if (known === undefined) {
      known = { table: new FingerprintTable(), rowHeight: height, row: packed };
      this.#days.set(day, known);
    } else if (isOpenRow(known.row)) {
      known.row = joined(known.row, packed);
    } else {
      known.rowHeight = height;
      known.row = packed;
    }
    this.#add(known, packed);
    while (this.#resident > this.#maxResident || this.#days.size > MAX_RESIDENT_DAYS) this.#forgetOldestDay();
  }

  #add(known: Day, packed: Uint8Array): void {
    const before = known.table.size;
    addPacked(known.table, packed);
    this.#resident += known.table.size - before;
  }

  #forgetOldestDay(): void {
    let oldest = Number.POSITIVE_INFINITY;
    for (const day of this.#days.keys()) oldest = Math.min(oldest, day);
    this.#forget(oldest);
  }

  /** From now on this day and those before it are looked up on disk. */
  #forget(day: number): void {
    this.#resident -= this.#days.get(day)?.table.size ?? 0;
    this.#days.delete(day);
    this.#firstResidentDay = day + 1;
  }
}

function isOpenRow(row: Uint8Array): boolean {
  return row.length < ROW_FINGERPRINTS * FINGERPRINT_BYTES;
}

function joined(row: Uint8Array, packed: Uint8Array): Uint8Array {
  const whole = new Uint8Array(row.length + packed.length);
  whole.set(row, 0);
  whole.set(packed, row.length);
  return whole;
}

/** The entries of one scope and day that a block uses: reference → key of its row. */
type Group = Map<string, Uint8Array>;

interface Step {
  readonly group: Group;
  readonly reference: string;
}

class UndecidedUsedOnce implements BlockUsedOnce {
  readonly #height: number;
  readonly #committed: UsedOnceSet;
  readonly #days = new Map<number, Map<string, Group>>();
  #newest: { readonly scope: string; readonly day: number; readonly group: Group } | undefined;
  readonly #undo = new UndoLog<Step>(({ group, reference }) => void group.delete(reference));

  constructor(height: number, committed: UsedOnceSet) {
    this.#height = height;
    this.#committed = committed;
  }

  use(scope: string, reference: string, day: number): boolean {
    const group = this.#group(scope, day);
    if (group.has(reference)) return false;
    const key = usedOnceKey(scope, reference, day);
    if (this.#committed.hasKey(key, day)) return false;
    group.set(reference, key);
    this.#undo.record({ group, reference });
    return true;
  }

  isUsed(scope: string, reference: string, day: number): boolean {
    return this.#group(scope, day).has(reference) || this.#committed.has(scope, reference, day);
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

  commit(batch: HeightBatch): void {
    const keysByDay = new Map<number, Uint8Array[]>();
    for (const [day, groups] of this.#days) {
      const keys = [...groups.values()].flatMap((group) => [...group.values()]);
      if (keys.length > 0) keysByDay.set(day, keys);
    }
    this.#committed.commit(keysByDay, this.#height, batch);
  }

  #group(scope: string, day: number): Group {
    // A batch asks of one debtor and one day.
    if (this.#newest?.scope !== scope || this.#newest.day !== day) {
      this.#newest = { scope, day, group: this.#groupOf(scope, day) };
    }
    return this.#newest.group;
  }

  #groupOf(scope: string, day: number): Group {
    let groups = this.#days.get(day);
    if (groups === undefined) {
      groups = new Map();
      this.#days.set(day, groups);
    }
    let group = groups.get(scope);
    if (group === undefined) {
      group = new Map();
      groups.set(scope, group);
    }
    return group;
  }
}
