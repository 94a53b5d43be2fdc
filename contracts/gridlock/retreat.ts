import { isNormal } from './network.js';
import type { Selection } from './selection.js';
import type { StepMeter } from './stepMeter.js';

/** Says which payment goes next; what it has named once it does not name again. */
export interface RetreatOrder {
  /** Limits of which it has payments. */
  readonly limits: Iterable<number>;
  /** A payment of rank normal in the set from the limit's debtor to its creditor. */
  takeOfLimit(limit: number): number | undefined;
  /** A payment of the bank in the set. */
  takeOfBank(bank: number): number | undefined;
}

/**
 * Activates all payments of the pool, then takes back: while a limit is broken, its debtor's last payment of rank normal to
 * its creditor; while a bank's position is broken, that bank's last payment. Broken limits come before broken banks, each
 * in the canonical order.
 *
 * Without limits the order changes nothing. What remains is the largest set that holds, of each bank, its payments of the
 * pool up to some place: two such sets joined give a third, in which each bank sends what it sends in one of the two and
 * receives no less (EAF2; Bech and Soramäki, Gridlock resolution in interbank payment systems). With limits a bank's
 * payments may be left out in the middle, and the order decides.
 *
 * Costs at most `retreatSteps` steps.
 *
 * @param pool eligible payments outside the set, ascending
 * @returns false, and nothing changed, where rules stay broken with the whole pool taken back
 * @throws GridlockError `STEPS_EXHAUSTED` with the set half built
 */
export function advanceAndRetreat(selection: Selection, pool: readonly number[], meter: StepMeter): boolean {
  meter.spend(pool.length);
  for (const payment of pool) selection.add(payment);
  if (retreat(selection, new LastFirst(selection, pool), meter)) return true;
  for (const payment of pool) if (selection.has(payment)) selection.remove(payment);
  return false;
}

/** Steps that suffice for `advanceAndRetreat`: each payment comes and goes once and makes up to four rules to look at. */
export function retreatSteps(payments: number, banks: number, limits: number): number {
  return payments * 5 + banks + limits;
}

/**
 * Takes payments out of the set, in the given order, until no rule is broken.
 *
 * @returns false where a rule is broken and the order has nothing to take out for it
 * @throws GridlockError `STEPS_EXHAUSTED`
 */
export function retreat(selection: Selection, order: RetreatOrder, meter: StepMeter): boolean {
  const { network } = selection;
  // Rules are numbered: limits first, then banks.
  const limitCount = network.limits.length;
  const rules = new RuleQueue(limitCount + network.banks.length);
  for (const limit of order.limits) rules.push(limit);
  for (const bank of network.banks.keys()) rules.push(limitCount + bank);
  for (let rule = rules.pop(); rule !== undefined; rule = rules.pop()) {
    meter.spend(1);
    const isLimit = rule < limitCount;
    const isKept = isLimit ? selection.isWithin(rule) : selection.isSound(rule - limitCount);
    if (isKept) continue;
    const taken = isLimit ? order.takeOfLimit(rule) : order.takeOfBank(rule - limitCount);
    if (taken === undefined) return false;
    selection.remove(taken);
    rules.push(rule);
    rules.push(limitCount + (network.debtor[taken] ?? 0));
    rules.push(limitCount + (network.creditor[taken] ?? 0));
    const counter = network.counterLimitOf[taken] ?? -1;
    if (counter >= 0) rules.push(counter);
  }
  return true;
}

/** The last payment of a bank or pair first. */
class LastFirst implements RetreatOrder {
  private readonly byBank = new Map<number, number[]>();
  private readonly byLimit = new Map<number, number[]>();

  constructor(
    private readonly selection: Selection,
    pool: readonly number[],
  ) {
    const { network } = selection;
    for (const payment of pool) {
      putInto(this.byBank, network.debtor[payment] ?? 0, payment);
      const limit = network.limitOf[payment] ?? -1;
      if (limit >= 0 && isNormal(network, payment)) putInto(this.byLimit, limit, payment);
    }
  }

  get limits(): Iterable<number> {
    return this.byLimit.keys();
  }

  takeOfLimit(limit: number): number | undefined {
    return this.takeLast(this.byLimit.get(limit) ?? []);
  }

  takeOfBank(bank: number): number | undefined {
    return this.takeLast(this.byBank.get(bank) ?? []);
  }

  private takeLast(list: number[]): number | undefined {
    for (let last = list.pop(); last !== undefined; last = list.pop()) if (this.selection.has(last)) return last;
    return undefined;
  }
}

/** Appends to the list of a key. */
export function putInto(lists: Map<number, number[]>, key: number, payment: number): void {
  const list = lists.get(key);
  if (list === undefined) lists.set(key, [payment]);
  else list.push(payment);
}

/** Rules to look at, each at most once, the lowest number first: a binary heap. */
class RuleQueue {
  private readonly heap: number[] = [];
  private readonly isQueued: Uint8Array;

  constructor(rules: number) {
    this.isQueued = new Uint8Array(rules);
  }

  push(rule: number): void {
    if (this.isQueued[rule] === 1) return;
    this.isQueued[rule] = 1;
    let at = this.heap.push(rule) - 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      if (this.at(parent) <= rule) break;
      this.heap[at] = this.at(parent);
      at = parent;
    }
    this.heap[at] = rule;
  }

  pop(): number | undefined {
    const top = this.heap[0];
    const last = this.heap.pop();
    if (top === undefined || last === undefined) return undefined;
    this.isQueued[top] = 0;
    if (this.heap.length > 0) this.sink(last);
    return top;
  }

  private sink(rule: number): void {
    const { length } = this.heap;
    let at = 0;
    for (let child = 1; child < length; child = at * 2 + 1) {
      if (child + 1 < length && this.at(child + 1) < this.at(child)) child += 1;
      if (this.at(child) >= rule) break;
      this.heap[at] = this.at(child);
      at = child;
    }
    this.heap[at] = rule;
  }

  private at(index: number): number {
    return this.heap[index] ?? 0;
  }
}
