import type { LoadMix } from '../options.js';
import { randomIndices } from '../random.js';

const HOT_PERCENT_OF_PAYMENTS = 80;
const HOT_PERCENT_OF_ACCOUNTS = 1;

/** Positions of the accounts of one payment; never the same one twice. */
export interface PaymentPair {
  readonly debtor: number;
  readonly creditor: number;
}

/**
 * Which accounts pay which: all alike, or hot ones. Hot accounts stand evenly over the list, and so over the banks that
 * hold them; four payments of five have both their accounts among them.
 */
export class AccountMix {
  readonly #pick: (below: number) => number;
  /** Distance between two hot accounts; undefined where there are none. */
  readonly #hot: { readonly count: number; readonly step: number } | undefined;

  constructor(
    mix: LoadMix,
    private readonly accounts: number,
    seed: number,
  ) {
    this.#pick = randomIndices(seed);
    const count = Math.max(2, Math.floor((accounts * HOT_PERCENT_OF_ACCOUNTS) / 100));
    this.#hot = mix === 'hot' ? { count, step: Math.floor(accounts / count) } : undefined;
  }

  /** The accounts of the next payment. */
  pair(): PaymentPair {
    const hot = this.#nextHot();
    const debtor = this.#one(hot);
    return { debtor, creditor: this.#other(debtor, hot) };
  }

  /** Who pays the next batch. */
  debtor(): number {
    return this.#one(this.#nextHot());
  }

  /** Whom a debtor pays. */
  creditorOf(debtor: number): number {
    return this.#other(debtor, this.#nextHot());
  }

  #nextHot(): { readonly count: number; readonly step: number } | undefined {
    return this.#hot !== undefined && this.#pick(100) < HOT_PERCENT_OF_PAYMENTS ? this.#hot : undefined;
  }

  #one(hot: { readonly count: number; readonly step: number } | undefined): number {
    return hot === undefined ? this.#pick(this.accounts) : this.#pick(hot.count) * hot.step;
  }

  #other(debtor: number, hot: { readonly count: number; readonly step: number } | undefined): number {
    if (hot === undefined) return (debtor + 1 + this.#pick(this.accounts - 1)) % this.accounts;
    const candidate = this.#one(hot);
    if (candidate !== debtor) return candidate;
    return ((debtor / hot.step + 1) % hot.count) * hot.step;
  }
}
