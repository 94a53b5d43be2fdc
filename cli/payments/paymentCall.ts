import { callOf } from '../../contracts/api/method.js';
import { payments } from '../../contracts/payments/payments.js';
import type { Call } from '../../primitives/types.js';
import type { PlannedPayment } from './paymentPlan.js';
import type { PaymentGroup } from './paymentWaves.js';

/** The one call of a transaction that pays: a payment, or a batch of one debtor in one currency. */
export function paymentCall(planned: PaymentGroup, businessDay: number, batch: boolean): Call {
  const [first] = planned as readonly [PlannedPayment];
  const header = { debtor: first.debtor.account, currency: first.row.currency, businessDay };
  const fields = planned.map(({ creditor, amount, row }) => ({
    creditor,
    amount,
    reference: row.reference,
    endToEndId: row.endToEndId,
  }));
  if (batch) return callOf(payments.methods.payBatch, { ...header, mode: 'each', payments: fields });
  return callOf(payments.methods.pay, { ...header, ...(fields[0] as (typeof fields)[number]) });
}
