import { NORMAL, RANKS } from './input.js';
import { isNormal, type Network } from './network.js';

const RANK_COUNT = RANKS.length;

/**
 * What the rules about ranks and limits (`Selection`) look at, in halves: that a payment's debtor sends it, that its creditor
 * receives it, that it waits. A payment of the set is sent and received, one outside waits; one that a search has not
 * decided is received alone, which is the best that it can do for every rule.
 */
export class RuleState {
  private constructor(
    private readonly network: Network,
    private readonly received: bigint[],
    /** What each bank sends, by rank. */
    private readonly sent: bigint[],
    /** How many payments of each bank wait, by rank. */
    private readonly waiting: Int32Array,
    private readonly net: bigint[],
    /** How many payments that are sent each limit binds. */
    private readonly bound: Int32Array,
  ) {}

  /** Every eligible payment waits. */
  static initial(network: Network): RuleState {
    const slots = network.banks.length * RANK_COUNT;
    const zeros = (count: number): bigint[] => new Array<bigint>(count).fill(0n);
    const limits = network.limits.length;
    const state = new RuleState(
      network,
      zeros(network.banks.length),
      zeros(slots),
      new Int32Array(slots),
      zeros(limits),
      new Int32Array(limits),
    );
    for (const payment of network.eligible) state.wait(payment, 1);
    return state;
  }

  copy(): RuleState {
    const { network, received, sent, waiting, net, bound } = this;
    return new RuleState(network, [...received], [...sent], waiting.slice(), [...net], bound.slice());
  }

  /** The debtor's half, or with -1 its end. */
  send(payment: number, direction: 1 | -1): void {
    const amount = this.amount(payment, direction);
    const slot = this.slot(payment);
    this.sent[slot] = (this.sent[slot] ?? 0n) + amount;
    const limit = this.network.limitOf[payment] ?? -1;
    if (limit < 0) return;
    this.net[limit] = (this.net[limit] ?? 0n) + amount;
    if (isNormal(this.network, payment)) this.bound[limit] = (this.bound[limit] ?? 0) + direction;
  }

  /** The creditor's half, or with -1 its end. */
  receive(payment: number, direction: 1 | -1): void {
    const amount = this.amount(payment, direction);
    const creditor = this.network.creditor[payment] ?? 0;
    this.received[creditor] = (this.received[creditor] ?? 0n) + amount;
    const counter = this.network.counterLimitOf[payment] ?? -1;
    if (counter >= 0) this.net[counter] = (this.net[counter] ?? 0n) - amount;
  }

  wait(payment: number, direction: 1 | -1): void {
    const slot = this.slot(payment);
    this.waiting[slot] = (this.waiting[slot] ?? 0) + direction;
  }

  /** What passes a payment of a higher rank of the bank is no more than what the bank receives. */
  keepsRanks(bank: number): boolean {
    if (!this.network.hasRanks) return true;
    let passing = 0n;
    for (let rank = this.highestWaiting(bank) + 1; rank < RANK_COUNT; rank++) {
      passing += this.sent[bank * RANK_COUNT + rank] ?? 0n;
    }
    return passing <= (this.received[bank] ?? 0n);
  }

  /** No payment is bound by the limit, or the net is within it; true for -1. */
  keepsLimit(limit: number): boolean {
    if (limit < 0 || this.bound[limit] === 0) return true;
    return (this.net[limit] ?? 0n) <= (this.network.limits[limit]?.net ?? 0n);
  }

  netOf(limit: number): bigint {
    return this.net[limit] ?? 0n;
  }

  /** True where a payment is sent that the limit binds. */
  isBinding(limit: number): boolean {
    return (this.bound[limit] ?? 0) > 0;
  }

  private highestWaiting(bank: number): number {
    for (let rank = 0; rank < RANK_COUNT; rank++) if (this.waiting[bank * RANK_COUNT + rank] !== 0) return rank;
    return RANK_COUNT;
  }

  private amount(payment: number, direction: 1 | -1): bigint {
    const amount = this.network.amount[payment] ?? 0n;
    return direction === 1 ? amount : -amount;
  }

  private slot(payment: number): number {
    return (this.network.debtor[payment] ?? 0) * RANK_COUNT + (this.network.rank[payment] ?? NORMAL);
  }
}
