import { queue } from '../../contracts/index.js';
import { toChecksum } from '../../primitives/address.js';
import { toHex } from '../../primitives/bytes.js';
import { CliError } from '../errors.js';
import type { Invocation } from '../invocation.js';
import type { CommandResult } from '../output.js';
import { openSession, type Session } from '../session.js';
import { formatFields, formatTable } from '../table.js';
import { currencyOf, formatDay } from '../values.js';
import { itemNumber } from './changeQueue.js';
import { type QueuedItem, type QueueRow, QueueWords, timeOf } from './queueText.js';

/** Rows that a view looks at. */
const PAGE_ROWS = 1_000;
/** As many rows as a queue may have. */
const MAX_PAGES = 50;
/** Payments that a person is shown; programs see all. */
const MAX_SHOWN = 200;
const MAX_RUNS = 100;

type Parties = {
  readonly debtor?: QueueRow['debtor'] | undefined;
  readonly creditor?: QueueRow['creditor'] | undefined;
};

/** Everything that waits of these accounts, in the order of the queue. */
export async function readQueue(
  { client }: Pick<Session, 'client'>,
  currency: string,
  parties: Parties = {},
): Promise<readonly QueueRow[]> {
  const rows: QueueRow[] = [];
  const { list } = queue.methods;
  let page = await client.read(list, { currency, ...parties, limit: PAGE_ROWS });
  rows.push(...page.payments);
  for (let count = 1; page.next !== undefined && count <= MAX_PAGES; count++) {
    page = await client.read(list, { currency, ...parties, limit: PAGE_ROWS, after: page.next });
    rows.push(...page.payments);
  }
  return rows;
}

async function opened(invocation: Invocation): Promise<{ readonly session: Session; readonly words: QueueWords }> {
  const session = await openSession(invocation);
  return { session, words: new QueueWords(session, currencyOf(session.network, invocation.options.text('currency'))) };
}

export async function listPayments(invocation: Invocation): Promise<CommandResult> {
  const { session, words } = await opened(invocation);
  const named = async (name: 'debtor' | 'creditor') => {
    const text = invocation.options.text(name);
    return text === undefined ? undefined : session.accounts.address(text);
  };
  const parties = { debtor: await named('debtor'), creditor: await named('creditor') };
  const rows = await readQueue(session, words.currency, parties);
  const columns = [
    { title: 'PAYMENT', align: 'right' },
    { title: 'FROM' },
    { title: 'TO' },
    { title: 'AMOUNT', align: 'right' },
    { title: 'PRIORITY' },
    { title: '' },
  ] as const;
  const cells = rows.slice(0, MAX_SHOWN).map((row) => {
    const parts = [words.account(row.debtor), words.account(row.creditor), words.amount(row.amount)];
    return [String(row.id), ...parts, row.priority, row.isHeld ? 'held' : ''];
  });
  const more = rows.length > MAX_SHOWN ? `\nand ${rows.length - MAX_SHOWN} more: --json shows all` : '';
  const text = rows.length === 0 ? `nothing waits in ${words.currency}` : formatTable(columns, cells) + more;
  return { data: { payments: rows.map((row) => ({ id: row.id, ...words.payment(row) })) }, text };
}

async function itemOf(session: Session, currency: string, id: number): Promise<QueuedItem> {
  const item = await session.client.read(queue.methods.item, { currency, id });
  if (item !== undefined) return item;
  throw new CliError('NOT_FOUND', `expected a payment of the ${currency} queue, found none of the number ${id}`, {
    expected: 'a payment that entered the queue',
    actual: String(id),
    hint: '`vostro queue list` shows what waits; payments of earlier business days are forgotten',
  });
}

