import type { Command } from 'commander';
import { callOf } from '../../contracts/api/method.js';
import { assets, cash, orders } from '../../contracts/index.js';
import { toChecksum } from '../../primitives/address.js';
import type { Address } from '../../primitives/types.js';
import { parseMajorAmount } from '../amounts.js';
import { usageError } from '../errors.js';
import { parseDuration, parseTime } from '../governance/terms.js';
import { argument, type Bind, type Invocation } from '../invocation.js';
import { withAccount, withExamples, withJson, withNetwork, withSending, withWallet } from '../options.js';
import { describeOrder, type OrderState, orderData, readOrder, shownSum } from '../orders/orderBook.js';
import { groundsOf, propose, registerConfirm, withGrounds } from '../orders/proposing.js';
import type { CommandResult } from '../output.js';
import { finalResult, transact } from '../sending.js';
import { openSession, type Session } from '../session.js';
import { formatTable } from '../table.js';
import { currencyOf, parseUnits } from '../values.js';

const o = orders.methods;
/** Orders of one page, and pages of a list. */
const PAGE = 50;
const MAX_PAGES = 1_000;

export function register(program: Command, bind: Bind): void {
  const group = program
    .command('order')
    .description('Freeze and seize what accounts have, as an authority orders. Two persons sign each order.');
  registerFreeze(group, bind);
  registerSeize(group, bind);
  registerLift(group, bind);
  registerConfirm(group, bind, 'order');
  const withdraw = group
    .command('withdraw')
    .description('Take back a proposal that nobody has confirmed; its id stays used.')
    .argument('<id>', 'the order');
  withExamples(withJson(withSending(withdraw)), 'vostro order withdraw CBVODEFF-2026-17 --account CBVODEFF').action(
    bind(withdrawOrder),
  );
  const show = group
    .command('show')
    .description('Show an order and what has become of it.')
    .argument('<id>', 'the order');
  withExamples(withJson(withNetwork(withWallet(show))), 'vostro order show CBVODEFF-2026-17').action(bind(showOrder));
  const list = group
    .command('list')
    .description('List the proposals of a member that wait for a second person, or the orders about an account.')
    .option('--of <account>', 'the account that orders are about, and what they keep in it');
  withExamples(
    withJson(withAccount(list)),
    'vostro order list --account CBVODEFF',
    'vostro order list --of BORLFRPP',
  ).action(
    bind((invocation) => (invocation.options.text('of') === undefined ? listOpen(invocation) : listOf(invocation))),
  );
}

function withAsset(command: Command): Command {
  return command
    .requiredOption('--of <account>', 'whose money or units, by name, BIC or address')
    .option('--currency <code>', 'ISO 4217 code of the money')
    .option('--instrument <id>', 'the instrument, where it is about units');
}

function registerFreeze(group: Command, bind: Bind): void {
  const freeze = withAsset(withGrounds(group.command('freeze')))
    .description('Propose to keep an amount, or everything, in an account. Money still arrives.')
    .option('--amount <amount>', 'in the major unit, or a number of units; everything, whatever arrives, when left out')
    .option('--until <time>', 'when it ends by itself, as 2026-12-31T00:00:00Z')
    .option('--for <duration>', 'the same as a duration, as 30m or 7d');
  withExamples(
    withJson(withSending(freeze)),
    'vostro order freeze CBVODEFF-2026-17 --account CBVODEFF --of BORLFRPP --currency EUR --amount 100000.00 --authority "District Court, 12 C 345/26" --document order.pdf',
  ).action(bind(proposeFreeze));
}

function registerSeize(group: Command, bind: Bind): void {
  const seize = withAsset(withGrounds(group.command('seize')))
    .description('Propose to take out of what an account has free, frozen or not, for another account.')
    .requiredOption('--to <account>', 'who receives it')
    .requiredOption('--amount <amount>', 'in the major unit, or a number of units')
    .option('--freeze <id>', 'the freeze that it uses up');
  withExamples(
    withJson(withSending(seize)),
    'vostro order seize CBVODEFF-2026-18 --account CBVODEFF --of BORLFRPP --to CBVODEFF --currency EUR --amount 60000.00 --freeze CBVODEFF-2026-17 --authority "District Court, 12 C 345/26" --document order.pdf',
  ).action(bind(proposeSeizure));
}

