import type { Address } from '../../primitives/types.js';
import type { Infer } from '../api/schema.js';
import { t } from '../api/t.js';
import { MAX_COUNTERPARTIES } from './limitBook.js';

/** What an account may still authorise on a business day, by its own limits and those who sign now. */

const bounded = { limit: t.amount, used: t.amount };

export const allowance = t.struct({
  perPayment: t.optional(t.amount),
  /** The largest amount for which the keys that have signed suffice. */
  ofKeys: t.optional(t.amount),
  perDay: t.optional(t.struct(bounded)),
  counterparties: t.list(t.struct({ creditor: t.address, ...bounded }), MAX_COUNTERPARTIES),
});

export const LIMIT_CODES = ['LIMIT_PER_PAYMENT', 'LIMIT_OF_KEY', 'LIMIT_COUNTERPARTY', 'LIMIT_PER_DAY'] as const;
export type LimitCode = (typeof LIMIT_CODES)[number];

const exceeded = { limit: t.amount, used: t.amount, required: t.amount };

/** What every contract tells of a limit that a payment does not keep to. */
export const limitErrors = {
  LIMIT_PER_PAYMENT: exceeded,
  /** Too few of the keys that signed may authorise as much. */
  LIMIT_OF_KEY: exceeded,
  LIMIT_COUNTERPARTY: exceeded,
  LIMIT_PER_DAY: exceeded,
};

export interface LimitRefusal {
  readonly code: LimitCode;
  readonly data: { readonly limit: bigint; readonly used: bigint; readonly required: bigint };
}

interface Bound {
  readonly limit: bigint;
  used: bigint;
}

/** Counts payments against what is left. */
export class Allowance {
  readonly #perPayment: bigint | undefined;
  readonly #ofKeys: bigint | undefined;
  readonly #perDay: Bound | undefined;
  readonly #counterparties: ReadonlyMap<Address, Bound>;

  constructor({ perPayment, ofKeys, perDay, counterparties }: Infer<typeof allowance>) {
    this.#perPayment = perPayment;
    this.#ofKeys = ofKeys;
    this.#perDay = perDay === undefined ? undefined : { ...perDay };
    this.#counterparties = new Map(counterparties.map(({ creditor, limit, used }) => [creditor, { limit, used }]));
  }

  /** Why a payment may not be authorised, undefined for one that may. A lock has no creditor. */
  refusalOf(amount: bigint, creditor?: Address): LimitRefusal | undefined {
    const towards = creditor === undefined ? undefined : this.#counterparties.get(creditor);
    return (
      beyond('LIMIT_PER_PAYMENT', once(this.#perPayment), amount) ??
      beyond('LIMIT_OF_KEY', once(this.#ofKeys), amount) ??
      beyond('LIMIT_COUNTERPARTY', towards, amount) ??
      beyond('LIMIT_PER_DAY', this.#perDay, amount)
    );
  }

  /** Counts a payment that is authorised. */
  take(amount: bigint, creditor?: Address): void {
    const towards = creditor === undefined ? undefined : this.#counterparties.get(creditor);
    for (const bound of [this.#perDay, towards]) if (bound !== undefined) bound.used += amount;
  }
}

function once(limit: bigint | undefined): Bound | undefined {
  return limit === undefined ? undefined : { limit, used: 0n };
}

function beyond(code: LimitCode, bound: Bound | undefined, required: bigint): LimitRefusal | undefined {
  if (bound === undefined || bound.used + required <= bound.limit) return undefined;
  return { code, data: { limit: bound.limit, used: bound.used, required } };
}
