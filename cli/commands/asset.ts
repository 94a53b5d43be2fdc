import type { Command } from 'commander';
import { callOf } from '../../contracts/api/method.js';
import { assets, INSTRUMENT_KINDS } from '../../contracts/assets/assets.js';
import { cash } from '../../contracts/cash/cash.js';
import { toChecksum } from '../../primitives/address.js';
import type { Address, Call } from '../../primitives/types.js';
import { formatAmountForPeople, formatMajorAmount, parseMajorAmount } from '../amounts.js';
import { eligibilityOf, eligibilityText, registerEligibility, withEligibility } from '../asset/eligibility.js';
import { readInstrument } from '../asset/instrumentBook.js';
import { registerSplit } from '../asset/split.js';
import { registerSubscriptions } from '../asset/subscriptions.js';
import { registerTerms } from '../asset/terms.js';
import { usageError } from '../errors.js';
import { argument, type Bind, type Invocation } from '../invocation.js';
import { withExamples, withJson, withNetwork, withSending, withWallet } from '../options.js';
import type { CommandResult } from '../output.js';
import { collectPages, PAGE_ITEMS } from '../pages.js';
import { finalResult, transact } from '../sending.js';
import { openSession, type Session } from '../session.js';
import { formatFields, formatTable } from '../table.js';
import { currencyOf, formatDay, parseDay, parseUnits } from '../values.js';
import type { WalletAccount } from '../wallet.js';

export function register(program: Command, bind: Bind): void {
  const group = program
    .command('asset')
    .description('Instruments: their terms, units, subscriptions and splits, and who may hold them.');
  registerCreate(group, bind);
  const issue = withUnits(group, 'issue', 'Issue units of an instrument; its issuer alone may.');
  withExamples(
    issue.requiredOption('--to <account>', 'account that receives them'),
    'vostro asset issue BOND-2031 --account AURLDEFF --to AURLDEFF --units 10000',
  ).action(bind((invocation) => move(invocation, 'issue', 'to')));
  const redeem = withUnits(group, 'redeem', 'Take units back; issuer and holder both sign.')
    .requiredOption('--from <account>', 'account that holds them')
    .option('--pay <amount>', 'what the issuer pays the holder for all of them, in the same transaction')
    .addHelpText('after', '\nThe wallet must hold the keys of both: the issuer’s and the holder’s.');
  withExamples(
    redeem,
    'vostro asset redeem BOND-2031 --account AURLDEFF --from BORLFRPP --units 100 --pay 100000.00',
  ).action(bind((invocation) => move(invocation, 'redeem', 'from')));
  const transfer = withUnits(group, 'transfer', 'Transfer units free of payment; `vostro dvp` for payment at once.');
  withExamples(
    transfer.requiredOption('--to <account>', 'account that receives them'),
    'vostro asset transfer BOND-2031 --account AURLDEFF --to BORLFRPP --units 500',
  ).action(bind(transferUnits));
  const show = group
    .command('show')
    .description('Show an instrument’s terms, supply and holders; all instruments when none is named.')
    .argument('[instrument]', 'id of the instrument');
  withExamples(withJson(withNetwork(withWallet(show))), 'vostro asset show', 'vostro asset show BOND-2031').action(
    bind((invocation) => (invocation.args[0] === undefined ? listInstruments(invocation) : showInstrument(invocation))),
  );
  registerTerms(group, bind);
  registerEligibility(group, bind);
  registerSubscriptions(group, bind);
  registerSplit(group, bind);
}

