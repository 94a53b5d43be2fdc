import type { Command } from 'commander';
import { callOf } from '../../contracts/api/method.js';
import { cash } from '../../contracts/cash/cash.js';
import { toChecksum } from '../../primitives/address.js';
import { formatAmountForPeople, formatMajorAmount, parseMajorAmount } from '../amounts.js';
import { formatTime, registerBusinessDay, withCurrency } from '../cash/businessDay.js';
import type { Bind, Invocation } from '../invocation.js';
import { withExamples, withJson, withNetwork, withSending, withWallet } from '../options.js';
import type { CommandResult } from '../output.js';
import { finalResult, transact } from '../sending.js';
import { openSession } from '../session.js';
import { withDraft } from '../signing/draft.js';
import { formatFields } from '../table.js';
import { currencyOf, formatDay } from '../values.js';

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
  registerBusinessDay(group, bind);
  const show = withCurrency(group.command('show')).description('Show supply and business day of a currency.');
  withExamples(withJson(withNetwork(withWallet(show))), 'vostro cash show', 'vostro cash show --currency EUR').action(
    bind(showCash),
  );
}

function movement(group: Command, name: string, description: string): Command {
  const command = withCurrency(group.command(name))
    .description(description)
    .requiredOption('--amount <amount>', 'in the major unit, as 1250.00')
    .requiredOption('--reserve-reference <reference>', 'entry in the central bank’s books, used once');
  return withJson(withDraft(withSending(command)));
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

async function showCash(invocation: Invocation): Promise<CommandResult> {
  const session = await openSession(invocation);
  const currency = currencyOf(session.network, invocation.options.text('currency'));
  const decimals = session.network.decimalsOf(currency);
  const { issued, redeemed, outstanding } = await session.client.read(cash.methods.supply, { currency });
  const { day, isOpen, cutOffAt } = await session.client.read(cash.methods.businessDay, { currency });
  const money = (amount: bigint): string => `${formatAmountForPeople(amount, decimals)} ${currency}`;
  const businessDay = day === undefined ? 'none yet' : `${formatDay(day)}, ${isOpen ? 'open' : 'closed'}`;
  return {
    data: {
      currency,
      issued: formatMajorAmount(issued, decimals),
      redeemed: formatMajorAmount(redeemed, decimals),
      outstanding: formatMajorAmount(outstanding, decimals),
      businessDay: day === undefined ? null : formatDay(day),
      isOpen,
      cutOff: cutOffAt === undefined ? null : formatTime(cutOffAt),
    },
    text: formatFields([
      ['issued', money(issued)],
      ['redeemed', money(redeemed)],
      ['outstanding', money(outstanding)],
      ['business day', businessDay],
      ['cut-off', formatTime(cutOffAt)],
    ]),
  };
}
