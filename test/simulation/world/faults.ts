/** What can go wrong in a world. Each is counted when it really happened, not when it was planned. */
export const FAULTS = [
  'message lost',
  'message late',
  'message duplicated',
  'message reordered',
  'link slow',
  'partition, symmetric',
  'partition, one way',
  'connection broken',
  'clock moved',
  'process killed',
  'power lost',
  'power of all lost',
  'crash at an operation',
  'restart in good order',
  'unsynced write lost',
  'unsynced name lost',
  'torn write',
  'bit flipped in a journal',
  'bit flipped in a file',
  'bit flipped in a database row',
  'file lost',
  'disk full',
  'disk write failed',
  'disk slow',
  'database wiped',
  'refused transaction submitted',
  'byzantine: equivocation',
  'byzantine: double vote',
  'byzantine: false name',
  'byzantine: vote withheld',
  'byzantine: invalid block',
  'byzantine: false outline',
  'byzantine: amnesia',
  'byzantine: forged certificate',
  'byzantine: far future',
  'byzantine: lie in sync',
  'byzantine: replay',
  'byzantine: twins',
  'byzantine: collusion',
] as const;
export type Fault = (typeof FAULTS)[number];

/** Counts of faults that happened. */
export class FaultCounts {
  readonly #counts = new Map<Fault, number>();

  count(fault: Fault, by = 1): void {
    this.#counts.set(fault, (this.#counts.get(fault) ?? 0) + by);
  }

  of(fault: Fault): number {
    return this.#counts.get(fault) ?? 0;
  }

  toJson(): Readonly<Record<string, number>> {
    return Object.fromEntries([...this.#counts].sort(([a], [b]) => FAULTS.indexOf(a) - FAULTS.indexOf(b)));
  }
}
