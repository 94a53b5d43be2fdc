import { repo } from '../../contracts/index.js';
import { toChecksum } from '../../primitives/address.js';
import { toHex } from '../../primitives/bytes.js';
import type { Address } from '../../primitives/types.js';
import { formatAmountForPeople } from '../amounts.js';
import { formatBps, formatRate } from '../collateral/percent.js';
import { type Description, Money, timeOf } from '../collateral/step.js';
import { CliError } from '../errors.js';
import type { CommandResult } from '../output.js';
import type { Session } from '../session.js';
import { formatFields, formatTable } from '../table.js';

const r = repo.methods;
/** Repos of one page of the view. */
const PAGE = 100;

export type Shown = NonNullable<Awaited<ReturnType<typeof askRepo>>>;
type Over = NonNullable<Awaited<ReturnType<typeof askClosed>>>;

function askRepo({ client }: Session, id: string) {
  return client.read(r.repo, { id });
}

function askClosed({ client }: Session, id: string) {
  return client.read(r.closed, { id });
}

/** A repo that is offered or open. @throws CliError `NOT_FOUND` */
export async function readRepo(session: Session, id: string): Promise<Shown> {
  return (await askRepo(session, id)) ?? refuse(id);
}

function refuse(id: string): never {
  throw new CliError('NOT_FOUND', `expected a repo of this network, found none called "${id.slice(0, 80)}"`, {
    expected: 'a repo',
    actual: id.slice(0, 80),
    hint: '`vostro repo list --account NAME` lists those that are offered or open',
  });
}

export function unitsText({ instrument, units }: { readonly instrument: string; readonly units: bigint }): string {
  return `${formatAmountForPeople(units, 0)} ${instrument}`;
}

/** A repo as it stands, or as it ended. */
export async function describeRepo(session: Session, id: string): Promise<Description> {
  const open = await askRepo(session, id);
  if (open !== undefined) return { data: repoData(session, id, open), text: repoText(session, id, open) };
  return describeOver(session, id, (await askClosed(session, id)) ?? refuse(id));
}

function repoText(session: Session, id: string, repo: Shown): string {
  const money = new Money(session, repo.currency);
  const { accounts } = session;
  const {
    status,
    seller,
    buyer,
    cash,
    rate,
    owed,
    margin,
    covered,
    isFresh,
    isEarly,
    call,
    notice,
    tender,
    substitute,
  } = repo;
  const isOffer = status === 'offered';
  const worth = covered === undefined ? 'no price' : `${money.shown(covered)}${isFresh ? '' : ', by a stale price'}`;
  return formatFields([
    ['repo', id],
    ['status', isEarly ? `${status}; the buyer lets it be closed now` : status],
    ['seller', accounts.shown(seller)],
    ['buyer', accounts.shown(buyer)],
    ['units', unitsText(repo)],
    ['cash', `${money.shown(cash)} at ${formatRate(rate)} a year, ACT/360`],
    ...(isOffer
      ? [['accept before', timeOf(repo.opensBefore)] as const]
      : ([
          ['owed now', `${money.shown(owed)}${margin > 0n ? `, ${money.shown(margin)} of it paid as margin` : ''}`],
          ['covered by', `${worth}, after a haircut of ${formatBps(repo.haircutBps)}`],
        ] as const)),
    ['closes at', `${timeOf(repo.closesAt)}, and ${Math.round(repo.graceMs / 60_000)} minutes of grace`],
    ...(call === undefined
      ? []
      : [['margin call', `${money.shown(call.amount)} until ${timeOf(call.deadline)}`] as const]),
    ...(notice === undefined ? [] : [['notice', `of ${notice.ground}, until ${timeOf(notice.until)}`] as const]),
    ...(substitute === undefined ? [] : [['substitute', `${unitsText(substitute)}: the buyer may accept`] as const]),
    ...(tender === undefined
      ? []
      : [['set aside', `${money.shown(tender.price)} since ${timeOf(tender.tenderedAt)}`] as const]),
    ['terms', toHex(repo.terms)],
  ]);
}

