import { cash, membership } from '../../../contracts/index.js';
import { toChecksum } from '../../../primitives/address.js';
import type { Address } from '../../../primitives/types.js';
import { formatAmountForPeople, formatMajorAmount } from '../../amounts.js';
import { argument, type Invocation } from '../../invocation.js';
import type { CommandResult } from '../../output.js';
import { openSession, type Session } from '../../session.js';
import { formatTable } from '../../table.js';
import { currencyOf } from '../../values.js';
import { DayPayments } from './dayPayments.js';
import { readDay } from './readDay.js';
import { type DrillResult, replayWithout } from './replay.js';

/** The open business day again, without a member: who could not have paid what. Sends nothing. */
export async function drillDefault(invocation: Invocation): Promise<CommandResult> {
  const member = argument(invocation, 0, 'bic');
  const session = await openSession(invocation);
  const { client, network } = session;
  const currency = currencyOf(network, invocation.options.text('currency'));
  const day = new DayPayments(currency);
  for (const each of await readDay(client, currency, (text) => invocation.output.note(text))) day.add(each);
  const payments = day.all();
  const accounts = [...new Set(payments.flatMap(({ debtor, creditor }) => [debtor, creditor]))] as Address[];
  const owned = new Map<string, bigint>();
  const leftOut = new Set<string>();
  for (const account of accounts) {
    owned.set(account, (await client.read(cash.methods.freezes, { currency, account })).held);
    if ((await client.read(membership.methods.account, { account }))?.member === member) leftOut.add(account);
  }
  const result = replayWithout({ owned, payments }, (account) => leftOut.has(account));
  return describe(session, { member, currency, count: payments.length }, result);
}

interface Subject {
  readonly member: string;
  readonly currency: string;
  readonly count: number;
}

function describe(
  { accounts: book, network }: Session,
  { member, currency, count }: Subject,
  { accounts, unpaid, fromMember, toMember }: DrillResult,
): CommandResult {
  const decimals = network.decimalsOf(currency);
  const shown = (amount: bigint): string => formatAmountForPeople(amount, decimals);
  const exact = (amount: bigint): string => formatMajorAmount(amount, decimals);
  const right = { align: 'right' } as const;
  const closings = formatTable(
    [
      { title: 'ACCOUNT' },
      { title: 'OPENING', ...right },
      { title: 'CLOSING', ...right },
      { title: `WITHOUT ${member}`, ...right },
    ],
    accounts.map(({ account, opening, closing, closingWithout }) => {
      return [book.shown(account as Address), shown(opening), shown(closing), shown(closingWithout)];
    }),
  );
  const failed = formatTable(
    [{ title: 'DEBTOR' }, { title: 'CREDITOR' }, { title: 'AMOUNT', ...right }, { title: 'AVAILABLE', ...right }],
    unpaid.map(({ payment: { debtor, creditor, amount }, available }) => {
      return [book.shown(debtor as Address), book.shown(creditor as Address), shown(amount), shown(available)];
    }),
  );
  const sum = unpaid.reduce((total, { payment }) => total + payment.amount, 0n);
  const text = [
    `${count} payments of the open day in ${currency}; without ${member}: ${fromMember.count} of ${shown(fromMember.amount)} from it, ${toMember.count} of ${shown(toMember.amount)} to it`,
    `${unpaid.length} payments of others, of ${shown(sum)}, could not have been made`,
    ...(unpaid.length === 0 ? [] : ['', failed]),
    ...(accounts.length === 0 ? [] : ['', closings]),
  ].join('\n');
  const data = {
    ...{ member, currency, payments: count },
    fromMember: { count: fromMember.count, amount: exact(fromMember.amount) },
    toMember: { count: toMember.count, amount: exact(toMember.amount) },
    unpaid: unpaid.map(({ payment: { id, debtor, creditor, amount }, available }) => ({
      ...{ id, debtor: toChecksum(debtor as Address), creditor: toChecksum(creditor as Address) },
      ...{ amount: exact(amount), available: exact(available) },
    })),
    accounts: accounts.map(({ account, opening, closing, closingWithout }) => ({
      account: toChecksum(account as Address),
      ...{ opening: exact(opening), closing: exact(closing), closingWithout: exact(closingWithout) },
    })),
  };
  return { data, text };
}
