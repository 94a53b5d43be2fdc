import type { Command } from 'commander';
import { callOf } from '../../contracts/api/method.js';
import { cash } from '../../contracts/cash/cash.js';
import { MAX_COUNTERPARTIES } from '../../contracts/cash/limitBook.js';
import { toChecksum } from '../../primitives/address.js';
import type { Address } from '../../primitives/types.js';
import { formatAmountForPeople, formatMajorAmount, parseMajorAmount } from '../amounts.js';
import { withCurrency } from '../cash/businessDay.js';
import { usageError } from '../errors.js';
import type { Bind, Invocation } from '../invocation.js';
import { repeated, withAccount, withExamples, withJson, withSending } from '../options.js';
import type { CommandResult } from '../output.js';
import { finalResult, transact } from '../sending.js';
import { openSession, type Session } from '../session.js';
import { withDraft } from '../signing/draft.js';
import { formatFields } from '../table.js';
import { currencyOf } from '../values.js';
import { keyAddress } from './policyOptions.js';

const m = cash.methods;
const LATER = 'What tightens a limit counts at once, what loosens one from the next business day that is opened.';

export function registerLimits(account: Command, bind: Bind): void {
  const group = account.command('limits').description(`What an account lets itself authorise. ${LATER}`);
  const show = withCurrency(group.command('show'))
    .description('Show an account’s limits, and what of them is used and left.')
    .argument('[account]', 'by name, BIC or address; the wallet’s own when left out');
  withExamples(withJson(withAccount(show)), 'vostro account limits show AURLDEFF/payments').action(bind(showLimits));
  const set = withCurrency(group.command('set'))
    .description(`Set all limits of the account but those towards others; one that is left out ends. ${LATER}`)
    .option('--per-payment <amount>', 'for each payment, transfer and lock, in the major unit')
    .option('--per-day <amount>', 'for all that is authorised on a business day')
    .option('--key <key=amount>', 'up to what amount a key counts, by address or label in the wallet', repeated, []);
  withExamples(
    withJson(withDraft(withSending(set))),
    'vostro account limits set --per-payment 250000.00 --per-day 1000000.00 --key maker=50000.00 --account AURLDEFF',
    'vostro account limits set --account AURLDEFF',
  ).action(bind(setLimits));
  const towards = withCurrency(group.command('counterparty'))
    .description(`Bound what the account authorises towards another on a business day. ${LATER}`)
    .requiredOption('--to <account>', 'the other account')
    .option('--amount <amount>', 'in the major unit; no limit any more when left out');
  withExamples(
    withJson(withDraft(withSending(towards))),
    'vostro account limits counterparty --to BORLFRPP --amount 500000.00 --account AURLDEFF',
  ).action(bind(setCounterparty));
}

/** Amounts of one currency, as they are read and shown. */
interface Money {
  readonly currency: string;
  readonly decimals: number;
}

function moneyOf({ network }: Session, { options }: Invocation): Money {
  const currency = currencyOf(network, options.text('currency'));
  return { currency, decimals: network.decimalsOf(currency) };
}

function optionalAmount({ options }: Invocation, name: string, { decimals }: Money): bigint | undefined {
  const text = options.text(name);
  return text === undefined ? undefined : parseMajorAmount(text, decimals);
}

async function setLimits(invocation: Invocation): Promise<CommandResult> {
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  const money = moneyOf(session, invocation);
  const perPayment = optionalAmount(invocation, 'perPayment', money);
  const perDay = optionalAmount(invocation, 'perDay', money);
  const keys = await Promise.all(invocation.options.list('key').map((text) => keyLimit(session, text, money)));
  const { currency } = money;
  const calls = [callOf(m.setLimits, { currency, account: account.account, perPayment, perDay, keys })];
  const words = limitWords({ perPayment, perDay, keys }, money);
  return transact(session, invocation, { account, calls }, (final) =>
    finalResult(final, `limits of ${account.name}: ${words}. ${LATER}`, {
      ...{ account: toChecksum(account.account), currency, ...limitData({ perPayment, perDay, keys }, money) },
    }),
  );
}