function registerCreate(group: Command, bind: Bind): void {
  const create = withEligibility(group.command('create'))
    .description('Tokenise an instrument: its terms, and no units yet. The account is its issuer.')
    .argument('<instrument>', 'id, as BOND-2031: letters, digits, dots, dashes, underscores')
    .requiredOption('--kind <kind>', INSTRUMENT_KINDS.join(', '))
    .requiredOption('--name <name>', 'name for people')
    .requiredOption('--nominal <amount>', 'nominal value of one unit in the major unit, as 1000.00')
    .requiredOption('--cap <units>', 'most units that may be outstanding')
    .option('--currency <code>', 'ISO 4217 code; needed only where the network has several')
    .option('--isin <isin>', 'its ISIN')
    .option('--maturity <day>', 'as 2031-01-05')
    .option('--callable-from <day>', 'first day on which the issuer may redeem before the maturity');
  withExamples(
    withJson(withSending(create)),
    'vostro asset create BOND-2031 --account AURLDEFF --kind bond --name "Aurelia 3% 2031" --nominal 1000.00 --cap 50000',
  ).action(bind(createInstrument));
}

function withUnits(group: Command, name: string, description: string): Command {
  const command = group
    .command(name)
    .description(description)
    .argument('<instrument>', 'id of the instrument')
    .requiredOption('--units <units>', 'whole number of units');
  return withJson(withSending(command));
}

async function createInstrument(invocation: Invocation): Promise<CommandResult> {
  const { options } = invocation;
  const instrument = argument(invocation, 0, 'instrument');
  const kind = INSTRUMENT_KINDS.find((candidate) => candidate === options.required('kind'));
  if (kind === undefined) throw usageError('--kind', `one of ${INSTRUMENT_KINDS.join(', ')}`, options.required('kind'));
  const session = await openSession(invocation);
  const currency = currencyOf(session.network, options.text('currency'));
  const [maturity, callableFrom] = [options.text('maturity'), options.text('callableFrom')];
  const account = await session.accounts.own(session.settings.account);
  const terms = {
    instrument,
    kind,
    issuer: account.account,
    name: options.required('name'),
    isin: options.text('isin'),
    currency,
    nominal: parseMajorAmount(options.required('nominal'), session.network.decimalsOf(currency)),
    maturity: maturity === undefined ? undefined : parseDay(maturity, '--maturity'),
    callableFrom: callableFrom === undefined ? undefined : parseDay(callableFrom, '--callable-from'),
    cap: parseUnits(options.required('cap'), '--cap'),
    eligibility: eligibilityOf(options),
  };
  const data = { instrument, issuer: toChecksum(account.account) };
  return transact(session, invocation, { account, calls: [callOf(assets.methods.create, terms)] }, (final) =>
    finalResult(final, `created ${instrument}: ${terms.name}`, data),
  );
}

async function move(invocation: Invocation, method: 'issue' | 'redeem', side: 'to' | 'from'): Promise<CommandResult> {
  const { options } = invocation;
  const instrument = argument(invocation, 0, 'instrument');
  const amount = parseUnits(options.required('units'), '--units');
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  const party = await session.accounts.find(options.required(side));
  const pay = options.text('pay');
  const request = {
    account,
    calls: [
      callOf(assets.methods[method], { instrument, account: party.account, amount }),
      ...(pay === undefined ? [] : [await price(session, instrument, { debtor: account, creditor: party, text: pay })]),
    ],
    ...(method === 'redeem' ? { alsoSigned: [party] } : {}),
  };
  const verb = method === 'issue' ? 'issued' : 'redeemed';
  const sentence = `${verb} ${formatAmountForPeople(amount, 0)} ${instrument} ${side} ${session.accounts.shown(party.account)}`;
  const data = { instrument, units: amount.toString(), account: toChecksum(party.account) };
  return transact(session, invocation, request, (final) => finalResult(final, sentence, data));
}

/** What is paid for units in the transaction that moves them, in the instrument's currency. */
async function price(
  session: Session,
  instrument: string,
  {
    debtor,
    creditor,
    text,
  }: { readonly debtor: WalletAccount; readonly creditor: WalletAccount; readonly text: string },
): Promise<Call> {
  const { currency } = await readInstrument(session, instrument);
  const amount = parseMajorAmount(text, session.network.decimalsOf(currency));
  return callOf(cash.methods.transfer, { currency, debtor: debtor.account, creditor: creditor.account, amount });
}

