import type { Result } from '../../api/methods.js';
import { toChecksum } from '../../primitives/address.js';
import type { Hex } from '../../primitives/bytes.js';
import { transactionIdsOf } from '../blockTransactions.js';
import { usageError } from '../errors.js';
import { writeOutputFile } from '../files.js';
import type { Invocation } from '../invocation.js';
import type { CommandResult } from '../output.js';
import { openSession, type Session } from '../session.js';
import { formatTable } from '../table.js';

/** Blocks of one extraction. */
const MAX_BLOCKS = 10_000;
const MAX_HEIGHT = 1_000_000_000_000;
const MAX_SHOWN = 100;

type Receipt = Result<'receipt'>;

/** Every transaction over a range of blocks whose receipt or call names an account, with what it did; with `--out` in a file. */
export async function extractRecords(invocation: Invocation): Promise<CommandResult> {
  const { options } = invocation;
  const session = await openSession(invocation);
  const account = await session.accounts.address(options.required('of'));
  const { height: head } = await session.client.call('status', {});
  const to = Math.min(options.integer('toHeight', 1, MAX_HEIGHT) ?? head, head);
  const from = options.integer('fromHeight', 1, MAX_HEIGHT) ?? Math.max(1, to - MAX_BLOCKS + 1);
  if (to - from >= MAX_BLOCKS) throw usageError('--from-height', `at most ${MAX_BLOCKS} blocks`, `${to - from + 1}`);
  const records: Receipt[] = [];
  for (let height = from; height <= to; height++) {
    for (const id of await transactionIdsOf(session.client, height)) {
      const { receipt, isNamed } = await recordOf(session, id, toChecksum(account));
      if (isNamed) records.push(receipt);
    }
  }
  const path = options.text('out');
  if (path !== undefined) await writeOutputFile(path, records.map((each) => `${JSON.stringify(each)}\n`).join(''));
  const rows = records
    .slice(0, MAX_SHOWN)
    .map(({ height, id, success, code, events }) => [
      ...[String(height), id, success ? 'done' : code],
      events.map(({ contract, name }) => `${contract}.${name}`).join(', '),
    ]);
  const columns = [
    { title: 'HEIGHT', align: 'right' as const },
    { title: 'TRANSACTION' },
    { title: 'RESULT' },
    { title: 'EVENTS' },
  ];
  const range = `blocks ${from} to ${to}`;
  const summary = `${records.length} transactions about ${session.accounts.shown(account)} in ${range}`;
  const file = path === undefined ? '' : `, in ${path}`;
  return {
    data: {
      account: toChecksum(account),
      fromHeight: from,
      toHeight: to,
      records: path === undefined ? records : records.length,
    },
    text: path === undefined && rows.length > 0 ? `${formatTable(columns, rows)}\n\n${summary}` : `${summary}${file}`,
  };
}

async function recordOf({ client }: Session, id: Hex, account: string) {
  const receipt = await client.call('receipt', { id });
  if (JSON.stringify(receipt).includes(account)) return { receipt, isNamed: true };
  const transaction = await client.call('transaction', { id });
  const { bytes: _, ...named } = transaction;
  return { receipt, isNamed: JSON.stringify(named).toLowerCase().includes(account.toLowerCase()) };
}