/** `maker=50000.00` */
async function keyLimit(session: Session, text: string, { decimals }: Money) {
  const [name = '', amount] = text.split('=', 2);
  if (amount === undefined)
    throw usageError('--key', 'a key and its amount, as maker=50000.00', `"${text.slice(0, 60)}"`);
  return { key: await keyAddress(session, name), amount: parseMajorAmount(amount, decimals) };
}

async function setCounterparty(invocation: Invocation): Promise<CommandResult> {
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  const money = moneyOf(session, invocation);
  const { currency } = money;
  const creditor = await session.accounts.address(invocation.options.required('to'));
  const amount = optionalAmount(invocation, 'amount', money);
  const calls = [callOf(m.setCounterpartyLimit, { currency, account: account.account, creditor, amount })];
  const shown = amount === undefined ? 'no limit' : `a limit of ${shownMoney(amount, money)} a day`;
  return transact(session, invocation, { account, calls }, (final) =>
    finalResult(final, `${shown} towards ${session.accounts.shown(creditor)}. ${LATER}`, {
      ...{ account: toChecksum(account.account), creditor: toChecksum(creditor), currency },
      amount: exact(amount, money),
    }),
  );
}

async function showLimits(invocation: Invocation): Promise<CommandResult> {
  const session = await openSession(invocation);
  const { account, name } = await session.accounts.own(invocation.args[0] ?? session.settings.account);
  const money = moneyOf(session, invocation);
  const { currency } = money;
  const limits = await session.client.read(m.limits, { currency, account });
  const towards = await session.client.read(m.counterpartyLimits, { currency, account, limit: MAX_COUNTERPARTIES });
  if (limits === undefined) {
    return {
      data: { account: toChecksum(account), currency, limits: null },
      text: `${name} has no limits in ${currency}`,
    };
  }
  const { used, left, next } = limits;
  return {
    data: {
      account: toChecksum(account),
      currency,
      limits: { ...limitData(limits, money), used: exact(used, money), left: exact(left, money) },
      next: next === undefined ? null : limitData(next, money),
      counterparties: towards.map((each) => ({
        creditor: toChecksum(each.creditor),
        amount: exact(each.amount, money),
        next: each.next === undefined ? null : { amount: exact(each.next.amount, money) },
        used: exact(each.used, money),
        left: exact(each.left, money),
      })),
    },
    text: formatFields([
      ['today', limitWords(limits, money)],
      ...(next === undefined ? [] : [['next business day', limitWords(next, money)] as const]),
      ['authorised today', shownMoney(used, money)],
      ['left today', left === undefined ? 'no limit' : shownMoney(left, money)],
      ...towards.map(({ creditor, amount, next: later, used: spent }): [string, string] => [
        `towards ${session.accounts.shown(creditor)}`,
        `${orNone(amount, money)}, used ${shownMoney(spent, money)}${later === undefined ? '' : `, next business day ${orNone(later.amount, money)}`}`,
      ]),
    ]),
  };
}

interface LimitValues {
  readonly perPayment?: bigint | undefined;
  readonly perDay?: bigint | undefined;
  readonly keys: readonly { readonly key: Address; readonly amount: bigint }[];
}

function limitWords({ perPayment, perDay, keys }: LimitValues, money: Money): string {
  const words = [
    ...(perPayment === undefined ? [] : [`${shownMoney(perPayment, money)} a payment`]),
    ...(perDay === undefined ? [] : [`${shownMoney(perDay, money)} a day`]),
    ...keys.map(({ key, amount }) => `${toChecksum(key)} up to ${shownMoney(amount, money)}`),
  ];
  return words.length === 0 ? 'none' : words.join(', ');
}

function limitData({ perPayment, perDay, keys }: LimitValues, money: Money) {
  return {
    perPayment: exact(perPayment, money),
    perDay: exact(perDay, money),
    keys: keys.map(({ key, amount }) => ({ key: toChecksum(key), amount: exact(amount, money) })),
  };
}

function orNone(amount: bigint | undefined, money: Money): string {
  return amount === undefined ? 'no limit' : shownMoney(amount, money);
}

function shownMoney(amount: bigint, { currency, decimals }: Money): string {
  return `${formatAmountForPeople(amount, decimals)} ${currency}`;
}

function exact(amount: bigint | undefined, { decimals }: Money): string | null {
  return amount === undefined ? null : formatMajorAmount(amount, decimals);
}
