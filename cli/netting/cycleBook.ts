import type { Infer } from '../../contracts/api/schema.js';
import { netting } from '../../contracts/index.js';
import type { cycle as cycleSchema } from '../../contracts/netting/declaration.js';
import { netsOf } from '../../contracts/netting/nets.js';
import { toChecksum } from '../../primitives/address.js';
import type { Address } from '../../primitives/types.js';
import { formatAmountForPeople, formatMajorAmount } from '../amounts.js';
import { CliError } from '../errors.js';
import { timeOf } from '../htlc/htlcBook.js';
import type { CommandResult } from '../output.js';
import { collectPages, PAGE_ITEMS } from '../pages.js';
import type { Session } from '../session.js';
import { formatFields, formatTable } from '../table.js';
import { formatDay } from '../values.js';

const n = netting.methods;
/** Cycles of one page of the list. */
const LIST_ITEMS = 100;

export type Cycle = Infer<typeof cycleSchema>;
export type Participant = Awaited<ReturnType<typeof askParticipants>>[number];

function askParticipants({ client }: Session, id: string) {
  return client.read(n.participants, { id });
}

/** A cycle, whatever has become of it. @throws CliError `NOT_FOUND` */
export async function readCycle(session: Session, id: string): Promise<Cycle> {
  const found = await session.client.read(n.cycle, { id });
  if (found !== undefined) return found;
  throw new CliError('NOT_FOUND', `expected a netting cycle of this network, found none called "${id.slice(0, 80)}"`, {
    expected: 'a netting cycle',
    actual: id.slice(0, 80),
    hint: '`vostro netting list --account NAME` lists those that go on',
  });
}

/** What an account has of a cycle. @throws CliError `NOT_FOUND` */
export async function readParticipant(session: Session, id: string, account: Address): Promise<Participant> {
  const found = (await askParticipants(session, id)).find((each) => each.account === account);
  if (found !== undefined) return found;
  const actual = session.accounts.shown(account);
  throw new CliError('NOT_FOUND', `${actual} takes no part in ${id}`, { expected: 'a participant', actual });
}

export interface Net {
  readonly isDebit: boolean;
  readonly amount: bigint;
}

/** `pays 70.00 EUR`, `receives 40.00 EUR`, `nothing`. */
export function netInWords({ isDebit, amount }: Net, { network }: Session, currency: string): string {
  if (amount === 0n) return 'nothing';
  const sum = `${formatAmountForPeople(amount, network.decimalsOf(currency))} ${currency}`;
  return `${isDebit ? 'pays' : 'receives'} ${sum}`;
}

/** A net as a program reads it: what is paid has a minus. */
export function netData({ isDebit, amount }: Net, { network }: Session, currency: string): string {
  return formatMajorAmount(isDebit ? -amount : amount, network.decimalsOf(currency));
}

export function cycleData({ network }: Session, id: string, cycle: Cycle) {
  const { operator, by, currency, day, status, cutOffAt, roundMs, maxRounds, creditors, round } = cycle;
  const { obligations, gross, roundEndsAt, closedAt } = cycle;
  return {
    ...{ id, status, operator: toChecksum(operator), by, currency, day: formatDay(day) },
    ...{ cutOffAt: timeOf(cutOffAt), roundMs, maxRounds, creditors, round },
    roundEndsAt: roundEndsAt === undefined ? null : timeOf(roundEndsAt),
    ...{ obligations, gross: formatMajorAmount(gross, network.decimalsOf(currency)) },
    closedAt: closedAt === undefined ? null : { height: closedAt.height, timestamp: timeOf(closedAt.timestamp) },
  };
}

/** A cycle, its nets and who has answered. */
export async function describeCycle(session: Session, id: string): Promise<CommandResult> {
  const { client, accounts, network } = session;
  const cycle = await readCycle(session, id);
  const { currency, status } = cycle;
  const participants = await askParticipants(session, id);
  const { gross, net, nets } = await client.read(n.nets, { id });
  const payments = await client.read(n.payments, { id });
  const netOf = new Map(nets.map(({ account, ...rest }) => [account, rest]));
  const rows = participants.map(({ account, submitted, isConcerned, answer, excluded }) => {
    const own = netOf.get(account);
    const waits = status === 'open' ? '' : isConcerned ? answer : 'not asked';
    const state = excluded === undefined ? waits : `excluded in round ${excluded.round}: ${excluded.reason}`;
    return [accounts.shown(account), String(submitted), own ? netInWords(own, session, currency) : '-', state];
  });
  const sum = (amount: bigint): string => `${formatAmountForPeople(amount, network.decimalsOf(currency))} ${currency}`;
  const ends = cycle.roundEndsAt === undefined ? '' : `, ends ${timeOf(cycle.roundEndsAt)}`;
  const since =
    cycle.closedAt === undefined ? '' : ` at ${timeOf(cycle.closedAt.timestamp)}, height ${cycle.closedAt.height}`;
  const fields = formatFields([
    ['cycle', id],
    ['status', `${status}${since}`],
    ['operator', accounts.shown(cycle.operator)],
    ['business day', `${formatDay(cycle.day)} ${currency}`],
    ['cut-off', timeOf(cycle.cutOffAt)],
    ['round', `${cycle.round} of ${cycle.maxRounds}${ends}`],
    ['obligations', `${cycle.obligations}, together ${sum(cycle.gross)}`],
    ['among who is left', `${sum(gross)} gross, ${sum(net)} net`],
  ]);
  const columns = [
    { title: 'PARTICIPANT' },
    { title: 'OBLIGATIONS', align: 'right' as const },
    { title: 'NET' },
    { title: 'ANSWER' },
  ];
  return {
    data: {
      ...cycleData(session, id, cycle),
      participants: participants.map(({ account, submitted, isConcerned, answer, excluded }) => ({
        ...{ account: toChecksum(account), submitted, isConcerned, answer, excluded: excluded ?? null },
        net: netOf.has(account) ? netData(netOf.get(account) as Net, session, currency) : null,
      })),
      ...{ grossLeft: formatMajorAmount(gross, network.decimalsOf(currency)) },
      ...{ net: formatMajorAmount(net, network.decimalsOf(currency)) },
      payments: payments.map(({ from, to, amount }) => ({
        ...{
          from: toChecksum(from),
          to: toChecksum(to),
          amount: formatMajorAmount(amount, network.decimalsOf(currency)),
        },
      })),
    },
    text: `${fields}\n\n${formatTable(columns, rows)}`,
  };
}

