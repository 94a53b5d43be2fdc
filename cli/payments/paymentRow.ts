/** One payment of a file as it was written: names and amount are still text. */
export interface PaymentRow {
  /** Line of the file where it begins, from 1. */
  readonly line: number;
  /** The business reference: the debtor's own, used once a business day. */
  readonly reference: string;
  readonly debtor: string;
  readonly creditor: string;
  readonly currency: string;
  /** In the currency's major unit, unread. */
  readonly amount: string;
  /** The originator's id, passed on unchanged to the creditor. */
  readonly endToEndId?: string;
}

/** A row that is no payment, or one that was refused: where, which, and why. */
export interface RefusedRow {
  readonly line: number;
  /** Empty where the row has none. */
  readonly reference: string;
  readonly code: string;
  readonly message: string;
}

/** What a file holds: what is malformed is named and does not stop the rest. */
export interface PaymentFile {
  readonly rows: readonly PaymentRow[];
  readonly malformed: readonly RefusedRow[];
}

/** Payments of one file at most. */
export const MAX_PAYMENT_ROWS = 100_000;
