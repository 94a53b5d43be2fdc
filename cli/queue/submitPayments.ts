import { callOf } from '../../contracts/api/method.js';
import { RANKS, type Rank } from '../../contracts/gridlock/input.js';
import { queue } from '../../contracts/index.js';
import { QUEUE_LIMITS } from '../../contracts/queue/records.js';
import { toChecksum } from '../../primitives/address.js';
import { invariant } from '../../primitives/errors.js';
import { parseMajorAmount } from '../amounts.js';
import { CliError, usageError } from '../errors.js';
import { readTextFile } from '../files.js';
import type { Invocation } from '../invocation.js';
import type { CommandResult } from '../output.js';
import { parseCsvPayments } from '../payments/csvPayments.js';
import { explainRefusal } from '../payments/paymentOutcome.js';
import { type PlannedPayment, planPayments } from '../payments/paymentPlan.js';
import type { RefusedRow } from '../payments/paymentRow.js';
import { batchWaves } from '../payments/paymentWaves.js';
import { finalData, finalResult, send, transact } from '../sending.js';
import { openSession, type Session } from '../session.js';
import { isSimulated } from '../simulation.js';
import { formatTable } from '../table.js';
import { currencyOf, parseDay } from '../values.js';
import { QueueWords } from './queueText.js';

const MAX_FILE_BYTES = 16_777_216;
/** Rows that a person is shown; programs see all. */
const MAX_SHOWN = 50;
const MAX_LIFE_SECONDS = 604_800;

export function queuePriorityOf(text: string | undefined): Rank | undefined {
  if (text === undefined) return undefined;
  const found = RANKS.find((rank) => rank === text);
  if (found === undefined) throw usageError('--queue-priority', `one of ${RANKS.join(', ')}`, `"${text.slice(0, 40)}"`);
  return found;
}

/** What holds for every payment of one call. */
function termsOf({ options, host }: Invocation): {
  readonly priority: Rank | undefined;
  readonly expiresAt: number | undefined;
} {
  const seconds = options.integer('expiresIn', 1, MAX_LIFE_SECONDS);
  const expiresAt = seconds === undefined ? undefined : host.nowMs() + seconds * 1_000;
  return { priority: queuePriorityOf(options.text('queuePriority')), expiresAt };
}

function businessDayOf({ options }: Invocation): number | undefined {
  const named = options.text('businessDay');
  return named === undefined ? undefined : parseDay(named, 'business day');
}

/** Submits one payment: it settles or waits. */
export async function submitOne(invocation: Invocation): Promise<CommandResult> {
  const { options } = invocation;
  const to = options.required('to');
  const text = options.required('amount');
  const reference = options.required('reference');
  const session = await openSession(invocation);
  const currency = currencyOf(session.network, options.text('currency'));
  const words = new QueueWords(session, currency);
  const account = await session.accounts.own(session.settings.account);
  const creditor = await session.accounts.address(to);
  const amount = parseMajorAmount(text, session.network.decimalsOf(currency));
  const args = {
    ...{ debtor: account.account, currency, businessDay: businessDayOf(invocation), creditor, amount, reference },
    ...{ endToEndId: options.text('endToEndId'), ...termsOf(invocation) },
  };
  return transact(session, invocation, { account, calls: [callOf(queue.methods.submit, args)] }, (final) => {
    const [bytes] = final.receipt.results;
    invariant(bytes !== undefined && queue.methods.submit.returns !== undefined, 'a submission has a result');
    const { status, id } = queue.methods.submit.returns.decode(bytes);
    const paid = `${words.amount(amount)} ${currency} to ${words.account(creditor)}`;
    const hint = status === 'queued' ? `: vostro queue why ${id}` : '';
    const waits = `waits as payment ${id} of the ${currency} queue${hint}: ${paid}`;
    const data = { status, id: id ?? null, currency, amount: words.exact(amount), creditor: toChecksum(creditor) };
    return finalResult(final, status === 'settled' ? `paid ${paid}` : waits, { reference, ...data });
  });
}

