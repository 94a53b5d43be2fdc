import type { Command } from 'commander';
import { callOf } from '../../contracts/api/method.js';
import { cash } from '../../contracts/cash/cash.js';
import { MAX_FIGURES } from '../../contracts/cash/figures.js';
import type { TimestampMs } from '../../primitives/types.js';
import { formatAmountForPeople, formatMajorAmount } from '../amounts.js';
import { usageError } from '../errors.js';
import { parseMoment } from '../governance/terms.js';
import type { Bind, Invocation } from '../invocation.js';
import { withExamples, withJson, withNetwork, withSending, withWallet } from '../options.js';
import type { CommandResult } from '../output.js';
import { finalResult, transact } from '../sending.js';
import { openSession } from '../session.js';
import { withDraft } from '../signing/draft.js';
import { formatTable } from '../table.js';
import { currencyOf, formatDay, parseDay } from '../values.js';

const m = cash.methods;
/** Days of one listing when nothing else is said. */
const DEFAULT_DAYS = 10;
const TIME = 'as 2026-01-05T16:00:00Z, or +2h for so long from now';

export function withCurrency(command: Command): Command {
  return command.option('--currency <code>', 'ISO 4217 code; needed only where the network has several');
}

/** A point of consensus time as ISO 8601. */
export function formatTime(timeMs: TimestampMs | undefined): string {
  return timeMs === undefined ? 'none' : new Date(timeMs).toISOString();
}

export function registerBusinessDay(group: Command, bind: Bind): void {
  const open = withCurrency(group.command('open-day'))
    .description('Open the business day: only then payments settle.')
    .requiredOption('--day <day>', 'the day, as 2026-01-05')
    .option('--cut-off <time>', `until when new payments are taken, ${TIME}; until the close when left out`);
  withExamples(
    withJson(withDraft(withSending(open))),
    'vostro cash open-day --account CBVODEFF --day 2026-01-05',
    'vostro cash open-day --account CBVODEFF --day 2026-01-05 --cut-off 2026-01-05T16:00:00Z',
  ).action(bind(openDay));
  const cutOff = withCurrency(group.command('cut-off'))
    .description('Move the cut-off of the open business day: from then on no new payments are taken.')
    .option('--at <time>', `the new cut-off, ${TIME}`)
    .option('--none', 'take new payments until the close');
  withExamples(
    withJson(withDraft(withSending(cutOff))),
    'vostro cash cut-off --at +30m --account CBVODEFF',
    'vostro cash cut-off --none --account CBVODEFF',
  ).action(bind(setCutOff));
  const close = withCurrency(group.command('close-day')).description('Close the business day.');
  withExamples(withJson(withDraft(withSending(close))), 'vostro cash close-day --account CBVODEFF').action(
    bind(closeDay),
  );
  const figures = withCurrency(group.command('figures'))
    .description('Show what business days began and ended with, to reconcile with the reserve account.')
    .option('--day <day>', 'this day alone, as 2026-01-05')
    .option('--limit <number>', `how many, the newest last; ${DEFAULT_DAYS} when left out`);
  withExamples(
    withJson(withNetwork(withWallet(figures))),
    'vostro cash figures',
    'vostro cash figures --day 2026-01-05 --json',
  ).action(bind(showFigures));
}

async function openDay(invocation: Invocation): Promise<CommandResult> {
  const { options, host } = invocation;
  const day = parseDay(options.required('day'), '--day');
  const text = options.text('cutOff');
  const cutOffAt = text === undefined ? undefined : parseMoment(text, '--cut-off', host.nowMs());
  const session = await openSession(invocation);
  const currency = currencyOf(session.network, options.text('currency'));
  const account = await session.accounts.own(session.settings.account);
  const calls = [callOf(m.openBusinessDay, { currency, day, cutOffAt })];
  const until = cutOffAt === undefined ? '' : `, new payments until ${formatTime(cutOffAt)}`;
  return transact(session, invocation, { account, calls }, (final) =>
    finalResult(final, `opened ${formatDay(day)} for ${currency}${until}`, {
      ...{ currency, day: formatDay(day), cutOff: cutOffAt === undefined ? null : formatTime(cutOffAt) },
    }),
  );
}

