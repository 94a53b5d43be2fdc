import type { Command } from 'commander';
import { callOf } from '../../contracts/api/method.js';
import type { Subscription } from '../../contracts/subscriptions/declaration.js';
import { subscriptions } from '../../contracts/subscriptions/subscriptions.js';
import { toChecksum } from '../../primitives/address.js';
import { formatAmountForPeople, formatMajorAmount, parseMajorAmount } from '../amounts.js';
import { deadlineOf, withDeadline } from '../deadline.js';
import { CliError } from '../errors.js';
import { argument, type Bind, type Invocation } from '../invocation.js';
import { withAccount, withExamples, withJson, withSending } from '../options.js';
import type { CommandResult } from '../output.js';
import { collectPages, PAGE_ITEMS } from '../pages.js';
import { finalResult, transact } from '../sending.js';
import { openSession, type Session } from '../session.js';
import { formatTable } from '../table.js';
import { parseUnits } from '../values.js';
import { readInstrument } from './instrumentBook.js';

const m = subscriptions.methods;

export function registerSubscriptions(group: Command, bind: Bind): void {
  const subscribe = withDeadline(group.command('subscribe'))
    .description('Offer to take units at a price; the whole of it is locked until the issuer allots or declines.')
    .argument('<instrument>', 'id of the instrument')
    .requiredOption('--id <id>', 'the BIC of the account’s member, a dash, and a name of your own, as BORLFRPP-S1')
    .requiredOption('--units <units>', 'whole number of units')
    .requiredOption('--price <amount>', 'what one unit costs, in the major unit, as 985.00');
  withExamples(
    withJson(withSending(subscribe)),
    'vostro asset subscribe BOND-2031 --account BORLFRPP --id BORLFRPP-S1 --units 100 --price 985.00 --for 7d',
  ).action(bind(subscribeUnits));
  const allot = group
    .command('allot')
    .description('Issue subscribed units for their price; what is not allotted is paid back. The issuer alone may.')
    .argument('<id>', 'id of the subscription')
    .option('--units <units>', 'how many of them; all when left out');
  withExamples(withJson(withSending(allot)), 'vostro asset allot BORLFRPP-S1 --account AURLDEFF --units 60').action(
    bind(allotUnits),
  );
  registerEnd(group, bind, 'decline', 'decline', 'Refuse a subscription, as the issuer; its money goes back.');
  registerEnd(group, bind, 'unsubscribe', 'cancel', 'Take a subscription back that is not allotted yet.');
  registerEnd(group, bind, 'expire', 'expire', 'End a subscription whose deadline has passed.');
  const list = group
    .command('subscriptions')
    .description('List the open subscriptions of an account, or those to an instrument.')
    .argument('[instrument]', 'id of the instrument');
  withExamples(
    withJson(withAccount(list)),
    'vostro asset subscriptions BOND-2031',
    'vostro asset subscriptions --account BORLFRPP',
  ).action(bind(listSubscriptions));
}

const ENDED = { decline: 'declined', cancel: 'took back', expire: 'ended' } as const;

function registerEnd(group: Command, bind: Bind, name: string, method: keyof typeof ENDED, description: string): void {
  const command = group.command(name).description(description).argument('<id>', 'id of the subscription');
  withExamples(withJson(withSending(command)), `vostro asset ${name} BORLFRPP-S1 --account BORLFRPP`).action(
    bind(async (invocation) => {
      const id = argument(invocation, 0, 'id');
      const session = await openSession(invocation);
      const account = await session.accounts.own(session.settings.account);
      return transact(session, invocation, { account, calls: [callOf(m[method], { id })] }, (final) =>
        finalResult(final, `${ENDED[method]} ${id}: its money is back`, { id }),
      );
    }),
  );
}

