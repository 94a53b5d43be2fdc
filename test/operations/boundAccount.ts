import type { Address } from '../../primitives/types.js';
import { partyOf } from './cast.js';

/** One figure that an account bounds: what tightens it counts at once, what loosens it from the next business day on. */
export class Figure {
  inForce: bigint | undefined;
  #wanted: bigint | undefined;
  /** Authorised today while it was in force. */
  used = 0n;

  want(amount: bigint | undefined): void {
    this.#wanted = amount;
    if (amount !== undefined && (this.inForce === undefined || amount < this.inForce)) this.inForce = amount;
  }

  beginDay(): void {
    this.inForce = this.#wanted;
    this.used = 0n;
  }

  get isNothing(): boolean {
    return this.inForce === undefined && this.#wanted === undefined;
  }
}

interface Wanted {
  readonly perPayment: bigint | undefined;
  readonly perDay: bigint | undefined;
  readonly keys: readonly (readonly [key: Address, amount: bigint])[];
}

/** An account's limits in one currency, by what it has said and in whatever order. */
export class BoundAccount {
  readonly perPayment = new Figure();
  readonly perDay = new Figure();
  readonly #keys = new Map<Address, Figure>();
  readonly #creditors = new Map<Address, Figure>();
  readonly #account: Address;

  constructor(account: Address) {
    this.#account = account;
  }

  want({ perPayment, perDay, keys }: Wanted): void {
    this.perPayment.want(perPayment);
    this.perDay.want(perDay);
    const wanted = new Map(keys);
    for (const key of new Set([...this.#keys.keys(), ...wanted.keys()]))
      figureOf(this.#keys, key).want(wanted.get(key));
  }

  wantTowards(creditor: Address, amount: bigint | undefined): void {
    figureOf(this.#creditors, creditor).want(amount);
  }

  beginDay(): void {
    for (const figure of this.#figures()) figure.beginDay();
  }

  /** Counts what was authorised. @returns the limits that it does not keep to */
  authorise(amount: bigint, creditor: Address | undefined, signers: readonly Address[]): readonly string[] {
    const towards = creditor === undefined ? undefined : this.#creditors.get(creditor);
    // A day counts from when there is any limit.
    if (this.#figures().some(({ isNothing }) => !isNothing)) this.perDay.used += amount;
    if (towards?.inForce !== undefined) towards.used += amount;
    return [
      ...beyond('per payment', this.perPayment.inForce, amount),
      ...beyond('per day', this.perDay.inForce, this.perDay.used),
      ...beyond(`towards ${creditor}`, towards?.inForce, towards?.used ?? 0n),
      ...(this.#isSigned(amount, signers) ? [] : ['the keys that signed do not suffice']),
    ];
  }

  describe(): string {
    return `wanted ${this.perPayment.inForce} a payment and ${this.perDay.inForce} a day`;
  }

  #figures(): readonly Figure[] {
    return [this.perPayment, this.perDay, ...this.#keys.values(), ...this.#creditors.values()];
  }

  /** As many of the account's keys that may authorise as much have signed as its policy takes. */
  #isSigned(amount: bigint, signers: readonly Address[]): boolean {
    if ([...this.#keys.values()].every(({ inForce }) => inForce === undefined)) return true;
    const { keys = [], signers: least = [] } = partyOf(this.#account) ?? {};
    const counting = keys.filter((key) => {
      const bound = this.#keys.get(key)?.inForce;
      return signers.includes(key) && (bound === undefined || amount <= bound);
    });
    return counting.length >= least.length;
  }
}

function figureOf(figures: Map<Address, Figure>, of: Address): Figure {
  const found = figures.get(of) ?? new Figure();
  figures.set(of, found);
  return found;
}

function beyond(name: string, limit: bigint | undefined, used: bigint): readonly string[] {
  return limit === undefined || used <= limit ? [] : [`${used} ${name}, where the limit is ${limit}`];
}
