import { toHex } from '../../primitives/bytes.js';
import { isCodedError } from '../../primitives/errors.js';
import { sha256 } from '../../primitives/hash.js';
import { utf8Encode } from '../../primitives/text.js';
import type { Address, Call } from '../../primitives/types.js';
import { EXIT, exitCodeOf } from '../exitCodes.js';
import type { WalletAccount } from '../wallet.js';
import type { PaymentRow, RefusedRow } from './paymentRow.js';

/** A row with its names looked up and its amount read: ready to be signed. */
export interface PlannedPayment {
  readonly row: PaymentRow;
  readonly debtor: WalletAccount;
  readonly creditor: Address;
  /** Minor units. */
  readonly amount: bigint;
  /** How many rows of the file before this one have the same debtor and business reference. */
  readonly occurrence: number;
}

/** Looks names up; each call throws a CodedError that says why a name cannot be used. */
export interface PartyLookup {
  /** An account that this wallet can sign for. */
  debtor(name: string): Promise<WalletAccount>;
  creditor(name: string): Promise<Address>;
  /** Minor units of an amount as it is typed in the currency. */
  amount(text: string, currency: string): bigint;
}

export interface PaymentPlan {
  readonly planned: readonly PlannedPayment[];
  readonly refused: readonly RefusedRow[];
}

/** Looks up every row; one that cannot be a payment is refused by itself. */
export async function planPayments(rows: readonly PaymentRow[], lookup: PartyLookup): Promise<PaymentPlan> {
  const planned: PlannedPayment[] = [];
  const refused: RefusedRow[] = [];
  const occurrences = new Map<string, number>();
  for (const row of rows) {
    try {
      const amount = lookup.amount(row.amount, row.currency);
      const debtor = await lookup.debtor(row.debtor);
      const creditor = await lookup.creditor(row.creditor);
      const used = `${debtor.account} ${row.reference}`;
      const occurrence = occurrences.get(used) ?? 0;
      occurrences.set(used, occurrence + 1);
      planned.push({ row, debtor, creditor, amount, occurrence });
    } catch (error) {
      refused.push(refusedRow(row, error));
    }
  }
  return { planned, refused };
}

/** A row that names what nobody knows, or that is no amount, is refused; what stops the whole file is thrown on. */
function refusedRow(row: PaymentRow, error: unknown): RefusedRow {
  const exitCode = exitCodeOf(error);
  if (!isCodedError(error) || (exitCode !== EXIT.usage && exitCode !== EXIT.notFound)) throw error;
  return { line: row.line, reference: row.reference, code: error.code, message: error.message };
}

/**
 * The idempotency key of a payment's transaction: the same payment of the same business day has the same one in every
 * run, so that a second run finds the first one's transaction. `attempt` counts transactions that are on the chain and
 * failed. That nothing is paid twice is the contract's own rule and does not rest on this.
 */
export function paymentReference(payment: PlannedPayment, businessDay: number, attempt: number): Uint8Array {
  const { row, debtor, creditor, amount, occurrence } = payment;
  return digestOf([
    'payment',
    debtor.account,
    businessDay,
    row.reference,
    creditor,
    row.currency,
    amount.toString(),
    occurrence,
    attempt,
  ]);
}

/** The same for a batch: its payments in their order. */
export function batchReference(payments: readonly PlannedPayment[], businessDay: number, attempt: number): Uint8Array {
  return digestOf(['batch', attempt, ...payments.map((payment) => toHex(paymentReference(payment, businessDay, 0)))]);
}

/** The same of a payment that stands behind other calls: it is another transaction than the one without them. */
export function referenceBehind(reference: Uint8Array, before: readonly Call[]): Uint8Array {
  if (before.length === 0) return reference;
  const calls = before.map(({ contract, method, args }) => `${contract}.${method} ${toHex(args)}`);
  return digestOf(['behind', toHex(reference), ...calls]);
}

/** A JSON list of texts and numbers is unambiguous; strings of rows are well-formed, as files are read as strict UTF-8. */
function digestOf(parts: readonly (string | number)[]): Uint8Array {
  return sha256(utf8Encode(JSON.stringify(['vostro/cli', ...parts])));
}
