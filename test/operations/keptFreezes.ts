import { addressOf, amountOf, assetOf, type Data, optionalAmount } from './events.js';
import { type Snapshot, Sums } from './snapshot.js';

interface Kept {
  /** None: everything. */
  readonly amount: bigint | undefined;
  readonly until: number | undefined;
}

/** What stands for everything in a sum. */
const EVERYTHING = -1n;

/** What confirmed orders keep in accounts, by the orders themselves: freezes, less what was lifted and what was seized out of them. */
export class KeptFreezes {
  /** Asset, account, order. */
  readonly #kept = new Map<string, Kept>();

  /** @param freeze the terms of the freeze that the order names */
  carryOut(terms: Data, freeze: Data | undefined): void {
    const amount = optionalAmount(terms['amount']);
    if (terms['kind'] === 'freeze') {
      const until = optionalAmount(terms['until']);
      this.#kept.set(nameOf(terms), { amount, until: until === undefined ? undefined : Number(until) });
    }
    if (freeze === undefined) return;
    const name = nameOf(freeze);
    if (terms['kind'] === 'lift' && amount === undefined) this.#kept.delete(name);
    else this.#lessen(name, amountOf(terms['amount']));
  }

  /** Those in force, by the orders and by the state. */
  differences({ cashControls, unitControls, timestamp }: Snapshot): readonly string[] {
    const [ordered, told] = [new Sums(), new Sums()];
    const isInForce = ({ until }: { readonly until?: number | undefined }) => until === undefined || timestamp < until;
    for (const [name, kept] of this.#kept) {
      if (isInForce(kept)) ordered.add(name, kept.amount ?? EVERYTHING);
      else this.#kept.delete(name);
    }
    const rows = [
      ...cashControls.map(({ key, value }) => ({ of: `cash ${key[0]} ${key[1]}`, freezes: value.freezes })),
      ...unitControls.map(({ key, value }) => ({ of: `units ${key[0]} ${key[1]}`, freezes: value.freezes })),
    ];
    for (const { of, freezes } of rows) {
      for (const freeze of freezes.filter(isInForce)) told.add(`${of} ${freeze.order}`, freeze.amount ?? EVERYTHING);
    }
    return ordered.differences(told).map((text) => `freezes, ordered and kept: ${text}`);
  }

  /** One of everything stays one of everything. */
  #lessen(name: string, by: bigint): void {
    const kept = this.#kept.get(name);
    if (kept?.amount === undefined) return;
    if (kept.amount > by) this.#kept.set(name, { ...kept, amount: kept.amount - by });
    else this.#kept.delete(name);
  }
}

function nameOf(freeze: Data): string {
  return `${assetOf(freeze)} ${addressOf(freeze['account'])} ${freeze['id']}`;
}
