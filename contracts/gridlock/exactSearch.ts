import { largestFirst } from './network.js';
import type { Selection } from './selection.js';
import type { StepMeter } from './stepMeter.js';

/** Steps that one node of the tree is charged. */
const STEPS_PER_NODE = 2;
/** For each payment that is made ready, or put into the set and taken out of it. */
const STEPS_PER_PAYMENT = 4;

export interface SearchResult {
  /** The payments that would be in the set instead, of those that were free; undefined where none is better. */
  readonly better: readonly number[] | undefined;
  /** True where the whole tree was searched: nothing better exists, with the other payments as they are. */
  readonly isComplete: boolean;
}

/**
 * The most valuable choice among some free payments with all others as they are, by branch and bound, depth first: the
 * largest payment first, in the set before out of it.
 *
 * A node is given up when a bank could not be solvent even if it received all that is undecided, or when the value could
 * not exceed the best: what each bank may still pay is at most what it has undecided, and what it would then have.
 */
export class ExactSearch {
  private readonly debtor: number[];
  private readonly creditor: number[];
  private readonly amount: bigint[];
  private readonly free: readonly number[];
  private readonly chosen: Uint8Array;
  /** What each bank would have if it received everything undecided and paid nothing more. */
  private readonly reach: bigint[];
  /** Sum of each bank's undecided payments. */
  private readonly undecided: bigint[];
  /** Sum over the banks of the smaller of the two. */
  private potential = 0n;
  private value: bigint;
  private bestValue: bigint;
  private best: readonly number[] | undefined;
  private isCut = false;

  /** @param free payments to decide, in the set or not */
  constructor(
    private readonly selection: Selection,
    free: readonly number[],
    private readonly meter: StepMeter,
  ) {
    const { network } = selection;
    this.free = largestFirst(network, free);
    this.debtor = this.free.map((payment) => network.debtor[payment] ?? 0);
    this.creditor = this.free.map((payment) => network.creditor[payment] ?? 0);
    this.amount = this.free.map((payment) => network.amount[payment] ?? 0n);
    this.chosen = new Uint8Array(this.free.length);
    this.reach = [...selection.closing];
    this.undecided = new Array<bigint>(this.reach.length).fill(0n);
    this.value = selection.value;
    this.bestValue = selection.value;
    for (const [at, payment] of this.free.entries()) this.release(at, selection.has(payment));
    for (const bank of this.reach.keys()) this.potential += this.mayPay(bank);
  }

  /** Searches within the steps of the meter. The selection is as it was afterwards. */
  run(): SearchResult {
    if (!this.meter.trySpend(this.free.length * STEPS_PER_PAYMENT + this.reach.length)) this.isCut = true;
    this.descend(0);
    return { better: this.best, isComplete: !this.isCut };
  }

  private release(at: number, isInSet: boolean): void {
    const [debtor, creditor, amount] = this.payment(at);
    this.undecided[debtor] = (this.undecided[debtor] ?? 0n) + amount;
    if (isInSet) {
      this.reach[debtor] = (this.reach[debtor] ?? 0n) + amount;
      this.value -= amount;
    } else this.reach[creditor] = (this.reach[creditor] ?? 0n) + amount;
  }

  private descend(depth: number): void {
    if (this.isCut || this.value + this.potential <= this.bestValue) return;
    if (!this.meter.trySpend(STEPS_PER_NODE)) {
      this.isCut = true;
      return;
    }
    if (depth === this.free.length) {
      this.conclude();
      return;
    }
    const [debtor, creditor, amount] = this.payment(depth);
    const before = this.potential;
    this.shift(debtor, -amount, 0n);
    if (amount <= (this.reach[debtor] ?? 0n)) {
      this.shift(debtor, 0n, -amount);
      this.value += amount;
      this.chosen[depth] = 1;
      this.descend(depth + 1);
      this.chosen[depth] = 0;
      this.value -= amount;
      this.shift(debtor, 0n, amount);
    }
    this.shift(creditor, 0n, -amount);
    if ((this.reach[creditor] ?? 0n) >= 0n) this.descend(depth + 1);
    this.shift(creditor, 0n, amount);
    this.shift(debtor, amount, 0n);
    this.potential = before;
  }

  /** Changes a bank's undecided payments and its reach, and what it may pay by them. */
  private shift(bank: number, undecided: bigint, reach: bigint): void {
    this.potential -= this.mayPay(bank);
    this.undecided[bank] = (this.undecided[bank] ?? 0n) + undecided;
    this.reach[bank] = (this.reach[bank] ?? 0n) + reach;
    this.potential += this.mayPay(bank);
  }

  private mayPay(bank: number): bigint {
    const [undecided, reach] = [this.undecided[bank] ?? 0n, this.reach[bank] ?? 0n];
    return undecided < reach ? undecided : reach;
  }

  /** Every payment is decided and every bank solvent: better, unless limits or ranks are broken. */
  private conclude(): void {
    const { network } = this.selection;
    const choice = this.free.filter((_, at) => this.chosen[at] === 1);
    if (network.hasRanks || network.limits.length > 0) {
      const steps = this.free.length * STEPS_PER_PAYMENT + network.banks.length + network.limits.length;
      if (!this.meter.trySpend(steps)) this.isCut = true;
      if (this.isCut || !this.isAllowed(choice)) return;
    }
    this.bestValue = this.value;
    this.best = choice;
  }

  private isAllowed(choice: readonly number[]): boolean {
    const { selection } = this;
    const before = this.free.filter((payment) => selection.has(payment));
    selection.choose(this.free, choice);
    const isAllowed = selection.isWhollySound();
    selection.choose(this.free, before);
    return isAllowed;
  }

  private payment(at: number): readonly [number, number, bigint] {
    return [this.debtor[at] ?? 0, this.creditor[at] ?? 0, this.amount[at] ?? 0n];
  }
}
