import { NORMAL, RANKS } from './input.js';
import { isNormal, type Network } from './network.js';

const RANK_COUNT = RANKS.length;

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
  readonly active: Uint8Array;
  /** What each bank would be left with. */
  readonly closing: bigint[];
  private readonly received: bigint[];
  /** What each bank sends in the set, by rank. */
  private readonly sent: bigint[];
  /** How many eligible payments of each bank are not in the set, by rank. */
  private readonly waiting: Int32Array;
  private readonly net: bigint[];
  private readonly bound: Int32Array;
  private total = 0n;

  constructor(readonly network: Network) {
    const banks = network.banks.length;
    this.active = new Uint8Array(network.payments.length);
    this.closing = [...network.available];
    this.received = new Array<bigint>(banks).fill(0n);
    this.sent = new Array<bigint>(banks * RANK_COUNT).fill(0n);
    this.waiting = new Int32Array(banks * RANK_COUNT);
    this.net = new Array<bigint>(network.limits.length).fill(0n);
    this.bound = new Int32Array(network.limits.length);
    for (const payment of network.eligible) this.count(this.waiting, this.rankSlot(payment), 1);
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
    this.move(payment, this.network.amount[payment] ?? 0n, 1);
  }

  /** Takes a payment out of the set, whatever rules that breaks. */
  remove(payment: number): void {
    this.active[payment] = 0;
    this.move(payment, -(this.network.amount[payment] ?? 0n), -1);
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
    if ((this.closing[bank] ?? 0n) < 0n) return false;
    return !this.network.hasRanks || this.passing(bank) <= (this.received[bank] ?? 0n);
  }

  /** Rule 2 of one limit; true for -1. */
  isWithin(limit: number): boolean {
    if (limit < 0 || this.bound[limit] === 0) return true;
    return (this.net[limit] ?? 0n) <= (this.network.limits[limit]?.net ?? 0n);
  }

  /** What the debtor pays the creditor of a limit in the set, less what it gets from it. */
  netOf(limit: number): bigint {
    return this.net[limit] ?? 0n;
  }

  /** True where the set holds a payment that the limit binds. */
  isBinding(limit: number): boolean {
    return (this.bound[limit] ?? 0) > 0;
  }

  /** Every rule, of every bank and limit. */
  isWhollySound(): boolean {
    return this.closing.every((_, bank) => this.isSound(bank)) && this.net.every((_, limit) => this.isWithin(limit));
  }

  /** The highest rank of which the bank has an eligible payment that is not in the set; the number of ranks where none. */
  highestWaiting(bank: number): number {
    for (let rank = 0; rank < RANK_COUNT; rank++) if (this.waiting[bank * RANK_COUNT + rank] !== 0) return rank;
    return RANK_COUNT;
  }

  /** Sum of the bank's payments in the set that pass one of a higher rank. */
  private passing(bank: number): bigint {
    let sum = 0n;
    for (let rank = this.highestWaiting(bank) + 1; rank < RANK_COUNT; rank++) {
      sum += this.sent[bank * RANK_COUNT + rank] ?? 0n;
    }
    return sum;
  }

  private move(payment: number, amount: bigint, direction: 1 | -1): void {
    const { network } = this;
    const debtor = network.debtor[payment] ?? 0;
    const creditor = network.creditor[payment] ?? 0;
    this.total += amount;
    this.closing[debtor] = (this.closing[debtor] ?? 0n) - amount;
    this.closing[creditor] = (this.closing[creditor] ?? 0n) + amount;
    if (network.hasRanks) {
      const slot = this.rankSlot(payment);
      this.received[creditor] = (this.received[creditor] ?? 0n) + amount;
      this.sent[slot] = (this.sent[slot] ?? 0n) + amount;
      this.count(this.waiting, slot, -direction);
    }
    if (network.limits.length > 0) this.moveLimits(payment, amount, direction);
  }

  private moveLimits(payment: number, amount: bigint, direction: 1 | -1): void {
    const limit = this.network.limitOf[payment] ?? -1;
    const counter = this.network.counterLimitOf[payment] ?? -1;
    if (counter >= 0) this.net[counter] = (this.net[counter] ?? 0n) - amount;
    if (limit < 0) return;
    this.net[limit] = (this.net[limit] ?? 0n) + amount;
    if (isNormal(this.network, payment)) this.count(this.bound, limit, direction);
  }

  private rankSlot(payment: number): number {
    return (this.network.debtor[payment] ?? 0) * RANK_COUNT + (this.network.rank[payment] ?? NORMAL);
  }

  private count(counts: Int32Array, slot: number, by: number): void {
    counts[slot] = (counts[slot] ?? 0) + by;
  }
}
