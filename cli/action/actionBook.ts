import { actions } from '../../contracts/index.js';
import { toChecksum } from '../../primitives/address.js';
import type { Address } from '../../primitives/types.js';
import { formatAmountForPeople, formatMajorAmount } from '../amounts.js';
import { CliError } from '../errors.js';
import { timeOf } from '../htlc/htlcBook.js';
import type { CommandResult } from '../output.js';
import type { Session } from '../session.js';
import { formatFields, formatTable } from '../table.js';
import { formatDay } from '../values.js';
import { formatPerUnit, formatRate } from './actionTerms.js';

const m = actions.methods;
/** Actions and claims of one page. */
const PAGE = 100;
/** More than this nobody reads. */
const MAX_PAGES = 100;

export type ActionState = NonNullable<Awaited<ReturnType<typeof askAction>>>;
type Details = NonNullable<ActionState['details']>;

function askAction({ client }: Session, id: string) {
  return client.read(m.action, { id });
}

/** An action, open or over. @throws CliError `NOT_FOUND` */
export async function readAction(session: Session, id: string): Promise<ActionState> {
  const found = await askAction(session, id);
  if (found !== undefined) return found;
  const actual = id.slice(0, 80);
  throw new CliError('NOT_FOUND', `expected a corporate action of this network, found none called "${actual}"`, {
    expected: 'a corporate action',
    actual,
    hint: '`vostro action list` lists those that are open',
  });
}

/** Money of the action’s currency, for people and for programs. */
export function moneyOf({ network }: Session, { currency }: Pick<ActionState, 'currency'>) {
  const decimals = network.decimalsOf(currency);
  return {
    shown: (amount: bigint) => `${formatAmountForPeople(amount, decimals)} ${currency}`,
    data: (amount: bigint) => formatMajorAmount(amount, decimals),
  };
}

/** What holders have of it, in a sentence. */
export function kindText(session: Session, { details, kind, currency }: ActionState): string {
  if (details === undefined) return kind;
  const { coupon, floating, distribution, redemption } = details;
  const decimals = session.network.decimalsOf(currency);
  if (coupon !== undefined) return `coupon of ${formatRate(coupon.rate)}, ${periodText(coupon)}`;
  if (floating !== undefined) return `coupon at ${rateText(floating, details.fixing)}, ${periodText(floating)}`;
  if (distribution !== undefined) return `${formatPerUnit(distribution.perUnit, decimals)} ${currency} a unit`;
  if (redemption === undefined) return kind;
  const price = `${formatAmountForPeople(redemption.price, decimals)} ${currency} a unit`;
  return redemption.part === redemption.whole
    ? `redemption of all units at ${price}`
    : `redemption of ${redemption.part} of ${redemption.whole} units at ${price}`;
}

type PeriodFields = Pick<NonNullable<Details['coupon']>, 'dayCount' | 'from' | 'to'>;

function periodText({ dayCount, from, to }: PeriodFields): string {
  return `${dayCount} from ${formatDay(from)} to ${formatDay(to)}`;
}

function rateText({ source, fixingDay, spread }: NonNullable<Details['floating']>, fixing: Details['fixing']): string {
  const margin = spread === 0 ? '' : ` + ${formatRate(spread)}`;
  const rate = fixing === undefined ? `published from ${formatDay(fixingDay)} on` : formatRate(fixing.rate);
  return `${source}${margin} (${rate})`;
}

