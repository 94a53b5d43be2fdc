import { OutcomeUnknownError } from '../../client/errors.js';
import { toChecksum } from '../../primitives/address.js';
import type { CodedError } from '../../primitives/errors.js';
import { formatAmountForPeople, formatMajorAmount } from '../amounts.js';
import { CliError } from '../errors.js';
import type { CommandResult } from '../output.js';
import { TransactionFailedError } from '../sending.js';
import type { Session } from '../session.js';
import { formatFields, formatTable } from '../table.js';
import { formatDay } from '../values.js';
import type { PaymentOutcome } from './paymentOutcome.js';
import type { RefusedRow } from './paymentRow.js';

/** What is known after a file was run. */
export interface PaymentRun {
  readonly path: string;
  readonly outcomes: readonly PaymentOutcome[];
  /** Rows that were never sent: malformed, or with a name that nobody knows. */
  readonly unread: readonly RefusedRow[];
  readonly days: readonly { readonly currency: string; readonly businessDay: number }[];
}

type Settled = Extract<PaymentOutcome, { status: 'settled' }>;
type Unknown = Extract<PaymentOutcome, { status: 'unknown' }>;

/** The report of a file: what settled, each refused row with its line and why, what is open. */
export function paymentReport(session: Session, { path, outcomes, unread, days }: PaymentRun): CommandResult {
  const settled = outcomes.filter((outcome): outcome is Settled => outcome.status === 'settled');
  const unknown = outcomes.filter((outcome): outcome is Unknown => outcome.status === 'unknown');
  const refused = refusedRows(outcomes, unread);
  const totals = totalsOf(session, settled);
  const earlier = settled.filter((outcome) => outcome.earlier).length;
  const speed = timeToFinality(settled);
  const total = outcomes.length + unread.length;
  const errors: CodedError[] = [];
  if (refused.length > 0) errors.push(rowsRefused(refused.length, total, path));
  const [open] = unknown;
  if (open !== undefined) errors.push(openPayments(open, unknown.length, path));
  const data = {
    file: path,
    payments: total,
    businessDays: days.map(({ currency, businessDay }) => ({ currency, businessDay: formatDay(businessDay) })),
    settled: {
      count: settled.length,
      earlier,
      value: totals.map(({ currency, value, decimals }) => ({ currency, amount: formatMajorAmount(value, decimals) })),
    },
    ...(speed === undefined ? {} : { timeToFinality: speed }),
    refused,
    unknown: unknown.map(({ payment, transactionId }) => ({
      line: payment.row.line,
      reference: payment.row.reference,
      transactionId,
    })),
  };
  const money = totals.map(({ currency, value, decimals }) => `${formatAmountForPeople(value, decimals)} ${currency}`);
  const again = earlier === 0 ? '' : `, ${earlier} of them by an earlier run`;
  const fields = formatFields([
    ['file', path],
    [
      'business day',
      days.map(({ currency, businessDay }) => `${formatDay(businessDay)} (${currency})`).join(', ') || 'none',
    ],
    ['settled', `${settled.length} of ${total}, ${money.join(', ') || 'nothing'}${again}`],
    ...(speed === undefined
      ? []
      : [['finality', `${speed.p50Ms} ms median, ${speed.p99Ms} ms p99, all sent at once`] as const]),
    ['refused', String(refused.length)],
    ['unknown', String(unknown.length)],
  ]);
  return { data, text: [fields, ...rowTables(refused, unknown)].join('\n\n'), errors };
}

/** The result of one payment. @throws TransactionFailedError, CodedError with the refusal's code, OutcomeUnknownError */
export function singlePaymentResult(session: Session, outcome: PaymentOutcome, businessDay: number): CommandResult {
  if (outcome.status === 'unknown') throw new OutcomeUnknownError(outcome.transactionId, 'not final in time');
  if (outcome.status === 'refused') {
    const { code, message, transactionId } = outcome;
    throw new TransactionFailedError(code, message, transactionId === undefined ? {} : { transactionId });
  }
  const { payment, transactionId, height, earlier } = outcome;
  const { currency } = payment.row;
  const decimals = session.network.decimalsOf(currency);
  const creditor = session.accounts.shown(payment.creditor);
  const shown = `${formatAmountForPeople(payment.amount, decimals)} ${currency}`;
  const text = formatFields([
    ['transaction', transactionId],
    ['block', String(height)],
    ['business day', formatDay(businessDay)],
  ]);
  return {
    data: {
      transactionId,
      height,
      businessDay: formatDay(businessDay),
      currency,
      amount: formatMajorAmount(payment.amount, decimals),
      creditor: toChecksum(payment.creditor),
      reference: payment.row.reference,
      earlier,
    },
    text: `${earlier ? 'had paid' : 'paid'} ${shown} to ${creditor}${earlier ? ' in an earlier run' : ''}\n${text}`,
  };
}

function refusedRows(outcomes: readonly PaymentOutcome[], unread: readonly RefusedRow[]): readonly RefusedRow[] {
  const refused = outcomes.flatMap((outcome): readonly RefusedRow[] => {
    if (outcome.status !== 'refused') return [];
    const { line, reference } = outcome.payment.row;
    return [{ line, reference, code: outcome.code, message: outcome.message }];
  });
  return [...unread, ...refused].sort((a, b) => a.line - b.line);
}

/** From sending to the verified proof, of what this run settled. */
function timeToFinality(settled: readonly Settled[]) {
  const times = settled.flatMap(({ finalAfterMs }) => finalAfterMs ?? []).sort((a, b) => a - b);
  const at = (percent: number): number => Math.round(times[Math.ceil((times.length * percent) / 100) - 1] ?? 0);
  return times.length === 0 ? undefined : { p50Ms: at(50), p99Ms: at(99) };
}

function totalsOf({ network }: Session, settled: readonly Settled[]) {
  const totals = new Map<string, bigint>();
  for (const { payment } of settled) {
    const { currency } = payment.row;
    totals.set(currency, (totals.get(currency) ?? 0n) + payment.amount);
  }
  return [...totals].map(([currency, value]) => ({ currency, value, decimals: network.decimalsOf(currency) }));
}

function rowTables(refused: readonly RefusedRow[], unknown: readonly Unknown[]): readonly string[] {
  const columns = [
    { title: 'LINE', align: 'right' },
    { title: 'REFERENCE' },
    { title: 'CODE' },
    { title: 'WHY' },
  ] as const;
  const rows = refused.map(({ line, reference, code, message }) => [String(line), reference || '-', code, message]);
  const open = unknown.map(({ payment, transactionId }) => {
    return [String(payment.row.line), payment.row.reference, 'OUTCOME_UNKNOWN', `transaction ${transactionId}`];
  });
  return rows.length + open.length === 0 ? [] : [formatTable(columns, [...rows, ...open])];
}

function rowsRefused(refused: number, total: number, path: string): CliError {
  return new CliError('ROWS_REFUSED', `${refused} of ${total} payments of ${path} were refused`, {
    expected: 'every payment settled',
    actual: `${refused} refused`,
    hint: 'mend these rows and run the file again: what is settled is not paid again on this business day',
  });
}

function openPayments({ transactionId }: Unknown, count: number, path: string): CodedError {
  return new OutcomeUnknownError(transactionId, `${count} payments of ${path} are not final yet`, {
    hint: 'run the same file again: it finds what has settled and pays nothing twice',
  });
}
