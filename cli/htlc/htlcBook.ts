import { htlc } from '../../contracts/index.js';
import { toChecksum } from '../../primitives/address.js';
import { toHex } from '../../primitives/bytes.js';
import type { Address } from '../../primitives/types.js';
import { CliError } from '../errors.js';
import { amountData, shownAmount } from '../instruction/legs.js';
import type { CommandResult } from '../output.js';
import type { Session } from '../session.js';
import { formatFields, formatTable } from '../table.js';

const h = htlc.methods;
/** Locks of one page of the list. */
const PAGE = 100;
/** A sender may have 1,000 open ones, and so may each that pays to an account; more than this nobody reads. */
const MAX_PAGES = 1_000;

export type LockState = NonNullable<Awaited<ReturnType<typeof askLock>>>;

function askLock({ client }: Session, id: string) {
  return client.read(h.lockOf, { id });
}

/** A lock, open or over. @throws CliError `NOT_FOUND` */
export async function readLock(session: Session, id: string): Promise<LockState> {
  const found = await askLock(session, id);
  if (found !== undefined) return found;
  throw new CliError('NOT_FOUND', `expected a lock of this network, found none called "${id.slice(0, 80)}"`, {
    expected: 'a lock',
    actual: id.slice(0, 80),
    hint: '`vostro htlc list --account NAME` lists those that are open',
  });
}

/** A lock as it stands, and what may become of it. */
export async function describeLock(session: Session, id: string): Promise<CommandResult> {
  const lock = await readLock(session, id);
  const { accounts, network } = session;
  const { status, sender, recipient, hash, failureHash, deadline, key, closedAt } = lock;
  const since = closedAt === undefined ? '' : ` at ${timeOf(closedAt.timestamp)}, height ${closedAt.height}`;
  const fields = formatFields([
    ['lock', id],
    ['amount', shownAmount(lock, network)],
    ['from', accounts.shown(sender)],
    ['to', accounts.shown(recipient)],
    ['status', `${status}${since}`],
    ['hash', toHex(hash)],
    ...(failureHash === undefined ? [] : [['hash of failure', toHex(failureHash)] as const]),
    ['deadline', timeOf(deadline)],
    ...(key === undefined ? [] : [['key', toHex(key)] as const]),
  ]);
  return { data: lockData(session, id, lock), text: fields };
}

export function lockData({ network }: Session, id: string, lock: LockState) {
  const { status, sender, recipient, hash, failureHash, deadline, key, closedAt } = lock;
  return {
    ...{ id, status, ...amountData(lock, network) },
    ...{ sender: toChecksum(sender), recipient: toChecksum(recipient), hash: toHex(hash) },
    failureHash: failureHash === undefined ? null : toHex(failureHash),
    deadline: timeOf(deadline),
    key: key === undefined ? null : toHex(key),
    closedAt: closedAt === undefined ? null : { height: closedAt.height, timestamp: timeOf(closedAt.timestamp) },
  };
}

/** What an account sends and is to receive, and waits. */
export async function listLocks(session: Session, account: Address): Promise<CommandResult> {
  const { accounts, network } = session;
  const found = await openLocks(session, account);
  const columns = [
    { title: 'LOCK' },
    { title: 'AMOUNT', align: 'right' as const },
    { title: 'FROM' },
    { title: 'TO' },
    { title: 'DEADLINE' },
    { title: 'STATUS' },
  ];
  const rows = found.map((lock) => [
    ...[lock.id, shownAmount(lock, network), accounts.shown(lock.sender), accounts.shown(lock.recipient)],
    timeOf(lock.deadline),
    lock.isClaimed ? 'claimed' : 'locked',
  ]);
  const data = found.map(({ id, isClaimed, ...terms }) =>
    lockData(session, id, { ...terms, status: isClaimed ? 'claimed' : 'locked' }),
  );
  return { data: { locks: data }, text: rows.length === 0 ? 'no open locks' : formatTable(columns, rows) };
}

type Open = Awaited<ReturnType<typeof openPage>>[number];

function openPage({ client }: Session, account: Address, after: string | undefined) {
  return client.read(h.openOf, { account, limit: PAGE, after });
}

async function openLocks(session: Session, account: Address): Promise<readonly Open[]> {
  const found: Open[] = [];
  for (let page = 0; page < MAX_PAGES; page++) {
    const more = await openPage(session, account, found.at(-1)?.id);
    found.push(...more);
    if (more.length < PAGE) break;
  }
  return found;
}

export function timeOf(timestamp: number): string {
  return new Date(timestamp).toISOString();
}
