import { MAX_AMOUNT } from '../../primitives/limits.js';
import type { Address } from '../../primitives/types.js';
import type { CalendarDay } from '../api/calendar.js';
import type { Limit, QueueContext, QueueView } from './declaration.js';

interface Pair {
  readonly debtor: Address;
  readonly creditor: Address;
}

/** The bilateral limits of one currency as a call uses them up: each is read once. */
export class Bilateral {
  readonly #rows = new Map<string, (Pair & { readonly limit: Limit }) | undefined>();
  readonly #changed = new Set<string>();

  /** @param hasLimits whether an account has set any: nothing is read for one that has not */
  constructor(
    private readonly ctx: QueueView,
    private readonly currency: string,
    private readonly day: CalendarDay,
    private readonly hasLimits: (account: Address) => boolean,
  ) {}

  /**
   * What the debtor may still pay the creditor, from -(2^128 - 1) to 2^128 - 1; undefined without a limit. It is negative
   * where payments of higher ranks, which no limit binds, have used up more.
   */
  left(debtor: Address, creditor: Address): bigint | undefined {
    const limit = this.find(debtor, creditor);
    if (limit === undefined) return undefined;
    return clamped(limit.amount - limit.paid + limit.received);
  }

  /** The limit with what was paid under it on this business day. */
  find(debtor: Address, creditor: Address): Limit | undefined {
    return this.hasLimits(debtor) ? this.#row({ debtor, creditor })?.limit : undefined;
  }

  /** Counts a payment that settles towards the limits of both. */
  note(debtor: Address, creditor: Address, amount: bigint): void {
    const own = this.find(debtor, creditor);
    if (own !== undefined) this.#change({ debtor, creditor }, { ...own, paid: own.paid + amount });
    const counter = this.find(creditor, debtor);
    if (counter === undefined) return;
    const turned = { debtor: creditor, creditor: debtor };
    this.#change(turned, { ...counter, received: counter.received + amount });
  }

  /** Writes what has changed. */
  save(ctx: QueueContext): void {
    for (const key of this.#changed) {
      const row = this.#rows.get(key);
      if (row !== undefined) ctx.state.limits.set(this.currency, row.debtor, row.creditor, row.limit);
    }
    this.#changed.clear();
  }

  #row(pair: Pair): (Pair & { readonly limit: Limit }) | undefined {
    const key = pair.debtor + pair.creditor;
    if (this.#rows.has(key)) return this.#rows.get(key);
    const stored = this.ctx.state.limits.find(this.currency, pair.debtor, pair.creditor);
    const row = stored === undefined ? undefined : { ...pair, limit: ofDay(stored, this.day) };
    this.#rows.set(key, row);
    return row;
  }

  #change(pair: Pair, limit: Limit): void {
    const key = pair.debtor + pair.creditor;
    this.#rows.set(key, { ...pair, limit });
    this.#changed.add(key);
  }
}

/** What was paid on another business day counts no longer. */
export function ofDay(limit: Limit, day: CalendarDay | undefined): Limit {
  if (limit.businessDay === day) return limit;
  return { amount: limit.amount, businessDay: day, paid: 0n, received: 0n };
}

function clamped(amount: bigint): bigint {
  if (amount > MAX_AMOUNT) return MAX_AMOUNT;
  return amount < -MAX_AMOUNT ? -MAX_AMOUNT : amount;
}