export function repoData(session: Session, id: string, repo: Shown) {
  const money = new Money(session, repo.currency);
  const { seller, buyer, terms, covered, openedAt, call, notice, tender, substitute } = repo;
  return {
    ...{ id, status: repo.status, seller: toChecksum(seller), buyer: toChecksum(buyer), terms: toHex(terms) },
    ...{ instrument: repo.instrument, units: repo.units.toString(), currency: repo.currency },
    ...{ cash: money.data(repo.cash), rate: formatRate(repo.rate), haircut: formatBps(repo.haircutBps) },
    ...{ opensBefore: timeOf(repo.opensBefore), closesAt: timeOf(repo.closesAt), graceMs: repo.graceMs },
    openedAt: openedAt === undefined ? null : timeOf(openedAt),
    ...{ owed: money.data(repo.owed), margin: money.data(repo.margin), isFresh: repo.isFresh, isEarly: repo.isEarly },
    covered: covered === undefined ? null : money.data(covered),
    call: call === undefined ? null : { amount: money.data(call.amount), deadline: timeOf(call.deadline) },
    notice: notice === undefined ? null : { ground: notice.ground, until: timeOf(notice.until) },
    tender: tender === undefined ? null : { price: money.data(tender.price), at: timeOf(tender.tenderedAt) },
    substitute: substitute === undefined ? null : { ...substitute, units: substitute.units.toString() },
  };
}

function describeOver(session: Session, id: string, over: Over): Description {
  const money = new Money(session, over.currency);
  const { status, paid, seller, buyer, failure, timestamp, height, isUncollected } = over;
  const difference = failure?.difference;
  const text = formatFields([
    ['repo', id],
    ['status', `${status} at ${timeOf(timestamp)}, height ${height}`],
    ['seller', session.accounts.shown(seller)],
    ['buyer', session.accounts.shown(buyer)],
    ['units', unitsText(over)],
    ...(status === 'closed' ? [['paid', money.shown(paid)] as const] : []),
    ...(isUncollected ? [['waits', `for the buyer: vostro repo collect ${id}`] as const] : []),
    ...(failure === undefined
      ? []
      : ([
          ['was owed', `${money.shown(failure.repurchase)}, ${money.shown(failure.margin)} of it paid as margin`],
          ['units worth', failure.value === undefined ? 'no price' : money.shown(failure.value)],
        ] as const)),
    ...(difference === undefined
      ? []
      : [['difference', `the ${difference.owedBy} owes ${money.shown(difference.amount)}`] as const]),
  ]);
  const data = {
    ...{ id, status, seller: toChecksum(seller), buyer: toChecksum(buyer), currency: over.currency },
    ...{ instrument: over.instrument, units: over.units.toString(), paid: money.data(paid), isUncollected },
    ...{ closedAt: { height, timestamp: timeOf(timestamp) } },
    failure:
      failure === undefined
        ? null
        : {
            ...{ owed: money.data(failure.repurchase), margin: money.data(failure.margin) },
            value: failure.value === undefined ? null : money.data(failure.value),
            difference:
              difference === undefined ? null : { owedBy: difference.owedBy, amount: money.data(difference.amount) },
          },
  };
  return { data, text };
}

/** What an account has offered, is offered, or is a party of, and is not over. */
export async function openRepos(session: Session, account: Address) {
  const found: Awaited<ReturnType<typeof page>>[number][] = [];
  for (;;) {
    const more = await page(session, account, found.at(-1)?.id);
    found.push(...more);
    if (more.length < PAGE) return found;
  }
}

function page({ client }: Session, account: Address, after: string | undefined) {
  return client.read(r.reposOf, { account, limit: PAGE, after });
}

export async function listRepos(session: Session, account: Address): Promise<CommandResult> {
  const found = await openRepos(session, account);
  const columns = [
    { title: 'REPO' },
    { title: 'UNITS', align: 'right' },
    { title: 'CASH', align: 'right' },
    { title: 'SELLER' },
    { title: 'BUYER' },
    { title: 'CLOSES AT' },
    { title: 'STATUS' },
  ] as const;
  const rows = found.map((repo) => [
    ...[repo.id, unitsText(repo), new Money(session, repo.currency).shown(repo.cash)],
    ...[session.accounts.shown(repo.seller), session.accounts.shown(repo.buyer), timeOf(repo.closesAt)],
    repo.call === undefined ? repo.status : 'called',
  ]);
  const data = found.map(({ id, ...repo }) => repoData(session, id, repo));
  return { data: { repos: data }, text: rows.length === 0 ? 'no repos' : formatTable(columns, rows) };
}
