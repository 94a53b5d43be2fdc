import type { Selection } from './selection.js';
import type { StepMeter } from './stepMeter.js';

/** Payments that are searched together: of so many, a few thousand steps mostly search the whole tree. */
const SIZE = 28;
/** Payments of one bank and kind in it. */
const PER_KIND = 3;

/** Payments that bear on whether a payment can settle: a few of each bank that would have to pay more, or less. */
export class Neighbourhoods {
  private readonly outgoing: readonly number[][];
  private readonly incoming: readonly number[][];

  /** @param ordered the payments that may be decided, in the order in which they are preferred */
  constructor(
    private readonly selection: Selection,
    ordered: readonly number[],
  ) {
    const { network } = selection;
    this.outgoing = network.banks.map(() => []);
    this.incoming = network.banks.map(() => []);
    for (const payment of ordered) {
      this.outgoing[network.debtor[payment] ?? 0]?.push(payment);
      this.incoming[network.creditor[payment] ?? 0]?.push(payment);
    }
  }

  /**
   * The payment and others around it: from its two banks on, bank by bank, what waits for the bank, what it pays in the set, and
   * what waits at it.
   *
   * @param round begins further down in each list, so that each round has others
   */
  around(payment: number, round: number, meter: StepMeter): readonly number[] {
    const { selection } = this;
    const { debtor, creditor } = selection.network;
    const found = new Set([payment]);
    const banks = new Set([debtor[payment] ?? 0, creditor[payment] ?? 0]);
    const take = (list: readonly number[], isInSet: boolean, otherEnd: Int32Array): void => {
      let taken = 0;
      for (let step = 0; step < list.length && taken < PER_KIND && found.size < SIZE; step++) {
        if (!meter.trySpend(1)) return;
        const candidate = list[(step + round * PER_KIND) % list.length] ?? 0;
        if (selection.has(candidate) !== isInSet || found.has(candidate)) continue;
        found.add(candidate);
        banks.add(otherEnd[candidate] ?? 0);
        taken += 1;
      }
    };
    for (const bank of banks) {
      if (found.size >= SIZE) break;
      take(this.incoming[bank] ?? [], false, debtor);
      take(this.outgoing[bank] ?? [], true, creditor);
      take(this.outgoing[bank] ?? [], false, creditor);
    }
    return [...found];
  }
}
