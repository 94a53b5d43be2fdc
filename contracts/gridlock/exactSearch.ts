import { largestFirst, type Network } from './network.js';
import type { RuleState } from './ruleState.js';
import type { Selection } from './selection.js';
import type { StepMeter } from './stepMeter.js';

/** Steps that one node of the tree is charged. */
const STEPS_PER_NODE = 2;
/** The same where ranks or limits are looked at. */
const STEPS_PER_NODE_WITH_RULES = 4;
/** For each bank whose position is copied. */
const STEPS_PER_BANK = 4;
/** For each payment that is made ready. */
const STEPS_PER_PAYMENT = 4;

export interface SearchResult {
  /** The payments that would be in the set instead, of those that were free; undefined where none is better. */
  readonly better: readonly number[] | undefined;
  /** True where the whole tree was searched: nothing better exists, with the other payments as they are. */
  readonly isComplete: boolean;
}

/** Steps that a search takes before its first node. */
export function stepsToBegin({ banks, limits }: Network, payments: number): number {
  return payments * STEPS_PER_PAYMENT + banks.length * STEPS_PER_BANK + limits.length;
}

/**
 * The most valuable choice among some free payments with all others as they are, by branch and bound, depth first: the
 * largest payment first, in the set before out of it.
 *
 * A node is given up when a bank could not keep the rules even if it received all that is undecided, or when the value could
 * not exceed the best: what each bank may still pay is at most what it has undecided, and what it would then have. With
 * nothing undecided, that is whether the rules are kept.
 */
export class ExactSearch {
  private readonly network: Network;
  private readonly debtor: number[];
  private readonly creditor: number[];
  private readonly amount: bigint[];
  private readonly free: readonly number[];
  private readonly chosen: Uint8Array;
  /** Ranks and limits with everything undecided received; undefined where there are none. */
  private readonly rules: RuleState | undefined;
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
    selection: Selection,
    free: readonly number[],
    private readonly meter: StepMeter,
  ) {
    const { network } = selection;
    this.network = network;
    this.rules = selection.copyRules();
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
    if (!this.meter.trySpend(stepsToBegin(this.network, this.free.length))) this.isCut = true;
    this.descend(0);
    return { better: this.best, isComplete: !this.isCut };
  }

  /** Makes a payment undecided. */
  private release(at: number, isInSet: boolean): void {
    const [debtor, creditor, amount] = this.payment(at);
    const payment = this.free[at] ?? 0;
    this.undecided[debtor] = (this.undecided[debtor] ?? 0n) + amount;
    if (isInSet) {
      this.reach[debtor] = (this.reach[debtor] ?? 0n) + amount;
      this.value -= amount;
      this.rules?.send(payment, -1);
    } else {
      this.reach[creditor] = (this.reach[creditor] ?? 0n) + amount;
      this.rules?.receive(payment, 1);
      this.rules?.wait(payment, -1);
    }
  }

  private descend(depth: number): void {
    if (this.isCut || this.value + this.potential <= this.bestValue) return;
    if (!this.meter.trySpend(this.rules === undefined ? STEPS_PER_NODE : STEPS_PER_NODE_WITH_RULES)) {
      this.isCut = true;
      return;
    }
    if (depth === this.free.length) {
      this.bestValue = this.value;
      this.best = this.free.filter((_, at) => this.chosen[at] === 1);
      return;
    }
    const [debtor, creditor, amount] = this.payment(depth);
    const before = this.potential;
    this.shift(debtor, -amount, 0n);
    if (amount <= (this.reach[debtor] ?? 0n)) this.descendWith(depth);
    this.shift(creditor, 0n, -amount);
    if ((this.reach[creditor] ?? 0n) >= 0n) this.descendWithout(depth);
    this.shift(creditor, 0n, amount);
    this.shift(debtor, amount, 0n);
    this.potential = before;
  }

  private descendWith(depth: number): void {
    const [debtor, , amount] = this.payment(depth);
    const payment = this.free[depth] ?? 0;
    this.rules?.send(payment, 1);
    if (this.rules === undefined || this.keepsRules(debtor, this.network.limitOf[payment])) {
      this.shift(debtor, 0n, -amount);
      this.value += amount;
      this.chosen[depth] = 1;
      this.descend(depth + 1);
      this.chosen[depth] = 0;
      this.value -= amount;
      this.shift(debtor, 0n, amount);
    }
    this.rules?.send(payment, -1);
  }

  private descendWithout(depth: number): void {
    const [debtor, creditor] = this.payment(depth);
    const { rules } = this;
    if (rules === undefined) {
      this.descend(depth + 1);
      return;
    }
    const payment = this.free[depth] ?? 0;
    rules.receive(payment, -1);
    rules.wait(payment, 1);
    const isKept = this.keepsRules(debtor, this.network.counterLimitOf[payment]) && rules.keepsRanks(creditor);
    if (isKept) this.descend(depth + 1);
    rules.wait(payment, -1);
    rules.receive(payment, 1);
  }

  private keepsRules(bank: number, limit = -1): boolean {
    return this.rules === undefined || (this.rules.keepsRanks(bank) && this.rules.keepsLimit(limit));
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

  private payment(at: number): readonly [number, number, bigint] {
    return [this.debtor[at] ?? 0, this.creditor[at] ?? 0, this.amount[at] ?? 0n];
  }
}