/** An action as it stands; with an account, what that is to have of it. */
export async function describeAction(session: Session, id: string, holder?: Address): Promise<CommandResult> {
  const action = await readAction(session, id);
  const { accounts, client } = session;
  const { details, closedAt } = action;
  const { shown, data } = moneyOf(session, action);
  const due =
    holder === undefined || details === undefined
      ? undefined
      : await client.read(m.entitlement, { id, account: holder });
  const since = closedAt === undefined ? '' : ` at ${timeOf(closedAt.timestamp)}, height ${closedAt.height}`;
  const publisher = details?.floating?.publisher;
  const fields = formatFields([
    ['action', id],
    ['instrument', action.instrument],
    ['issuer', accounts.shown(action.issuer)],
    ['pays', kindText(session, action)],
    ['status', `${action.status}${since}`],
    ['record', `height ${action.recordHeight}`],
    ...(details === undefined ? [] : [['payment day', formatDay(details.paymentDay)] as const]),
    ...(details === undefined ? [] : [['deadline', timeOf(details.deadline)] as const]),
    ...(publisher === undefined ? [] : [['rate by', accounts.shown(publisher)] as const]),
    ['set aside', shown(action.declared)],
    ['entitled', `${shown(action.entitled)}, ${action.holders} holders`],
    ['paid', shown(action.paid)],
    ['unclaimed', shown(action.unclaimed)],
    ['residual', shown(action.residual)],
    ...(holder === undefined ? [] : [[accounts.shown(holder), dueText(due, shown)] as const]),
  ]);
  return {
    data: {
      ...actionData(session, id, action),
      ...(holder === undefined ? {} : { holder: toChecksum(holder), due: dueData(due, data) }),
    },
    text: fields,
  };
}

type Due = Awaited<ReturnType<typeof askDue>>;

function askDue({ client }: Session, id: string, account: Address) {
  return client.read(m.entitlement, { id, account });
}

function dueText(due: Due, shown: (amount: bigint) => string): string {
  if (due === undefined) return 'nothing due';
  const amount = due.amount === undefined ? 'an amount that depends on the rate' : shown(due.amount);
  const units = due.units === undefined ? '' : ` for ${due.units} units`;
  return `${amount}${units}, ${due.standing}`;
}

function dueData(due: Due, data: (amount: bigint) => string) {
  if (due === undefined) return null;
  const { standing, amount, units } = due;
  return { standing, amount: amount === undefined ? null : data(amount), units: units?.toString() ?? null };
}

export function actionData(session: Session, id: string, action: ActionState) {
  const { data } = moneyOf(session, action);
  const { status, instrument, issuer, currency, kind, recordHeight, holders, details, closedAt } = action;
  return {
    ...{ id, status, kind, instrument, issuer: toChecksum(issuer), currency, recordHeight },
    paymentDay: details === undefined ? null : formatDay(details.paymentDay),
    deadline: details === undefined ? null : timeOf(details.deadline),
    ...{ declared: data(action.declared), holders, entitled: data(action.entitled), paid: data(action.paid) },
    ...{ unclaimed: data(action.unclaimed), residual: data(action.residual) },
    pays: kindText(session, action),
    closedAt: closedAt === undefined ? null : { height: closedAt.height, timestamp: timeOf(closedAt.timestamp) },
  };
}

/** Open actions, on one instrument or on all. */
export async function listActions(session: Session, instrument: string | undefined): Promise<CommandResult> {
  const { accounts } = session;
  const found = await openActions(session, instrument);
  const columns = [
    { title: 'ACTION' },
    { title: 'INSTRUMENT' },
    { title: 'ISSUER' },
    { title: 'STATUS' },
    { title: 'RECORD', align: 'right' as const },
    { title: 'PAYMENT DAY' },
    { title: 'SET ASIDE', align: 'right' as const },
  ];
  const rows = found.map((line) => [
    ...[line.id, line.instrument, accounts.shown(line.issuer), line.status, `${line.recordHeight}`],
    ...[formatDay(line.paymentDay), moneyOf(session, line).shown(line.declared)],
  ]);
  const data = found.map(({ issuer, paymentDay, deadline, declared, ...line }) => ({
    ...{ ...line, issuer: toChecksum(issuer), paymentDay: formatDay(paymentDay), deadline: timeOf(deadline) },
    declared: moneyOf(session, line).data(declared),
  }));
  return { data: { actions: data }, text: rows.length === 0 ? 'no open actions' : formatTable(columns, rows) };
}

async function openActions({ client }: Session, instrument: string | undefined) {
  const page = (after: string | undefined) =>
    instrument === undefined
      ? client.read(m.openActions, { limit: PAGE, after })
      : client.read(m.openOf, { instrument, limit: PAGE, after });
  const found: Awaited<ReturnType<typeof page>>[number][] = [];
  for (let count = 0; count < MAX_PAGES; count++) {
    const more = await page(found.at(-1)?.id);
    found.push(...more);
    if (more.length < PAGE) break;
  }
  return found;
}
