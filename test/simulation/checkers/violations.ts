export type CheckerName =
  | 'agreement'
  | 'validity'
  | 'certificate'
  | 'double signature'
  | 'money'
  | 'finality'
  | 'replicas'
  | 'liveness'
  | 'evidence'
  | 'blame'
  | 'stop';

/** Something that may never happen, with the checker that saw it. */
export interface Violation {
  readonly checker: CheckerName;
  /** When it was seen, in milliseconds since the world began. */
  readonly atMs: number;
  readonly text: string;
}

/** Where checkers tell what they see; of each checker the first few are kept. */
export class Violations {
  readonly all: Violation[] = [];
  readonly #perChecker = new Map<CheckerName, number>();

  constructor(private readonly nowMs: () => number) {}

  has(checker: CheckerName): boolean {
    return this.#perChecker.has(checker);
  }

  add(checker: CheckerName, text: string): void {
    const count = (this.#perChecker.get(checker) ?? 0) + 1;
    this.#perChecker.set(checker, count);
    if (count <= 5) this.all.push({ checker, atMs: this.nowMs(), text });
  }
}
