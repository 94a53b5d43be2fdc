import { credit } from '../../contracts/index.js';
import { toChecksum } from '../../primitives/address.js';
import type { Address } from '../../primitives/types.js';
import { formatAmountForPeople } from '../amounts.js';
import { CliError } from '../errors.js';
import type { CommandResult } from '../output.js';
import type { Session } from '../session.js';
import { formatFields, formatTable } from '../table.js';
import { formatDay } from '../values.js';
import { formatBps, formatRate } from './percent.js';
import { type Description, Money, timeOf } from './step.js';

const c = credit.methods;
/** Rows of one page of a view. */
const PAGE = 100;
/** Lines of one page: each has a pool to be valued. */
const LINES = 20;

export type Line = NonNullable<Awaited<ReturnType<typeof askLine>>>;

function askLine({ client }: Session, currency: string, account: Address) {
  return client.read(c.line, { currency, account });
}

/** A line with its loan and its pool. @throws CliError `NOT_FOUND` */
export async function readLine(session: Session, currency: string, account: Address): Promise<Line> {
  const found = await askLine(session, currency, account);
  if (found !== undefined) return found;
  const actual = session.accounts.shown(account);
  throw new CliError('NOT_FOUND', `expected an account with a line of credit in ${currency}, found ${actual}`, {
    expected: 'a line of credit',
    actual,
    hint: '`vostro credit line` grants one, for the central bank of the currency',
  });
}

type Row = Omit<Line, 'positions'>;

function rowData(row: Row, money: Money) {
  const { account, member, limit, stage, owed, interest, due, value, stale, call } = row;
  return {
    ...{ account: toChecksum(account), member, currency: money.currency, limit: money.data(limit) },
    ...{ owed: money.data(owed), interest: money.data(interest), stage: stage ?? null },
    ...{ due: due === undefined ? null : formatDay(due), value: money.data(value), stale: stale ?? null },
    available: money.data(row.drawable),
    marginCall: call === undefined ? null : { shortfall: money.data(call.shortfall), deadline: timeOf(call.deadline) },
  };
}

function owedText({ owed, stage, interest, due }: Row, money: Money): string {
  if (stage === undefined) return 'nothing';
  const of = interest > 0n ? `, ${money.shown(interest)} of it interest` : '';
  const until = due === undefined ? '' : `, due on ${formatDay(due)}`;
  return `${money.shown(owed)}, ${stage}${of}${until}`;
}

export async function describeLine(session: Session, currency: string, account: Address): Promise<Description> {
  const { positions, ...row } = await readLine(session, currency, account);
  const money = new Money(session, currency);
  const { limit, value, stale, call } = row;
  const fields = formatFields([
    ['account', session.accounts.shown(account)],
    ['line', money.shown(limit)],
    ['owed', owedText(row, money)],
    ['pool', `worth ${money.shown(value)} as collateral`],
    ['can draw', money.shown(row.drawable)],
    ...(stale === undefined
      ? []
      : [['stale', `the price of ${stale}, or the bank’s own alone: nothing is drawn or taken out`] as const]),
    ...(call === undefined
      ? []
      : [['margin call', `${money.shown(call.shortfall)} until ${timeOf(call.deadline)}`] as const]),
  ]);
  const columns = [
    { title: 'INSTRUMENT' },
    { title: 'UNITS', align: 'right' },
    { title: 'COUNTS FOR', align: 'right' },
  ] as const;
  const rows = positions.map(({ instrument, units, value: worth }) => [
    instrument,
    formatAmountForPeople(units, 0),
    money.shown(worth),
  ]);
  const data = {
    ...rowData(row, money),
    positions: positions.map((one) => ({
      ...{ instrument: one.instrument, units: one.units.toString(), value: money.data(one.value) },
    })),
  };
  return { data, text: rows.length === 0 ? fields : `${fields}\n\n${formatTable(columns, rows)}` };
}

/** The facility of a currency and every line in it. */
export async function listLines(session: Session, currency: string): Promise<CommandResult> {
  const money = new Money(session, currency);
  const facility = await session.client.read(c.facility, { currency });
  if (facility === undefined) {
    return { data: { currency, facility: null, lines: [] }, text: `nothing is lent in ${currency}` };
  }
  const lines: Row[] = [];
  for (;;) {
    const more = await session.client.read(c.lines, { currency, limit: LINES, after: lines.at(-1)?.account });
    lines.push(...more);
    if (more.length < LINES) break;
  }
  const { available, lent, rate, marginMs, funder } = facility;
  const head = formatFields([
    ['facility', `${money.shown(available)} to lend, ${money.shown(lent)} lent`],
    ['funded by', session.accounts.shown(funder)],
    ['overnight', `${formatRate(rate)} a year, ACT/360`],
    ['margin', `${Math.round(marginMs / 60_000)} minutes to meet a call`],
  ]);
  const columns = [
    { title: 'ACCOUNT' },
    { title: 'LINE', align: 'right' },
    { title: 'OWED', align: 'right' },
    { title: 'POOL', align: 'right' },
    { title: 'STATUS' },
  ] as const;
  const rows = lines.map((row) => [
    ...[session.accounts.shown(row.account), money.shown(row.limit), money.shown(row.owed), money.shown(row.value)],
    row.call === undefined ? (row.stage ?? 'unused') : 'called',
  ]);
  const data = {
    currency,
    facility: {
      ...{ funder: toChecksum(funder), available: money.data(available), lent: money.data(lent) },
      ...{ overnightRate: formatRate(rate), marginMs },
    },
    lines: lines.map((row) => rowData(row, money)),
  };
  return { data, text: rows.length === 0 ? head : `${head}\n\n${formatTable(columns, rows)}` };
}

/** What the central bank takes as collateral. */
export async function listEligible(session: Session, currency: string): Promise<CommandResult> {
  const money = new Money(session, currency);
  const all: Awaited<ReturnType<typeof eligiblePage>>[number][] = [];
  for (;;) {
    const more = await eligiblePage(session, currency, all.at(-1)?.instrument);
    all.push(...more);
    if (more.length < PAGE) break;
  }
  const columns = [
    { title: 'INSTRUMENT' },
    { title: 'HAIRCUT', align: 'right' },
    { title: 'AT MOST', align: 'right' },
  ] as const;
  const rows = all.map(({ instrument, haircutBps, cap }) => [
    ...[instrument, formatBps(haircutBps)],
    cap === undefined ? 'no cap' : money.shown(cap),
  ]);
  const data = all.map(({ instrument, haircutBps, cap }) => ({
    ...{ instrument, haircutBps, cap: cap === undefined ? null : money.data(cap) },
  }));
  const text = rows.length === 0 ? `nothing is taken as collateral in ${currency}` : formatTable(columns, rows);
  return { data: { currency, eligible: data }, text };
}

/** How one instrument is taken; none where it is not. */
export async function eligibleOf(session: Session, currency: string, instrument: string) {
  for (let after: string | undefined; ; ) {
    const more = await eligiblePage(session, currency, after);
    const found = more.find((row) => row.instrument === instrument);
    if (found !== undefined || more.length < PAGE) return found;
    after = more.at(-1)?.instrument;
  }
}

function eligiblePage({ client }: Session, currency: string, after: string | undefined) {
  return client.read(c.eligible, { currency, limit: PAGE, after });
}
