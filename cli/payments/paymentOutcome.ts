import type { Hex } from '../../primitives/bytes.js';
import type { PlannedPayment } from './paymentPlan.js';

/** What became of one payment. */
export type PaymentOutcome =
  | {
      readonly status: 'settled';
      readonly payment: PlannedPayment;
      readonly transactionId: Hex;
      readonly height: number;
      /** True when a transaction of an earlier run had settled it. */
      readonly earlier: boolean;
      /** From sending to the verified proof; undefined for an earlier run's. */
      readonly finalAfterMs: number | undefined;
    }
  | {
      readonly status: 'refused';
      readonly payment: PlannedPayment;
      readonly code: string;
      readonly message: string;
      /** Of the transaction that failed; undefined where none is on the chain. */
      readonly transactionId: Hex | undefined;
    }
  /** It may or may not settle: run the file again to learn it. */
  | { readonly status: 'unknown'; readonly payment: PlannedPayment; readonly transactionId: Hex };

/** What a refusal's code means, for those that a debtor meets in daily business. */
const EXPLANATIONS: Readonly<Record<string, string>> = {
  ACCOUNT_UNKNOWN: 'the creditor’s account is not registered on this network',
  SUSPENDED: 'the creditor’s account or its member is suspended',
  INSUFFICIENT_FUNDS: 'the debtor’s balance does not cover the amount',
  FROZEN: 'orders of an authority keep what the debtor has',
  LISTED: 'an identifier that the payment is about is listed',
  RULE_COUNT: 'a rule of an authority bounds how many payments the debtor makes in a window of time',
  RULE_SUM: 'a rule of an authority bounds how much the debtor pays in a window of time',
  RULE_EXPOSURE: 'a rule of an authority bounds what the debtor pays to the creditor’s member on a business day',
  BUSINESS_REFERENCE_USED: 'the debtor has settled or queued a payment with this reference on this business day',
  BUSINESS_DAY_CLOSED: 'the currency has no open business day; its central bank opens it',
  BUSINESS_DAY_MISMATCH: 'the currency’s open business day is another one',
  AMOUNT_ZERO: 'the amount is zero',
  AMOUNT_TOO_LARGE: 'no payment in the queue is so large',
  EXPIRED: 'its time was over before it entered',
  PRIORITY_RESERVED: 'the debtor’s member has no role that may claim this priority',
  QUEUE_FULL: 'the queue of the currency is full',
  QUEUE_SHARE_FULL: 'as many payments of the debtor wait as one bank may have',
  SAME_ACCOUNT: 'debtor and creditor are one account',
  UNAUTHORISED: 'the signatures do not satisfy the debtor’s policy, or its account is suspended',
};

/** A sentence for a code of the contracts; undefined for others, whose error has its own. */
export function explainRefusal(code: string): string | undefined {
  return Object.hasOwn(EXPLANATIONS, code) ? EXPLANATIONS[code] : undefined;
}