async function transferUnits(invocation: Invocation): Promise<CommandResult> {
  const { options } = invocation;
  const instrument = argument(invocation, 0, 'instrument');
  const amount = parseUnits(options.required('units'), '--units');
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  const to = await session.accounts.address(options.required('to'));
  const calls = [callOf(assets.methods.transfer, { instrument, from: account.account, to, amount })];
  const sentence = `transferred ${formatAmountForPeople(amount, 0)} ${instrument} to ${session.accounts.shown(to)}`;
  const data = { instrument, units: amount.toString(), to: toChecksum(to) };
  return transact(session, invocation, { account, calls }, (final) => finalResult(final, sentence, data));
}

async function showInstrument(invocation: Invocation): Promise<CommandResult> {
  const instrument = argument(invocation, 0, 'instrument');
  const session = await openSession(invocation);
  const found = await readInstrument(session, instrument);
  const decimals = session.network.decimalsOf(found.currency);
  const holders = await holdersOf(session, instrument);
  const text = formatFields([
    ['instrument', instrument],
    ['name', found.name],
    ['kind', found.kind],
    ['issuer', session.accounts.shown(found.issuer)],
    ['isin', found.isin ?? 'none'],
    ['nominal', `${formatAmountForPeople(found.nominal, decimals)} ${found.currency}`],
    ['maturity', found.maturity === undefined ? 'none' : formatDay(found.maturity)],
    ['callable from', found.callableFrom === undefined ? 'none' : formatDay(found.callableFrom)],
    [
      'outstanding',
      `${formatAmountForPeople(found.issued - found.redeemed, 0)} of at most ${formatAmountForPeople(found.cap, 0)}`,
    ],
    ['transfers', found.paused ? 'paused' : 'open'],
    ['eligible', eligibilityText(found.eligibility)],
    ['terms', `version ${found.version}`],
  ]);
  const columns = [{ title: 'HOLDER' }, { title: 'UNITS', align: 'right' }] as const;
  const rows = holders.map(({ account, amount }) => [
    session.accounts.shown(account),
    formatAmountForPeople(amount, 0),
  ]);
  return {
    data: {
      instrument,
      ...found,
      issuer: toChecksum(found.issuer),
      nominal: formatMajorAmount(found.nominal, decimals),
      maturity: found.maturity === undefined ? null : formatDay(found.maturity),
      callableFrom: found.callableFrom === undefined ? null : formatDay(found.callableFrom),
      isin: found.isin ?? null,
      holders: holders.map(({ account, amount }) => ({ account: toChecksum(account), units: amount.toString() })),
    },
    text: rows.length === 0 ? text : `${text}\n\n${formatTable(columns, rows)}`,
  };
}

interface Holder {
  readonly account: Address;
  readonly amount: bigint;
}

function holdersOf({ client }: Session, instrument: string): Promise<readonly Holder[]> {
  return collectPages<Holder>((last) =>
    client.read(assets.methods.holders, { instrument, limit: PAGE_ITEMS, after: last?.account }),
  );
}

async function listInstruments(invocation: Invocation): Promise<CommandResult> {
  const session = await openSession(invocation);
  const list = (last?: { readonly instrument: string }) =>
    session.client.read(assets.methods.instruments, { limit: PAGE_ITEMS, after: last?.instrument });
  const found = await collectPages<Awaited<ReturnType<typeof list>>[number]>(list);
  const rows = found.map(({ instrument, name, kind, issuer, issued, redeemed }) => {
    return [instrument, kind, name, session.accounts.shown(issuer), formatAmountForPeople(issued - redeemed, 0)];
  });
  const data = found.map(({ instrument, name, kind, issuer, issued, redeemed }) => {
    return { instrument, kind, name, issuer: toChecksum(issuer), outstanding: (issued - redeemed).toString() };
  });
  const columns = [
    { title: 'INSTRUMENT' },
    { title: 'KIND' },
    { title: 'NAME' },
    { title: 'ISSUER' },
    { title: 'OUTSTANDING', align: 'right' },
  ] as const;
  return { data: { instruments: data }, text: rows.length === 0 ? 'no instruments yet' : formatTable(columns, rows) };
}