async function setCutOff(invocation: Invocation): Promise<CommandResult> {
  const { options, host } = invocation;
  const text = options.text('at');
  if ((text === undefined) !== options.flag('none')) throw usageError('--at and --none', 'one of them', 'both or none');
  const cutOffAt = text === undefined ? undefined : parseMoment(text, '--at', host.nowMs());
  const session = await openSession(invocation);
  const currency = currencyOf(session.network, options.text('currency'));
  const account = await session.accounts.own(session.settings.account);
  const calls = [callOf(m.setCutOff, { currency, cutOffAt })];
  const until = cutOffAt === undefined ? 'the close of the day' : formatTime(cutOffAt);
  return transact(session, invocation, { account, calls }, (final) =>
    finalResult(final, `${currency} takes new payments until ${until}`, {
      ...{ currency, cutOff: cutOffAt === undefined ? null : formatTime(cutOffAt) },
    }),
  );
}

async function closeDay(invocation: Invocation): Promise<CommandResult> {
  const session = await openSession(invocation);
  const currency = currencyOf(session.network, invocation.options.text('currency'));
  const account = await session.accounts.own(session.settings.account);
  const calls = [callOf(m.closeBusinessDay, { currency })];
  return transact(session, invocation, { account, calls }, (final) =>
    finalResult(final, `closed the business day of ${currency}`, { currency }),
  );
}

async function showFigures(invocation: Invocation): Promise<CommandResult> {
  const { options } = invocation;
  const named = options.text('day');
  const day = named === undefined ? undefined : parseDay(named, '--day');
  const limit = options.integer('limit', 1, MAX_FIGURES) ?? DEFAULT_DAYS;
  const session = await openSession(invocation);
  const currency = currencyOf(session.network, options.text('currency'));
  const decimals = session.network.decimalsOf(currency);
  const all = await session.client.read(m.figures, { currency, limit: MAX_FIGURES });
  const found = day === undefined ? all.slice(-limit) : all.filter((figures) => figures.day === day);
  const exact = (amount: bigint): string => formatMajorAmount(amount, decimals);
  const data = found.map(({ day: on, opened, closed, cutOffAt, outstandingAtClose, ...amounts }) => ({
    day: formatDay(on),
    openedAt: formatTime(opened.timestamp),
    openedInBlock: opened.height,
    closedAt: closed === undefined ? null : formatTime(closed.timestamp),
    closedInBlock: closed?.height ?? null,
    cutOff: cutOffAt === undefined ? null : formatTime(cutOffAt),
    outstandingAtOpen: exact(amounts.outstandingAtOpen),
    issued: exact(amounts.issued),
    redeemed: exact(amounts.redeemed),
    outstandingAtClose: outstandingAtClose === undefined ? null : exact(outstandingAtClose),
  }));
  const shown = (amount: bigint): string => formatAmountForPeople(amount, decimals);
  const rows = found.map((figures) => [
    formatDay(figures.day),
    ...[figures.outstandingAtOpen, figures.issued, figures.redeemed].map(shown),
    figures.outstandingAtClose === undefined ? 'open' : shown(figures.outstandingAtClose),
    formatTime(figures.cutOffAt),
  ]);
  return {
    data: { currency, days: data },
    text: rows.length === 0 ? `no figures of ${currency}` : formatTable(FIGURE_COLUMNS, rows),
  };
}

const FIGURE_COLUMNS = [
  { title: 'DAY' },
  { title: 'OUTSTANDING AT OPEN', align: 'right' },
  { title: 'ISSUED', align: 'right' },
  { title: 'REDEEMED', align: 'right' },
  { title: 'OUTSTANDING AT CLOSE', align: 'right' },
  { title: 'CUT-OFF' },
] as const;
