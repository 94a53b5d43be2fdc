import { LIMITS } from '../../primitives/limits.js';
import type { PlannedPayment } from './paymentPlan.js';

/** Payments that one transaction settles: one alone, or a batch of one debtor in one currency. */
export type PaymentGroup = readonly PlannedPayment[];

/** Single payments in the order in which they may be sent: a reference that a debtor uses again waits for the one before. */
export function singleWaves(planned: readonly PlannedPayment[]): readonly (readonly PaymentGroup[])[] {
  const waves: PaymentGroup[][] = [];
  for (const payment of planned) waveAt(waves, payment.occurrence).push([payment]);
  return waves;
}

/**
 * Batches of so many at most, the first ones of all debtors before their second ones: within a batch the contract keeps the
 * order.
 */
export function batchWaves(
  planned: readonly PlannedPayment[],
  size: number = LIMITS.paymentsPerBatch,
): readonly (readonly PaymentGroup[])[] {
  const waves: PaymentGroup[][] = [];
  for (const payments of groupByDebtor(planned)) {
    for (let start = 0; start < payments.length; start += size) {
      waveAt(waves, start / size).push(payments.slice(start, start + size));
    }
  }
  return waves;
}

function groupByDebtor(planned: readonly PlannedPayment[]): Iterable<readonly PlannedPayment[]> {
  const groups = new Map<string, PlannedPayment[]>();
  for (const payment of planned) {
    const key = `${payment.debtor.account} ${payment.row.currency}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [payment]);
    else group.push(payment);
  }
  return groups.values();
}

function waveAt(waves: PaymentGroup[][], index: number): PaymentGroup[] {
  while (waves.length <= index) waves.push([]);
  return waves[index] as PaymentGroup[];
}
