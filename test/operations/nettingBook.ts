import { addressOf, amountOf, type Data } from './events.js';
import type { Movement } from './movement.js';

/** Every obligation of the cycles by itself, as events tell: what a cycle settles comes to the same as paying each of them. */
export class NettingBook {
  readonly #cycles = new Map<string, Map<string, Movement>>();
  readonly #currencies = new Map<string, string>();

  /** @returns what changes hands */
  note(name: string, data: Data): readonly Movement[] {
    const id = String(data['id']);
    const set = this.#cycles.get(id) ?? new Map<string, Movement>();
    switch (name) {
      case 'netting.Opened':
        this.#cycles.set(id, set);
        this.#currencies.set(id, String(data['currency']));
        return [];
      case 'netting.Submitted':
        for (const row of data['obligations'] as readonly Data[]) set.set(keyOf(data, row), this.#movement(data, row));
        return [];
      case 'netting.Withdrawn':
        set.delete(keyOf(data, data));
        return [];
      case 'netting.Excluded': {
        const gone = addressOf(data['account']);
        for (const [key, { from, to }] of set) if (from === gone || to === gone) set.delete(key);
        return [];
      }
      case 'netting.Settled':
        this.#cycles.delete(id);
        return [...set.values()];
      case 'netting.Ended':
        this.#cycles.delete(id);
        return [];
    }
    return [];
  }

  #movement(data: Data, row: Data): Movement {
    const asset = `cash ${this.#currencies.get(String(data['id']))}`;
    const [from, to] = [addressOf(data['debtor']), addressOf(row['creditor'])];
    return { asset, from, to, amount: amountOf(row['amount']) };
  }
}

function keyOf({ debtor }: Data, { reference }: Data): string {
  return `${addressOf(debtor)} ${reference}`;
}