interface Outcome {
  readonly reference: string;
  readonly status: 'settled' | 'queued' | 'refused';
  readonly id: number | null;
  readonly code: string | null;
  readonly transactionId: string;
}

/** Submits the payments of a file, each batch of a debtor under one signature. */
export async function submitFile(invocation: Invocation): Promise<CommandResult> {
  const { options, output } = invocation;
  const path = options.required('file');
  if (isSimulated(invocation)) throw usageError('--simulate', 'one payment', 'a file of them');
  for (const name of ['to', 'amount', 'reference', 'endToEndId'] as const) {
    if (options.text(name) !== undefined) throw usageError(`--${name}`, 'it without --file', 'both');
  }
  const session = await openSession(invocation);
  const file = parseCsvPayments(await readTextFile(path, MAX_FILE_BYTES), path);
  const { planned, refused } = await planPayments(file.rows, {
    creditor: (name) => session.accounts.address(name),
    debtor: (name) => session.accounts.find(name),
    amount: (text, currency) => parseMajorAmount(text, session.network.decimalsOf(currency)),
  });
  const outcomes: Outcome[] = [];
  const batches = batchWaves(planned, QUEUE_LIMITS.batch).flat();
  for (const [at, batch] of batches.entries()) {
    output.note(`batch ${at + 1} of ${batches.length}: ${batch.length} payments`);
    outcomes.push(...(await submitBatch(session, invocation, batch)));
  }
  return report(path, outcomes, [...file.malformed, ...refused]);
}

async function submitBatch(
  session: Session,
  invocation: Invocation,
  batch: readonly PlannedPayment[],
): Promise<readonly Outcome[]> {
  const [first] = batch;
  if (first === undefined) return [];
  const { debtor, row } = first;
  const terms = termsOf(invocation);
  const rows = batch.map(({ creditor, amount, row: { reference, endToEndId } }) => {
    return { creditor, amount, reference, endToEndId, ...terms };
  });
  const header = { debtor: debtor.account, currency: row.currency, businessDay: businessDayOf(invocation) };
  const call = callOf(queue.methods.submitBatch, { ...header, mode: 'each', payments: rows });
  const final = await send(session, invocation, { account: debtor, calls: [call] });
  const [bytes] = final.receipt.results;
  invariant(bytes !== undefined && queue.methods.submitBatch.returns !== undefined, 'a batch has a result');
  const { outcomes } = queue.methods.submitBatch.returns.decode(bytes);
  return batch.map(({ row: { reference } }, at) => {
    const { status = 'refused', id, code } = outcomes[at] ?? {};
    return { reference, status, id: id ?? null, code: code ?? null, ...finalData(final) };
  });
}

function report(path: string, outcomes: readonly Outcome[], unread: readonly RefusedRow[]): CommandResult {
  const count = (status: Outcome['status']): number => outcomes.filter((each) => each.status === status).length;
  const [settled, queued, refused] = [count('settled'), count('queued'), count('refused') + unread.length];
  const rows = [
    ...outcomes.map(({ reference, status, id, code }) => {
      return [reference, status, id === null ? '' : String(id), code === null ? '' : (explainRefusal(code) ?? code)];
    }),
    ...unread.map(({ line, reference, message }) => [reference || `line ${line}`, 'refused', '', message]),
  ];
  const shown = rows.filter(([, status]) => status !== 'settled').slice(0, MAX_SHOWN);
  const columns = [
    { title: 'REFERENCE' },
    { title: 'STATUS' },
    { title: 'PAYMENT', align: 'right' },
    { title: '' },
  ] as const;
  const table = shown.length === 0 ? [] : [formatTable(columns, shown)];
  const summary = `${path}: ${settled} settled, ${queued} wait, ${refused} refused`;
  const errors =
    refused === 0
      ? []
      : [
          new CliError('ROWS_REFUSED', `${refused} of ${outcomes.length + unread.length} payments were refused`, {
            hint: 'mend them and submit the file again: nothing that was taken is taken twice',
          }),
        ];
  return {
    data: { settled, queued, refused, payments: outcomes, unread },
    text: [...table, summary].join('\n'),
    errors,
  };
}