interface Obligation {
  readonly debtor: Address;
  readonly creditor: Address;
  readonly amount: bigint;
  readonly reference: string;
  readonly status: 'open' | 'frozen' | 'settled' | 'unsettled';
  readonly withdrawnBy?: 'debtor' | 'creditor' | undefined;
}

/** Every obligation of a cycle. */
export function readObligations({ client }: Session, id: string): Promise<readonly Obligation[]> {
  return collectPages((last) =>
    client.read(n.obligations, {
      ...{ id, limit: PAGE_ITEMS },
      after: last === undefined ? undefined : { debtor: last.debtor, reference: last.reference },
    }),
  );
}

/** The obligations of a cycle, those of one account where it is named. */
export async function listObligations(session: Session, id: string, of: Address | undefined): Promise<CommandResult> {
  const { accounts, network } = session;
  const { currency } = await readCycle(session, id);
  const all = await readObligations(session, id);
  const found = all.filter(({ debtor, creditor }) => of === undefined || debtor === of || creditor === of);
  const columns = [
    { title: 'FROM' },
    { title: 'TO' },
    { title: 'AMOUNT', align: 'right' as const },
    { title: 'REFERENCE' },
    { title: 'STATUS' },
  ];
  const rows = found.map(({ debtor, creditor, amount, reference, status, withdrawnBy }) => [
    ...[accounts.shown(debtor), accounts.shown(creditor)],
    ...[`${formatAmountForPeople(amount, network.decimalsOf(currency))} ${currency}`, reference],
    withdrawnBy === undefined ? status : `${status}, the ${withdrawnBy} wants it withdrawn`,
  ]);
  const data = found.map(({ debtor, creditor, amount, reference, status, withdrawnBy }) => ({
    ...{ debtor: toChecksum(debtor), creditor: toChecksum(creditor), currency, reference, status },
    ...{ amount: formatMajorAmount(amount, network.decimalsOf(currency)), withdrawnBy: withdrawnBy ?? null },
  }));
  return { data: { id, obligations: data }, text: rows.length === 0 ? 'no obligations' : formatTable(columns, rows) };
}

/**
 * Adds the obligations up here, and compares with what the contract says.
 *
 * @throws CliError `PROOF_REFUSED` where they differ
 */
export async function verifyNets(session: Session, id: string): Promise<CommandResult> {
  const { currency } = await readCycle(session, id);
  const participants = await askParticipants(session, id);
  const left = participants.filter(({ excluded }) => excluded === undefined).map(({ account }) => account);
  const set = (await readObligations(session, id)).filter(
    ({ debtor, creditor }) => left.includes(debtor) && left.includes(creditor),
  );
  const counted = netsOf(left, set);
  const { nets } = await session.client.read(n.nets, { id });
  const differing = nets.filter(
    ({ account, isDebit, amount }) => counted.get(account) !== (isDebit ? -amount : amount),
  );
  const [first] = differing;
  if (first !== undefined) {
    const actual = counted.get(first.account) ?? 0n;
    throw new CliError(
      'PROOF_REFUSED',
      `the obligations come to another net of ${session.accounts.shown(first.account)}`,
      {
        expected: netData(first, session, currency),
        actual: netData({ isDebit: actual < 0n, amount: actual < 0n ? -actual : actual }, session, currency),
      },
    );
  }
  const sentence = `${set.length} obligations come to the ${nets.length} nets of the contract, together nothing`;
  return { data: { id, obligations: set.length, nets: nets.length, isSame: true }, text: sentence };
}

/** Cycles that an account takes part in, and what each waits for. */
export async function listCycles(session: Session, account: Address): Promise<CommandResult> {
  const found = await session.client.read(n.openOf, { account, limit: LIST_ITEMS, after: undefined });
  const columns = [{ title: 'CYCLE' }, { title: 'STATUS' }, { title: 'UNTIL' }, { title: 'NET' }, { title: 'ANSWER' }];
  const rows = found.map(({ id, status, cutOffAt, roundEndsAt, currency, isConcerned, answer, ...net }) => [
    ...[id, status, timeOf(roundEndsAt ?? cutOffAt)],
    ...(status === 'open' ? ['-', '-'] : [netInWords(net, session, currency), isConcerned ? answer : 'not asked']),
  ]);
  const data = found.map(({ id, status, currency, cutOffAt, roundEndsAt, round, isConcerned, answer, ...net }) => ({
    ...{ id, status, currency, cutOffAt: timeOf(cutOffAt), round, isConcerned, answer },
    roundEndsAt: roundEndsAt === undefined ? null : timeOf(roundEndsAt),
    net: netData(net, session, currency),
  }));
  return { data: { cycles: data }, text: rows.length === 0 ? 'no open cycles' : formatTable(columns, rows) };
}