async function subscribeUnits(invocation: Invocation): Promise<CommandResult> {
  const { options } = invocation;
  const instrument = argument(invocation, 0, 'instrument');
  const units = parseUnits(options.required('units'), '--units');
  const [id, deadline] = [options.required('id'), deadlineOf(invocation)];
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  const { version, currency } = await readInstrument(session, instrument);
  const decimals = session.network.decimalsOf(currency);
  const price = parseMajorAmount(options.required('price'), decimals);
  const offer = { id, instrument, version, account: account.account, units, price, deadline };
  const locked = formatAmountForPeople(units * price, decimals);
  const sentence = `subscribed to ${formatAmountForPeople(units, 0)} ${instrument} as ${id}; ${locked} ${currency} are locked`;
  const data = { id, instrument, version, units: units.toString(), locked: formatMajorAmount(units * price, decimals) };
  return transact(session, invocation, { account, calls: [callOf(m.subscribe, offer)] }, (final) =>
    finalResult(final, sentence, { ...data, deadline: new Date(deadline).toISOString() }),
  );
}

async function allotUnits(invocation: Invocation): Promise<CommandResult> {
  const id = argument(invocation, 0, 'id');
  const wanted = invocation.options.text('units');
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  const found = await session.client.read(m.subscription, { id });
  if (found === undefined) {
    throw new CliError('NOT_FOUND', `expected an open subscription, found none called "${id.slice(0, 80)}"`, {
      expected: 'an open subscription',
      actual: id.slice(0, 80),
      hint: '`vostro asset subscriptions INSTRUMENT` lists them',
    });
  }
  const units = wanted === undefined ? found.units : parseUnits(wanted, '--units');
  const holder = session.accounts.shown(found.account);
  const sentence = `allotted ${formatAmountForPeople(units, 0)} ${found.instrument} to ${holder}`;
  const data = { id, instrument: found.instrument, units: units.toString(), account: toChecksum(found.account) };
  return transact(session, invocation, { account, calls: [callOf(m.allot, { id, units })] }, (final) =>
    finalResult(final, sentence, data),
  );
}

interface Listed extends Subscription {
  readonly id: string;
}

async function idsOf(session: Session, instrument: string | undefined): Promise<readonly string[]> {
  const { client, accounts, settings } = session;
  if (instrument !== undefined) {
    return collectPages<string>((after) => client.read(m.toInstrument, { instrument, limit: PAGE_ITEMS, after }));
  }
  const { account } = await accounts.own(settings.account);
  const places = await collectPages<{ readonly instrument: string; readonly id: string }>((after) =>
    client.read(m.ofAccount, { account, limit: PAGE_ITEMS, after }),
  );
  return places.map(({ id }) => id);
}

async function listSubscriptions(invocation: Invocation): Promise<CommandResult> {
  const session = await openSession(invocation);
  const [instrument] = invocation.args;
  const found: Listed[] = [];
  for (const id of await idsOf(session, instrument)) {
    const subscription = await session.client.read(m.subscription, { id });
    if (subscription !== undefined) found.push({ id, ...subscription });
  }
  const decimals = new Map<string, { readonly currency: string; readonly decimals: number }>();
  for (const id of new Set(found.map((each) => each.instrument))) {
    const { currency } = await readInstrument(session, id);
    decimals.set(id, { currency, decimals: session.network.decimalsOf(currency) });
  }
  const columns = [
    { title: 'SUBSCRIPTION' },
    { title: 'INSTRUMENT' },
    { title: 'SUBSCRIBER' },
    { title: 'UNITS', align: 'right' },
    { title: 'PRICE', align: 'right' },
    { title: 'DEADLINE' },
  ] as const;
  const rows = found.map((each) => {
    const money = decimals.get(each.instrument);
    return [
      each.id,
      `${each.instrument} version ${each.version}`,
      session.accounts.shown(each.account),
      formatAmountForPeople(each.units, 0),
      `${formatAmountForPeople(each.price, money?.decimals ?? 0)} ${money?.currency ?? ''}`,
      new Date(each.deadline).toISOString(),
    ];
  });
  const data = found.map((each) => ({
    ...each,
    account: toChecksum(each.account),
    units: each.units.toString(),
    price: formatMajorAmount(each.price, decimals.get(each.instrument)?.decimals ?? 0),
    deadline: new Date(each.deadline).toISOString(),
  }));
  return {
    data: { subscriptions: data },
    text: rows.length === 0 ? 'no open subscriptions' : formatTable(columns, rows),
  };
}
