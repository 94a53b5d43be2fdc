import { callOf } from '../../contracts/api/method.js';
import { queue } from '../../contracts/index.js';
import { toChecksum } from '../../primitives/address.js';
import { invariant } from '../../primitives/errors.js';
import type { Call } from '../../primitives/types.js';
import { parseMajorAmount } from '../amounts.js';
import { usageError } from '../errors.js';
import { argument, type Invocation } from '../invocation.js';
import type { CommandResult } from '../output.js';
import { finalResult, transact } from '../sending.js';
import { openSession } from '../session.js';
import { currencyOf } from '../values.js';
import { QueueWords } from './queueText.js';
import { queuePriorityOf } from './submitPayments.js';

/** The number of a payment. @throws CliError `USAGE_INVALID` */
export function itemNumber(invocation: Invocation): number {
  const text = argument(invocation, 0, 'payment');
  if (/^[1-9]\d{0,14}$/.test(text)) return Number(text);
  throw usageError('payment', 'its number in the queue, as 17', `"${text.slice(0, 40)}"`);
}

const DONE = { hold: 'is held', release: 'takes part again', cancel: 'is cancelled' } as const;

/** Does one thing with a payment that waits; what is over is dropped instead, and the result says so. */
export async function changeItem(invocation: Invocation, name: keyof typeof DONE): Promise<CommandResult> {
  return change(invocation, DONE[name], (key) => callOf(queue.methods[name], key));
}

export async function reprioritiseItem(invocation: Invocation): Promise<CommandResult> {
  const priority = queuePriorityOf(invocation.options.required('queuePriority')) ?? 'normal';
  return change(invocation, `is ${priority} now`, (key) => callOf(queue.methods.reprioritise, { ...key, priority }));
}

async function change(
  invocation: Invocation,
  done: string,
  callFor: (key: { readonly currency: string; readonly id: number }) => Call,
): Promise<CommandResult> {
  const id = itemNumber(invocation);
  const session = await openSession(invocation);
  const currency = currencyOf(session.network, invocation.options.text('currency'));
  const account = await session.accounts.own(session.settings.account);
  return transact(session, invocation, { account, calls: [callFor({ currency, id })] }, (final) => {
    const [bytes] = final.receipt.results;
    const { returns } = queue.methods.hold;
    invariant(bytes !== undefined && returns !== undefined, 'a change of a payment has a result');
    const { status } = returns.decode(bytes);
    const isOver = status === 'expired' || status === 'dayClosed';
    const sentence = isOver ? 'was over and has left the queue instead' : done;
    return finalResult(final, `payment ${id} of the ${currency} queue ${sentence}`, { id, currency, status });
  });
}

export async function setLimit(invocation: Invocation): Promise<CommandResult> {
  const { options } = invocation;
  const session = await openSession(invocation);
  const currency = currencyOf(session.network, options.text('currency'));
  const words = new QueueWords(session, currency);
  const account = await session.accounts.own(session.settings.account);
  const creditor = await session.accounts.address(options.required('to'));
  const text = options.text('amount');
  const amount = text === undefined ? undefined : parseMajorAmount(text, session.network.decimalsOf(currency));
  const call = callOf(queue.methods.setLimit, { currency, debtor: account.account, creditor, amount });
  const bound = amount === undefined ? 'no limit' : `a limit of ${words.amount(amount)} ${currency} a day`;
  const data = { creditor: toChecksum(creditor), amount: amount === undefined ? null : words.exact(amount), currency };
  return transact(session, invocation, { account, calls: [call] }, (final) =>
    finalResult(final, `${bound} towards ${words.account(creditor)}`, data),
  );
}

export async function reserveMoney(invocation: Invocation): Promise<CommandResult> {
  const { options } = invocation;
  const session = await openSession(invocation);
  const currency = currencyOf(session.network, options.text('currency'));
  const words = new QueueWords(session, currency);
  const account = await session.accounts.own(session.settings.account);
  const amount = parseMajorAmount(options.required('amount'), session.network.decimalsOf(currency));
  const call = callOf(queue.methods.reserve, { currency, account: account.account, amount });
  return transact(session, invocation, { account, calls: [call] }, (final) =>
    finalResult(final, `reserved ${words.amount(amount)} ${currency} for payments above normal`, {
      currency,
      amount: words.exact(amount),
    }),
  );
}
