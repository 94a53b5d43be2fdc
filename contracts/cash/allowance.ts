import type { Address } from '../../primitives/types.js';
import type { Infer } from '../api/schema.js';
import { t } from '../api/t.js';
import type { leftOptions } from '../supervision/methods.js';
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
type OwnLimitCode = (typeof LIMIT_CODES)[number];
const RULE_CODES = ['RULE_COUNT', 'RULE_SUM', 'RULE_EXPOSURE'] as const;
/** Of an account's own limits, and of the rules of authorities. */
export type LimitCode = OwnLimitCode | (typeof RULE_CODES)[number];

const exceeded = { limit: t.amount, used: t.amount, required: t.amount };

/** What every contract tells of a limit that a payment does not keep to. */
export const limitErrors = {
  LIMIT_PER_PAYMENT: exceeded,
  /** Too few of the keys that signed may authorise as much. */
  LIMIT_OF_KEY: exceeded,
  LIMIT_COUNTERPARTY: exceeded,
  LIMIT_PER_DAY: exceeded,
};

/** The same with the rules of authorities, of contracts that decide payment by payment. */
export const allowanceErrors = {
  ...limitErrors,
  RULE_COUNT: exceeded,
  RULE_SUM: exceeded,
  RULE_EXPOSURE: exceeded,
};

export interface LimitRefusal<C extends LimitCode = LimitCode> {
  readonly code: C;
  readonly data: { readonly limit: bigint; readonly used: bigint; readonly required: bigint };
}

/** What rules of authorities leave, and whose accounts creditors are. */
export interface Ruled {
  readonly left: Infer<typeof leftOptions.returns>;
  memberOf(account: Address): string | undefined;
}

interface Bound {
  readonly limit: bigint;
  used: bigint;
}

const NO_LIMITS: Infer<typeof allowance> = {
  ...{ perPayment: undefined, ofKeys: undefined, perDay: undefined, counterparties: [] },
};

/** Counts payments against what is left. */
export class Allowance {
  readonly #perPayment: bigint | undefined;
  readonly #ofKeys: bigint | undefined;
  readonly #perDay: Bound | undefined;
  readonly #counterparties: ReadonlyMap<Address, Bound>;

  readonly #count: Bound | undefined;
  readonly #sum: Bound | undefined;
  readonly #exposures: ReadonlyMap<string, Bound>;
  readonly #memberOf: Ruled['memberOf'];

  constructor({ perPayment, ofKeys, perDay, counterparties }: Infer<typeof allowance> = NO_LIMITS, ruled?: Ruled) {
    this.#perPayment = perPayment;
    this.#ofKeys = ofKeys;
    this.#perDay = perDay === undefined ? undefined : { ...perDay };
    this.#counterparties = new Map(counterparties.map(({ creditor, limit, used }) => [creditor, { limit, used }]));
    const { count, sum, exposures = [] } = ruled?.left ?? {};
    this.#count = count === undefined ? undefined : { ...count };
    this.#sum = sum === undefined ? undefined : { ...sum };
    this.#exposures = new Map(exposures.map(({ counterparty, limit, used }) => [counterparty, { limit, used }]));
    this.#memberOf = ruled?.memberOf ?? (() => undefined);
  }

  /** Why a payment may not be authorised, undefined for one that may. */
  refusalOf(amount: bigint, creditor: Address): LimitRefusal | undefined {
    return (
      this.limitRefusalOf(amount, creditor) ??
      beyond('RULE_COUNT', this.#count, 1n) ??
      beyond('RULE_SUM', this.#sum, amount) ??
      beyond('RULE_EXPOSURE', this.#exposureTo(creditor), amount)
    );
  }

  /** The same by the account's own limits alone. A lock has no creditor. */
  limitRefusalOf(amount: bigint, creditor?: Address): LimitRefusal<OwnLimitCode> | undefined {
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
    const exposure = creditor === undefined ? undefined : this.#exposureTo(creditor);
    for (const bound of [this.#perDay, towards, this.#sum, exposure]) if (bound !== undefined) bound.used += amount;
    if (this.#count !== undefined) this.#count.used += 1n;
  }

  #exposureTo(creditor: Address): Bound | undefined {
    return this.#exposures.size === 0 ? undefined : this.#exposures.get(this.#memberOf(creditor) ?? '');
  }
}

function once(limit: bigint | undefined): Bound | undefined {
  return limit === undefined ? undefined : { limit, used: 0n };
}

function beyond<C extends LimitCode>(code: C, bound: Bound | undefined, required: bigint): LimitRefusal<C> | undefined {
  if (bound === undefined || bound.used + required <= bound.limit) return undefined;
  return { code, data: { limit: bound.limit, used: bound.used, required } };
}
