import { NORMAL } from './input.js';
import type { Network } from './network.js';
import type { Selection } from './selection.js';

/** Which stages a run has: stage one alone, or all of them. */
export type Stages = 'fifo' | 'all';

/** Why a payment stays in the queue, on the positions that the run leaves. Amounts in minor units. */
export type QueuedReason =
  /** It was put on hold. */
  | { readonly code: 'HELD' }
  /** Its debtor's net payments to the creditor would exceed the bilateral limit. */
  | { readonly code: 'LIMIT'; readonly limit: bigint; readonly net: bigint; readonly needed: bigint }
  /** Its debtor has less than it takes; `incoming` is what waits to be paid to the debtor. */
  | { readonly code: 'NOT_FUNDED'; readonly needed: bigint; readonly available: bigint; readonly incoming: bigint }
  /**
   * A payment of the same debtor goes before it: in stage one any that stands earlier and is not funded; in the later stages
   * one of a higher rank, for which the money is kept.
   */
  | { readonly code: 'BEHIND'; readonly payment: string }
  /** It would fit now: stage one looked at it before it did, or the run had no steps left. The next run takes it. */
  | { readonly code: 'NEXT_RUN' };

/** Tells of each payment that a run has left in the queue why. */
export class Explanation {
  private readonly network: Network;
  private readonly incoming: bigint[];
  /** Of each bank the first waiting payment, which has its highest rank. */
  private readonly waiting: (number | undefined)[];
  /** Of each bank the first waiting payment that it cannot fund. */
  private readonly unfunded: (number | undefined)[];

  constructor(
    private readonly selection: Selection,
    private readonly stages: Stages,
  ) {
    const { network } = selection;
    this.network = network;
    this.incoming = network.banks.map(() => 0n);
    for (const payment of network.eligible) {
      if (selection.has(payment)) continue;
      const creditor = network.creditor[payment] ?? 0;
      this.incoming[creditor] = (this.incoming[creditor] ?? 0n) + (network.amount[payment] ?? 0n);
    }
    this.waiting = network.outgoing.map((payments) => payments.find((payment) => !selection.has(payment)));
    this.unfunded = network.outgoing.map((payments) =>
      payments.find((payment) => !selection.has(payment) && !this.isFunded(payment)),
    );
  }

  /** @param payment one that is not in the set */
  reason(payment: number): QueuedReason {
    const { network, selection } = this;
    if (network.isHeld[payment] === 1) return { code: 'HELD' };
    const debtor = network.debtor[payment] ?? 0;
    const limit = this.brokenLimit(payment);
    if (limit !== undefined) return limit;
    const unfunded = this.unfunded[debtor];
    if (this.stages === 'fifo' && unfunded !== undefined && unfunded < payment) return this.behind(unfunded);
    if (!this.isFunded(payment)) {
      const available = selection.closing[debtor] ?? 0n;
      const incoming = this.incoming[debtor] ?? 0n;
      return { code: 'NOT_FUNDED', needed: network.amount[payment] ?? 0n, available, incoming };
    }
    const first = this.waiting[debtor];
    const isPassed = first !== undefined && (network.rank[first] ?? 0) < (network.rank[payment] ?? 0);
    return this.stages === 'all' && isPassed ? this.behind(first) : { code: 'NEXT_RUN' };
  }

  private isFunded(payment: number): boolean {
    const available = this.selection.closing[this.network.debtor[payment] ?? 0] ?? 0n;
    return (this.network.amount[payment] ?? 0n) <= available;
  }

  private brokenLimit(payment: number): QueuedReason | undefined {
    const { network, selection } = this;
    const at = network.limitOf[payment] ?? -1;
    const limit = network.limits[at]?.net;
    const needed = network.amount[payment] ?? 0n;
    const net = selection.netOf(at);
    const isBound = network.rank[payment] === NORMAL || selection.isBinding(at);
    return limit === undefined || !isBound || net + needed <= limit ? undefined : { code: 'LIMIT', limit, net, needed };
  }

  private behind(payment: number): QueuedReason {
    return { code: 'BEHIND', payment: this.network.payments[payment] ?? '' };
  }
}
