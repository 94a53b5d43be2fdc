import type { Receipt } from '../../primitives/types.js';

interface Row {
  succeeded: number;
  refused: number;
  readonly codes: Map<string, number>;
}

const SEVERAL = 'several at once';

/** How often each kind of operation succeeded and was refused. */
export class Tally {
  readonly #rows = new Map<string, Row>();

  /** Of a transaction of several, all have succeeded, or the transaction was refused as one. */
  note(kinds: readonly string[], { success, code }: Receipt): void {
    if (kinds.length > 1)
      this.#count(kinds.includes('a last one that fails') ? 'several, the last fails' : SEVERAL, success, code);
    if (kinds.length === 1 || success) for (const kind of kinds) this.#count(kind, success, code);
  }

  get kinds(): readonly { readonly kind: string; readonly succeeded: number; readonly refused: number }[] {
    return [...this.#rows].map(([kind, { succeeded, refused }]) => ({ kind, succeeded, refused }));
  }

  /** Lines of a table, the kinds in the order of their names, each with its most frequent codes. */
  lines(): readonly string[] {
    const rows = [...this.#rows].sort(([a], [b]) => (a < b ? -1 : 1));
    const head = `${'OPERATION'.padEnd(44)} ${'SUCCEEDED'.padStart(9)} ${'REFUSED'.padStart(8)}  SHARE  REFUSED WITH`;
    return [
      head,
      ...rows.map(([kind, { succeeded, refused, codes }]) => {
        const share = `${Math.round((100 * succeeded) / (succeeded + refused))} %`.padStart(5);
        const most = [...codes].sort((a, b) => b[1] - a[1]).slice(0, 4);
        const words = most.map(([code, count]) => `${code} ${count}`).join(', ');
        return `${kind.padEnd(44)} ${String(succeeded).padStart(9)} ${String(refused).padStart(8)}  ${share}  ${words}`;
      }),
    ];
  }

  #count(kind: string, success: boolean, code: string): void {
    const row = this.#rows.get(kind) ?? { succeeded: 0, refused: 0, codes: new Map<string, number>() };
    this.#rows.set(kind, row);
    if (success) row.succeeded += 1;
    else {
      row.refused += 1;
      row.codes.set(code, (row.codes.get(code) ?? 0) + 1);
    }
  }
}
