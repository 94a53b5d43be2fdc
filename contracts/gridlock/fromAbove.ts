import { RANKS } from './input.js';
import { compareAmounts, isNormal } from './network.js';
import { putInto, type RetreatOrder, retreat, retreatSteps } from './retreat.js';
import type { Selection } from './selection.js';
import type { StepMeter } from './stepMeter.js';

/** For each payment that is put in its place by its amount. */
const STEPS_TO_SORT = 8;

/** Of one bank's payments that may be taken out, of one rank, by amount; finds the next that is still there. */
class Shelf {
  private readonly payments: number[];
  /** For each place the next one at or after it that is not empty, as far as it is known. */
  private readonly next: Int32Array;
  private last: number;

  constructor(
    private readonly amount: readonly bigint[],
    payments: readonly number[],
  ) {
    // Of equal amounts the last in the queue goes first.
    this.payments = [...payments].sort((a, b) => compareAmounts(amount[a] ?? 0n, amount[b] ?? 0n) || b - a);
    this.next = Int32Array.from({ length: payments.length + 1 }, (_, at) => at);
    this.last = payments.length - 1;
  }

  /** The smallest that covers the need, or else the largest. */
  take(need: bigint): number | undefined {
    const fitting = this.occupied(this.firstOfAtLeast(need));
    if (fitting < this.payments.length) return this.empty(fitting);
    while (this.last >= 0 && this.next[this.last] !== this.last) this.last -= 1;
    return this.last < 0 ? undefined : this.empty(this.last);
  }

  private firstOfAtLeast(need: bigint): number {
    let [low, high] = [0, this.payments.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.amountAt(middle) < need) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  private occupied(from: number): number {
    let at = from;
    for (let to = this.next[at] ?? at; to !== at; to = this.next[at] ?? at) {
      this.next[at] = this.next[to] ?? to;
      at = to;
    }
    return at;
  }

  private empty(at: number): number | undefined {
    this.next[at] = at + 1;
    return this.payments[at];
  }

  private amountAt(at: number): bigint {
    return this.amount[this.payments[at] ?? 0] ?? 0n;
  }
}

/** The lowest rank first; of a rank, the smallest payment that covers what the bank lacks, or else the largest. */
class BestFitFirst implements RetreatOrder {
  readonly limits: Iterable<number>;
  private readonly shelves = new Map<number, Shelf>();
  private readonly byLimit = new Map<number, number[]>();

  constructor(
    private readonly selection: Selection,
    pool: readonly number[],
  ) {
    const { network } = selection;
    const bySlot = new Map<number, number[]>();
    for (const payment of pool) {
      putInto(bySlot, (network.debtor[payment] ?? 0) * RANKS.length + (network.rank[payment] ?? 0), payment);
      const limit = network.limitOf[payment] ?? -1;
      if (limit >= 0 && isNormal(network, payment)) putInto(this.byLimit, limit, payment);
    }
    for (const [slot, payments] of bySlot) this.shelves.set(slot, new Shelf(network.amount, payments));
    this.limits = this.byLimit.keys();
  }

  takeOfLimit(limit: number): number | undefined {
    const list = this.byLimit.get(limit) ?? [];
    for (let last = list.pop(); last !== undefined; last = list.pop()) if (this.selection.has(last)) return last;
    return undefined;
  }

  takeOfBank(bank: number): number | undefined {
    const need = -(this.selection.closing[bank] ?? 0n);
    for (let rank = RANKS.length - 1; rank >= 0; rank--) {
      const shelf = this.shelves.get(bank * RANKS.length + rank);
      if (shelf === undefined) continue;
      for (let taken = shelf.take(need); taken !== undefined; taken = shelf.take(need)) {
        if (this.selection.has(taken)) return taken;
      }
    }
    return undefined;
  }
}

/**
 * Begins with everything instead of nothing: all free payments are activated, and while a bank lacks money, the one of its
 * payments goes that fits best what it lacks, wherever it stands in the queue. Whether that is better than what was there
 * is for the caller to see.
 *
 * @returns false where the steps do not suffice or rules stay broken; the set is then not sound
 */
export function beginFromAbove(selection: Selection, free: readonly number[], meter: StepMeter): boolean {
  const { banks, limits } = selection.network;
  const toSort = free.length * STEPS_TO_SORT;
  if (meter.left < toSort + retreatSteps(free.length, banks.length, limits.length)) return false;
  meter.spend(toSort);
  for (const payment of free) if (!selection.has(payment)) selection.add(payment);
  return retreat(selection, new BestFitFirst(selection, free), meter);
}
