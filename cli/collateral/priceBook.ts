import { assets, prices } from '../../contracts/index.js';
import { toChecksum } from '../../primitives/address.js';
import { readInstrument } from '../asset/instrumentBook.js';
import { CliError } from '../errors.js';
import type { CommandResult } from '../output.js';
import { collectPages, PAGE_ITEMS } from '../pages.js';
import type { Session } from '../session.js';
import { formatFields, formatTable } from '../table.js';
import { formatBps } from './percent.js';
import { Money, timeOf } from './step.js';

const p = prices.methods;
/** Feeds of one page of the view. */
const PAGE = Math.min(100, PAGE_ITEMS);

export type Feed = NonNullable<Awaited<ReturnType<typeof askFeed>>>;

function askFeed({ client }: Session, instrument: string) {
  return client.read(p.feed, { instrument });
}

/** Who prices an instrument, and its price. @throws CliError `NOT_FOUND` */
export async function readFeed(session: Session, instrument: string): Promise<Feed> {
  const found = await askFeed(session, instrument);
  if (found !== undefined) return found;
  throw new CliError('NOT_FOUND', `expected an instrument with a price feed, found none for "${instrument}"`, {
    expected: 'a price feed',
    actual: instrument,
    hint: '`vostro price feed` sets one, for the central bank of the currency',
  });
}

export async function moneyOf(session: Session, instrument: string): Promise<Money> {
  return new Money(session, (await readInstrument(session, instrument)).currency);
}

function forUnits({ per }: Pick<Feed, 'per'>): string {
  return per === 1n ? 'a unit' : `${per} units`;
}

export async function describeFeed(session: Session, instrument: string): Promise<CommandResult> {
  const feed = await readFeed(session, instrument);
  const money = await moneyOf(session, instrument);
  const { quote, proposed } = feed;
  const { accounts } = session;
  const priced = (price: bigint, pricedAt: number, oracle: Feed['oracles'][number]): string =>
    `${money.shown(price)} for ${forUnits(feed)}, at ${timeOf(pricedAt)} by ${accounts.shown(oracle)}`;
  const text = formatFields([
    ['instrument', instrument],
    ['price', quote === undefined ? 'none' : priced(quote.price, quote.pricedAt, quote.oracle)],
    ['status', quote === undefined ? 'missing' : quote.isFresh ? 'fresh' : 'stale'],
    ...proposed.map(
      ({ price, pricedAt, oracle }) =>
        ['waits', `${priced(price, pricedAt, oracle)}: a second member must confirm it`] as const,
    ),
    ['oracles', feed.oracles.map((oracle) => accounts.shown(oracle)).join(', ')],
    ['band', `${formatBps(feed.bandBps)} a day without a second member`],
    ['stale after', `${Math.round(feed.maxAgeMs / 60_000)} minutes`],
  ]);
  return { data: feedData(feed, money), text };
}

function feedData({ instrument, oracles, per, maxAgeMs, bandBps, quote, proposed }: Feed, money: Money) {
  return {
    ...{ instrument, currency: money.currency, per: per.toString(), maxAgeMs, bandBps },
    oracles: oracles.map((oracle) => toChecksum(oracle)),
    price: quote === undefined ? null : money.data(quote.price),
    pricedAt: quote === undefined ? null : timeOf(quote.pricedAt),
    isFresh: quote?.isFresh === true,
    proposed: proposed.map(({ price, pricedAt, oracle }) => ({
      ...{ price: money.data(price), pricedAt: timeOf(pricedAt), oracle: toChecksum(oracle) },
    })),
  };
}

/** Every instrument that has a price, or should. */
export async function listFeeds(session: Session): Promise<CommandResult> {
  const feeds: Feed[] = [];
  for (;;) {
    const more = await session.client.read(p.feeds, { limit: PAGE, after: feeds.at(-1)?.instrument });
    feeds.push(...more);
    if (more.length < PAGE) break;
  }
  const instruments = new Map(
    (
      await collectPages<{ readonly instrument: string; readonly currency: string }>((last) =>
        session.client.read(assets.methods.instruments, { limit: PAGE_ITEMS, after: last?.instrument }),
      )
    ).map(({ instrument, currency }) => [instrument, currency]),
  );
  const moneys = feeds.map(({ instrument }) => new Money(session, instruments.get(instrument) ?? ''));
  const columns = [
    { title: 'INSTRUMENT' },
    { title: 'PRICE', align: 'right' },
    { title: 'FOR' },
    { title: 'AT' },
    { title: 'STATUS' },
  ] as const;
  const rows = feeds.map((feed, index) => [
    feed.instrument,
    feed.quote === undefined ? 'none' : (moneys[index] as Money).shown(feed.quote.price),
    forUnits(feed),
    feed.quote === undefined ? '' : timeOf(feed.quote.pricedAt),
    `${feed.quote?.isFresh === true ? 'fresh' : 'stale'}${feed.proposed.length === 0 ? '' : ', another waits'}`,
  ]);
  const data = feeds.map((feed, index) => feedData(feed, moneys[index] as Money));
  return { data: { prices: data }, text: rows.length === 0 ? 'no price feeds' : formatTable(columns, rows) };
}