function registerLift(group: Command, bind: Bind): void {
  const lift = withGrounds(group.command('lift'))
    .description('Propose to lift a freeze, whole or in part. What is signed names the hash of the freeze’s terms.')
    .requiredOption('--freeze <id>', 'the order that froze')
    .option('--amount <amount>', 'a part, in the major unit or units; all that is left when left out');
  withExamples(
    withJson(withSending(lift)),
    'vostro order lift CBVODEFF-2026-19 --account CBVODEFF --freeze CBVODEFF-2026-17 --authority "District Court, 12 C 345/26" --document release.pdf',
  ).action(bind(proposeLift));
}

/** The asset that the options name. @throws CliError `USAGE_INVALID`, `CURRENCY_UNKNOWN` */
function assetOf({ network }: Session, { options }: Invocation) {
  const [currency, instrument] = [options.text('currency'), options.text('instrument')];
  if (currency !== undefined && instrument !== undefined) throw usageError('--instrument', 'it or --currency', 'both');
  if (instrument !== undefined) return { currency: undefined, instrument };
  return { currency: currencyOf(network, currency), instrument: undefined };
}

function amountOf({ network }: Session, currency: string | undefined, text: string): bigint {
  return currency === undefined ? parseUnits(text, '--amount') : parseMajorAmount(text, network.decimalsOf(currency));
}

/** Without an end it lasts until it is lifted. @throws CliError `USAGE_INVALID` */
function untilOf({ options, host }: Invocation): number | undefined {
  const [time, duration] = [options.text('until'), options.text('for')];
  if (time !== undefined && duration !== undefined) throw usageError('--for', 'it or --until', 'both');
  if (time !== undefined) return parseTime(time, '--until');
  return duration === undefined ? undefined : host.nowMs() + parseDuration(duration, '--for');
}

async function proposeFreeze(invocation: Invocation): Promise<CommandResult> {
  const { options } = invocation;
  const grounds = await groundsOf(invocation);
  const session = await openSession(invocation);
  const asset = assetOf(session, invocation);
  const text = options.text('amount');
  const args = {
    ...{ ...grounds, ...asset, account: await session.accounts.address(options.required('of')) },
    amount: text === undefined ? undefined : amountOf(session, asset.currency, text),
    until: untilOf(invocation),
  };
  return propose(session, invocation, { ...args, kind: 'freeze' }, (second) =>
    callOf(o.proposeFreeze, { ...args, second }),
  );
}

async function proposeSeizure(invocation: Invocation): Promise<CommandResult> {
  const { options } = invocation;
  const grounds = await groundsOf(invocation);
  const session = await openSession(invocation);
  const asset = assetOf(session, invocation);
  const args = {
    ...{ ...grounds, ...asset, account: await session.accounts.address(options.required('of')) },
    amount: amountOf(session, asset.currency, options.required('amount')),
    to: await session.accounts.address(options.required('to')),
    freeze: options.text('freeze'),
  };
  return propose(session, invocation, { ...args, kind: 'seize' }, (second) =>
    callOf(o.proposeSeizure, { ...args, second }),
  );
}

async function proposeLift(invocation: Invocation): Promise<CommandResult> {
  const { options } = invocation;
  const grounds = await groundsOf(invocation);
  const session = await openSession(invocation);
  const freeze = options.required('freeze');
  const { order, hash } = await readOrder(session, freeze);
  const text = options.text('amount');
  const amount = text === undefined ? undefined : amountOf(session, order.currency, text);
  const args = { ...grounds, freeze, freezeTerms: hash, amount };
  return propose(session, invocation, { ...args, kind: 'lift' }, (second) =>
    callOf(o.proposeLift, { ...args, second }),
  );
}

