import type { Network } from './network.js';
import { RuleState } from './ruleState.js';

/**
 * A set of payments that would settle together, with every bank's position and every limit's net if it did. It may break
 * rules while a stage builds it; what a stage leaves behind breaks none:
 *
 * 1. Funds: no bank closes below zero.
 * 2. Limits: where a net is over its limit, the set holds no payment of rank normal from that debtor to that creditor.
 * 3. Ranks: payments of a bank that pass one of its own of a higher rank, which stays queued, are together no more than what
 *    the bank receives in the set. So they never cost the one that they pass any liquidity.
 *
 * What stage one settles of a rank above normal is never given up for anything else (`freePayments`).
 */
export class Selection {
  /** 1 for each payment of the set. */
  private readonly active: Uint8Array;
  /** What each bank would be left with. */
  readonly closing: bigint[];
  /** Of rules 2 and 3; kept only where there are ranks or limits. */
  private readonly rules: RuleState;
  private readonly hasRules: boolean;
  private total = 0n;

  constructor(readonly network: Network) {
    this.active = new Uint8Array(network.payments.length);
    this.closing = [...network.available];
    this.rules = RuleState.initial(network);
    this.hasRules = network.hasRanks || network.limits.length > 0;
  }

  /** Sum of the amounts in the set. */
  get value(): bigint {
    return this.total;
  }

  has(payment: number): boolean {
    return this.active[payment] === 1;
  }

  /** Puts a payment into the set, whatever rules that breaks. */
  add(payment: number): void {
    this.active[payment] = 1;
    this.move(payment, this.network.amount[payment] ?? 0n);
    if (!this.hasRules) return;
    this.rules.wait(payment, -1);
    this.rules.send(payment, 1);
    this.rules.receive(payment, 1);
  }

  /** Takes a payment out of the set, whatever rules that breaks. */
  remove(payment: number): void {
    this.active[payment] = 0;
    this.move(payment, -(this.network.amount[payment] ?? 0n));
    if (!this.hasRules) return;
    this.rules.wait(payment, 1);
    this.rules.send(payment, -1);
    this.rules.receive(payment, -1);
  }

  /** Puts a payment into the set unless that breaks a rule of its debtor's; it can break none of its creditor's. */
  tryAdd(payment: number): boolean {
    const debtor = this.network.debtor[payment] ?? 0;
    if ((this.closing[debtor] ?? 0n) < (this.network.amount[payment] ?? 0n)) return false;
    this.add(payment);
    if (this.isSound(debtor) && this.isWithin(this.network.limitOf[payment] ?? -1)) return true;
    this.remove(payment);
    return false;
  }

  /** Of the free payments, leaves exactly the chosen ones in the set. */
  choose(free: readonly number[], choice: readonly number[]): void {
    const wanted = new Set(choice);
    for (const payment of free) if (this.has(payment) && !wanted.has(payment)) this.remove(payment);
    for (const payment of choice) if (!this.has(payment)) this.add(payment);
  }

  /** Rules 1 and 3 of one bank. */
  isSound(bank: number): boolean {
    return (this.closing[bank] ?? 0n) >= 0n && this.rules.keepsRanks(bank);
  }

  /** Rule 2 of one limit; true for -1. */
  isWithin(limit: number): boolean {
    return this.rules.keepsLimit(limit);
  }

  /** What the debtor pays the creditor of a limit in the set, less what it gets from it. */
  netOf(limit: number): bigint {
    return this.rules.netOf(limit);
  }

  /** True where the set holds a payment that the limit binds. */
  isBinding(limit: number): boolean {
    return this.rules.isBinding(limit);
  }

  /** The state of rules 2 and 3, to go on from; undefined where there are neither ranks nor limits. */
  copyRules(): RuleState | undefined {
    return this.hasRules ? this.rules.copy() : undefined;
  }

  private move(payment: number, amount: bigint): void {
    const { debtor, creditor } = this.network;
    const [from, to] = [debtor[payment] ?? 0, creditor[payment] ?? 0];
    this.total += amount;
    this.closing[from] = (this.closing[from] ?? 0n) - amount;
    this.closing[to] = (this.closing[to] ?? 0n) + amount;
  }
}