export async function showItem(invocation: Invocation): Promise<CommandResult> {
  const id = itemNumber(invocation);
  const { session, words } = await opened(invocation);
  const item = await itemOf(session, words.currency, id);
  const { reference, status, run } = item;
  const text = formatFields([
    ['payment', String(id)],
    ['status', item.isHeld && status === 'queued' ? 'held' : status + (run === undefined ? '' : ` by run ${run}`)],
    ['from', words.account(item.debtor)],
    ['to', words.account(item.creditor)],
    ['amount', `${words.amount(item.amount)} ${words.currency}`],
    ['priority', item.priority],
    ['reference', reference],
    ['business day', formatDay(item.businessDay)],
    ['submitted', timeOf(item.submittedAt) ?? ''],
    ['expires', timeOf(item.expiresAt) ?? 'with its business day'],
  ]);
  const times = { submittedAt: timeOf(item.submittedAt), finishedAt: timeOf(item.finishedAt) };
  const endToEndId = item.endToEndId ?? null;
  return { data: { id, ...words.payment(item), reference, endToEndId, status, run: run ?? null, ...times }, text };
}

export async function whyItem(invocation: Invocation): Promise<CommandResult> {
  const id = itemNumber(invocation);
  const { session, words } = await opened(invocation);
  const item = await itemOf(session, words.currency, id);
  const reason = await session.client.read(queue.methods.why, { currency: words.currency, id });
  if (reason === undefined) {
    return { data: { id, status: item.status, reason: null }, text: `payment ${id} does not wait: ${item.status}` };
  }
  return { data: { id, status: item.status, reason }, text: `payment ${id} waits: ${words.reason(reason)}` };
}

export async function showPosition(invocation: Invocation): Promise<CommandResult> {
  const { session, words } = await opened(invocation);
  const { currency } = words;
  const { account } = await session.accounts.own(invocation.args[0] ?? session.settings.account);
  const position = await session.client.read(queue.methods.position, { currency, account });
  const limits = await session.client.read(queue.methods.limits, { currency, debtor: account });
  const fields = formatFields([
    ['account', words.account(account)],
    ['available', `${words.amount(position.available)} ${currency}`],
    ['reserved', words.amount(position.reserved)],
    ['locked', words.amount(position.locked)],
    ['waits to be paid', `${words.amount(position.outgoingAmount)} in ${position.outgoing} payments`],
    ['waits to come in', words.amount(position.incomingAmount)],
  ]);
  const columns = [
    { title: 'LIMIT TOWARDS' },
    { title: 'A DAY', align: 'right' },
    { title: 'PAID', align: 'right' },
    { title: 'RECEIVED', align: 'right' },
  ] as const;
  const rows = limits.map(({ creditor, amount, paid, received }) => {
    return [words.account(creditor), words.amount(amount), words.amount(paid), words.amount(received)];
  });
  return {
    data: {
      account: toChecksum(account),
      currency,
      available: words.exact(position.available),
      reserved: words.exact(position.reserved),
      locked: words.exact(position.locked),
      outgoing: position.outgoing,
      outgoingAmount: words.exact(position.outgoingAmount),
      incomingAmount: words.exact(position.incomingAmount),
      limits: limits.map(({ creditor, amount, paid, received }) => ({
        creditor: toChecksum(creditor),
        ...{ amount: words.exact(amount), paid: words.exact(paid), received: words.exact(received) },
      })),
    },
    text: rows.length === 0 ? fields : `${fields}\n\n${formatTable(columns, rows)}`,
  };
}

export async function showRuns(invocation: Invocation): Promise<CommandResult> {
  const limit = invocation.options.integer('limit', 1, MAX_RUNS) ?? 10;
  const { session, words } = await opened(invocation);
  const runs = await session.client.read(queue.methods.runs, { currency: words.currency, limit });
  const columns = [
    { title: 'RUN', align: 'right' },
    { title: 'AT' },
    { title: 'BY' },
    { title: 'LOOKED AT', align: 'right' },
    { title: 'SETTLED', align: 'right' },
    { title: 'VALUE', align: 'right' },
    { title: 'OUTCOME' },
  ] as const;
  const rows = runs.map((run) => {
    const counts = [String(run.considered), String(run.settledCount), words.amount(run.value)];
    return [String(run.run), timeOf(run.timestamp) ?? '', run.trigger, ...counts, run.outcome];
  });
  const data = runs.map((run) => ({
    ...run,
    ...{ timestamp: timeOf(run.timestamp), after: run.after ?? null },
    ...{ inputHash: toHex(run.inputHash), value: words.exact(run.value) },
  }));
  const text = rows.length === 0 ? `no run in ${words.currency} yet` : formatTable(columns, rows);
  return { data: { runs: data }, text };
}