async function withdrawOrder(invocation: Invocation): Promise<CommandResult> {
  const id = argument(invocation, 0, 'id');
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  return transact(session, invocation, { account, calls: [callOf(o.withdraw, { id })] }, (final) =>
    finalResult(final, `withdrew ${id}`, { id }),
  );
}

async function showOrder(invocation: Invocation): Promise<CommandResult> {
  const session = await openSession(invocation);
  const { order, hash } = await readOrder(session, argument(invocation, 0, 'id'));
  return { data: orderData(session, order), text: describeOrder(session, order, hash) };
}

async function collect(page: (after: string | undefined) => Promise<readonly OrderState[]>): Promise<OrderState[]> {
  const found: OrderState[] = [];
  for (let count = 0; count < MAX_PAGES; count++) {
    const more = await page(found.at(-1)?.id);
    found.push(...more);
    if (more.length < PAGE) break;
  }
  return found;
}

async function listOpen(invocation: Invocation): Promise<CommandResult> {
  const session = await openSession(invocation);
  const { account } = await session.accounts.own(session.settings.account);
  const { member } = await session.client.call('account', { account });
  const found = await collect((after) => session.client.read(o.proposals, { member, limit: PAGE, after }));
  const columns = [{ title: 'PROPOSAL' }, { title: 'KIND' }, { title: 'STATUS' }, { title: 'CONFIRM BEFORE' }];
  const rows = found.map(({ id, kind, status, confirmBefore }) => [
    id,
    kind,
    status,
    new Date(confirmBefore).toISOString(),
  ]);
  return {
    data: { member, proposals: found.map((order) => orderData(session, order)) },
    text: rows.length === 0 ? `no proposal of ${member} waits for a second person` : formatTable(columns, rows),
  };
}

async function listOf(invocation: Invocation): Promise<CommandResult> {
  const session = await openSession(invocation);
  const account = await session.accounts.address(invocation.options.required('of'));
  const found = await collect((after) => session.client.read(o.ordersOf, { account, limit: PAGE, after }));
  const columns = [
    { title: 'ORDER' },
    { title: 'KIND' },
    { title: 'AMOUNT' },
    { title: 'IN FORCE' },
    { title: 'AUTHORITY' },
  ];
  const rows = found.map((order) => {
    const { id, kind, inForce, authority } = order;
    const left = inForce === undefined ? '-' : shownSum(session, order, inForce.amount);
    return [id, kind, kind === 'lift' ? '-' : shownSum(session, order, order.amount), left, authority];
  });
  const kept = await keptIn(session, account, found);
  const lines = kept.map(
    ({ asset, frozen, available, held }) => `${asset}: ${frozen} frozen of ${held}, ${available} free to leave`,
  );
  return {
    data: { account: toChecksum(account), orders: found.map((order) => orderData(session, order)), kept },
    text:
      rows.length === 0
        ? 'no orders'
        : [formatTable(columns, rows), ...(lines.length === 0 ? [] : ['', ...lines])].join('\n'),
  };
}

/** What orders keep in the account now, of each asset that an order was about. */
async function keptIn(session: Session, account: Address, found: readonly OrderState[]) {
  const { client } = session;
  const assetNames = new Map(
    found.map(({ currency, instrument }) => [`${currency ?? ''} ${instrument ?? ''}`, { currency, instrument }]),
  );
  const kept: { readonly asset: string; readonly frozen: string; readonly available: string; readonly held: string }[] =
    [];
  for (const asset of assetNames.values()) {
    const { currency, instrument } = asset;
    if (currency === undefined && instrument === undefined) continue;
    const view =
      currency === undefined
        ? await client.read(assets.methods.freezes, { instrument: instrument ?? '', account })
        : await client.read(cash.methods.freezes, { currency, account });
    if (view.freezes.length === 0) continue;
    const sum = (amount: bigint): string => shownSum(session, asset, amount);
    const frozen = view.frozen === undefined ? 'everything' : sum(view.frozen);
    kept.push({ asset: currency ?? instrument ?? '', frozen, available: sum(view.available), held: sum(view.held) });
  }
  return kept;
}
