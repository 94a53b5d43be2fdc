import type { Command } from 'commander';
import { callOf } from '../../contracts/api/method.js';
import { cash } from '../../contracts/cash/cash.js';
import { toChecksum } from '../../primitives/address.js';
import { formatAmountForPeople, formatMajorAmount, parseMajorAmount } from '../amounts.js';
import type { Bind, Invocation } from '../invocation.js';
import { withExamples, withJson, withNetwork, withSending, withWallet } from '../options.js';
import type { CommandResult } from '../output.js';
import { finalResult, transact } from '../sending.js';
import { openSession, type Session } from '../session.js';
import { formatFields } from '../table.js';
import { currencyOf, formatDay, parseDay } from '../values.js';

export function register(program: Command, bind: Bind): void {
  const group = program
    .command('cash')
    .description('Central bank money: issue, redeem, open and close the business day.');
  const issue = movement(
    group,
    'issue',
    'Issue cash against reserves that the central bank has debited.',
  ).requiredOption('--to <account>', 'account that receives it');
  withExamples(
    issue,
    'vostro cash issue --account CBVODEFF --to AURLDEFF --amount 1000000.00 --reserve-reference RES-2026-0001',
  ).action(bind((invocation) => move(invocation, 'issue', 'to')));
  const redeem = movement(group, 'redeem', 'Take cash back against reserves; the account that is debited signs, too.')
    .requiredOption('--from <account>', 'account that is debited')
    .addHelpText('after', '\nThe wallet must hold the keys of both: the central bank’s and those of the account.');
  withExamples(
    redeem,
    'vostro cash redeem --account CBVODEFF --from AURLDEFF --amount 500.00 --reserve-reference RES-2026-0002',
  ).action(bind((invocation) => move(invocation, 'redeem', 'from')));
  const open = withCurrency(group.command('open-day'))
    .description('Open the business day: only then payments settle.')
    .requiredOption('--day <day>', 'the day, as 2026-01-05');
  withExamples(withJson(withSending(open)), 'vostro cash open-day --account CBVODEFF --day 2026-01-05').action(
    bind(openDay),
  );
  const close = withCurrency(group.command('close-day')).description('Close the business day.');
  withExamples(withJson(withSending(close)), 'vostro cash close-day --account CBVODEFF').action(bind(closeDay));
  const show = withCurrency(group.command('show')).description('Show supply and business day of a currency.');
  withExamples(withJson(withNetwork(withWallet(show))), 'vostro cash show', 'vostro cash show --currency EUR').action(
    bind(showCash),
  );
}

function withCurrency(command: Command): Command {
  return command.option('--currency <code>', 'ISO 4217 code; needed only where the network has several');
}

function movement(group: Command, name: string, description: string): Command {
  const command = withCurrency(group.command(name))
    .description(description)
    .requiredOption('--amount <amount>', 'in the major unit, as 1250.00')
    .requiredOption('--reserve-reference <reference>', 'entry in the central bank’s books, used once');
  return withJson(withSending(command));
}

async function move(invocation: Invocation, method: 'issue' | 'redeem', side: 'to' | 'from'): Promise<CommandResult> {
  const { options } = invocation;
  const session = await openSession(invocation);
  const currency = currencyOf(session.network, options.text('currency'));
  const decimals = session.network.decimalsOf(currency);
  const amount = parseMajorAmount(options.required('amount'), decimals);
  const reserveReference = options.required('reserveReference');
  const account = await session.accounts.own(session.settings.account);
  const party = await session.accounts.find(options.required(side));
  const request = {
    account,
    calls: [callOf(cash.methods[method], { currency, account: party.account, amount, reserveReference })],
    ...(method === 'redeem' ? { alsoSigned: [party] } : {}),
  };
  const shown = `${formatAmountForPeople(amount, decimals)} ${currency}`;
  const verb = method === 'issue' ? 'issued' : 'redeemed';
  const sentence = `${verb} ${shown} ${side} ${session.accounts.shown(party.account)}`;
  return transact(session, invocation, request, (final) =>
    finalResult(final, sentence, {
      currency,
      amount: formatMajorAmount(amount, decimals),
      account: toChecksum(party.account),
      reserveReference,
    }),
  );
}

async function openDay(invocation: Invocation): Promise<CommandResult> {
  const { options } = invocation;
  const day = parseDay(options.required('day'), '--day');
  const session = await openSession(invocation);
  const currency = currencyOf(session.network, options.text('currency'));
  const account = await session.accounts.own(session.settings.account);
  const calls = [callOf(cash.methods.openBusinessDay, { currency, day })];
  return transact(session, invocation, { account, calls }, (final) =>
    finalResult(final, `opened ${formatDay(day)} for ${currency}`, { currency, day: formatDay(day) }),
  );
}

async function closeDay(invocation: Invocation): Promise<CommandResult> {
  const session = await openSession(invocation);
  const currency = currencyOf(session.network, invocation.options.text('currency'));
  const account = await session.accounts.own(session.settings.account);
  const calls = [callOf(cash.methods.closeBusinessDay, { currency })];
  return transact(session, invocation, { account, calls }, (final) =>
    finalResult(final, `closed the business day of ${currency}`, { currency }),
  );
}

async function showCash(invocation: Invocation): Promise<CommandResult> {
  const session = await openSession(invocation);
  const currency = currencyOf(session.network, invocation.options.text('currency'));
  const decimals = session.network.decimalsOf(currency);
  const supply = await session.client.read(cash.methods.supply, { currency });
  const day = await businessDay(session, currency);
  const outstanding = supply.issued - supply.redeemed;
  const money = (amount: bigint): string => `${formatAmountForPeople(amount, decimals)} ${currency}`;
  return {
    data: {
      currency,
      issued: formatMajorAmount(supply.issued, decimals),
      redeemed: formatMajorAmount(supply.redeemed, decimals),
      outstanding: formatMajorAmount(outstanding, decimals),
      businessDay: day.day === undefined ? null : formatDay(day.day),
      isOpen: day.isOpen,
    },
    text: formatFields([
      ['issued', money(supply.issued)],
      ['redeemed', money(supply.redeemed)],
      ['outstanding', money(outstanding)],
      ['business day', day.day === undefined ? 'none yet' : `${formatDay(day.day)}, ${day.isOpen ? 'open' : 'closed'}`],
    ]),
  };
}

function businessDay({ client }: Session, currency: string) {
  return client.read(cash.methods.businessDay, { currency });
}
