import type { Command } from 'commander';
import { callOf } from '../../contracts/api/method.js';
import { credit } from '../../contracts/index.js';
import { formatAmountForPeople } from '../amounts.js';
import { describeLine, listEligible, readLine } from '../collateral/creditBook.js';
import { parseBps } from '../collateral/percent.js';
import { moneyOf } from '../collateral/priceBook.js';
import { resultOf, type Step, takeStep } from '../collateral/step.js';
import { usageError } from '../errors.js';
import { argument, type Bind, type Invocation } from '../invocation.js';
import { withAccount, withExamples, withJson, withNetwork, withSending, withWallet } from '../options.js';
import { openSession, type Session } from '../session.js';
import { currencyOf, parseUnits } from '../values.js';
import type { WalletAccount } from '../wallet.js';

const c = credit.methods;
const INSTRUMENT = 'id of the instrument';
const CURRENCY = ['--currency <code>', 'ISO 4217 code; needed only where the network has several'] as const;

export function register(program: Command, bind: Bind): void {
  const group = program
    .command('collateral')
    .description('Collateral of central bank credit: what is taken, what a bank has put in, and what is sold.');
  registerSchedule(group, bind);
  registerPool(group, bind);
  registerSale(group, bind);
}

function registerSchedule(group: Command, bind: Bind): void {
  const accept = group
    .command('accept')
    .description('Take an instrument as collateral for money of its currency, by the central bank; or change how.')
    .argument('<instrument>', INSTRUMENT)
    .requiredOption('--haircut <percent>', 'what is taken off its price, as 10%')
    .option('--cap <amount>', 'the most that it counts for in one pool, in the major unit');
  withExamples(
    withJson(withSending(accept)),
    'vostro collateral accept BOND-2031 --account CBVODEFF --haircut 10% --cap 5000000.00',
  ).action(bind((invocation) => takeStep(invocation, (session) => acceptStep(invocation, session))));
  const exclude = group
    .command('exclude')
    .description('Take an instrument no more: what pools hold of it covers nothing from then on.')
    .argument('<instrument>', INSTRUMENT);
  withExamples(withJson(withSending(exclude)), 'vostro collateral exclude BOND-2031 --account CBVODEFF').action(
    bind((invocation) =>
      takeStep(invocation, async (session) => {
        const instrument = argument(invocation, 0, 'instrument');
        const { currency } = await moneyOf(session, instrument);
        return {
          call: callOf(c.exclude, { currency, instrument }),
          told: () => ({ sentence: `${instrument} is no collateral any more`, data: { instrument } }),
        };
      }),
    ),
  );
  const list = group.command('list').description('List what is taken as collateral, with haircuts and caps.');
  withExamples(
    withJson(withNetwork(withWallet(list.option(...CURRENCY)))),
    'vostro collateral list --currency EUR',
  ).action(
    bind(async (invocation) => {
      const session = await openSession(invocation);
      return listEligible(session, currencyOf(session.network, invocation.options.text('currency')));
    }),
  );
}

function registerPool(group: Command, bind: Bind): void {
  for (const [name, description, done] of [
    ['deposit', 'Put units into the account’s pool.', 'put into the pool:'],
    ['withdraw', 'Take units out of the account’s pool that its loan does not need.', 'took out of the pool:'],
  ] as const) {
    const command = group
      .command(name)
      .description(description)
      .argument('<instrument>', INSTRUMENT)
      .requiredOption('--units <units>', 'whole number of units');
    withExamples(
      withJson(withSending(command)),
      `vostro collateral ${name} BOND-2031 --account AURLDEFF --units 500`,
    ).action(
      bind((invocation) =>
        takeStep(invocation, async (session, { account }) => {
          const what = { instrument: argument(invocation, 0, 'instrument'), units: unitsOf(invocation) };
          const { currency } = await moneyOf(session, what.instrument);
          return {
            call: callOf(c[name], { currency, account, ...what }),
            told: () => poolTold(session, currency, account, `${done} ${unitsText(what)}`),
          };
        }),
      ),
    );
  }
  const swap = group
    .command('substitute')
    .description(
      'Put units into the pool and take others out, in one step: the loan stays covered, or nothing happens.',
    )
    .requiredOption('--give <instrument:units>', 'what goes in, as BOND-2032:500')
    .requiredOption('--take <instrument:units>', 'what comes out, as BOND-2031:500');
  withExamples(
    withJson(withSending(swap)),
    'vostro collateral substitute --account AURLDEFF --give BOND-2032:500 --take BOND-2031:500',
  ).action(bind((invocation) => takeStep(invocation, (session, account) => swapStep(invocation, session, account))));
  const show = group
    .command('show')
    .description('Show an account’s pool, what it covers and what is owed.')
    .option('--of <account>', 'whose; the account’s own when left out')
    .option(...CURRENCY);
  withExamples(withJson(withAccount(show)), 'vostro collateral show --of AURLDEFF').action(
    bind(async (invocation) => {
      const session = await openSession(invocation);
      const of = invocation.options.text('of');
      const { account } =
        of === undefined ? await session.accounts.own(session.settings.account) : await session.accounts.find(of);
      return describeLine(session, currencyOf(session.network, invocation.options.text('currency')), account);
    }),
  );
}

function registerSale(group: Command, bind: Bind): void {
  const sell = group
    .command('liquidate')
    .description(
      'Sell units of a pool’s largest position, by the central bank: after a margin call that was not met, of a loan that is overdue, or of a suspended account.',
    )
    .argument('<instrument>', INSTRUMENT)
    .requiredOption('--of <account>', 'whose pool')
    .requiredOption('--buyer <account>', 'who pays and has the units; signs, too')
    .requiredOption('--price <amount>', 'from the price less the haircut to the price, in the major unit')
    .requiredOption('--max-units <units>', 'no more than these')
    .addHelpText(
      'after',
      '\nBoth sign, the central bank and the buyer. Where no wallet holds the keys of both, write it to a file with --unsigned, and each signs it (tx sign).',
    );
  withExamples(
    withJson(withSending(sell)),
    'vostro collateral liquidate BOND-2031 --account CBVODEFF --of AURLDEFF --buyer BORLFRPP --price 950.00 --max-units 500',
  ).action(bind((invocation) => takeStep(invocation, (session) => sellStep(invocation, session))));
  const back = group
    .command('return')
    .description('Give the pool of a suspended account back that owes nothing, by the central bank.')
    .requiredOption('--of <account>', 'whose pool')
    .option(...CURRENCY);
  withExamples(withJson(withSending(back)), 'vostro collateral return --account CBVODEFF --of AURLDEFF').action(
    bind((invocation) =>
      takeStep(invocation, async (session) => {
        const currency = currencyOf(session.network, invocation.options.text('currency'));
        const account = await session.accounts.address(invocation.options.required('of'));
        return {
          call: callOf(c.returnPool, { currency, account }),
          told: () => poolTold(session, currency, account, `gave its pool back to ${session.accounts.shown(account)}`),
        };
      }),
    ),
  );
}

interface Units {
  readonly instrument: string;
  readonly units: bigint;
}

function unitsOf({ options }: Invocation): bigint {
  return parseUnits(options.required('units'), '--units');
}

function unitsText({ instrument, units }: Units): string {
  return `${formatAmountForPeople(units, 0)} ${instrument}`;
}

/** Reads `BOND-2031:500`. @throws CliError `USAGE_INVALID`, `AMOUNT_MALFORMED` */
function parsePosition(text: string, what: string): Units {
  const [instrument = '', units = '', ...rest] = text.split(':');
  if (instrument === '' || units === '' || rest.length > 0) {
    throw usageError(what, 'an instrument and units as BOND-2031:500', `"${text.slice(0, 80)}"`);
  }
  return { instrument, units: parseUnits(units, what) };
}

/** What was done, and what the pool is now. */
async function poolTold(session: Session, currency: string, account: WalletAccount['account'], sentence: string) {
  const { data, text } = await describeLine(session, currency, account);
  return { sentence: `${sentence}\n${text}`, data };
}

async function acceptStep(invocation: Invocation, session: Session): Promise<Step> {
  const { options } = invocation;
  const instrument = argument(invocation, 0, 'instrument');
  const money = await moneyOf(session, instrument);
  const haircutBps = parseBps(options.required('haircut'), '--haircut');
  const text = options.text('cap');
  const cap = text === undefined ? undefined : money.parse(text);
  const upTo = cap === undefined ? '' : `, up to ${money.shown(cap)} in a pool`;
  return {
    call: callOf(c.setEligible, { currency: money.currency, instrument, haircutBps, cap }),
    told: () => ({
      sentence: `${instrument} is collateral at its price less ${options.required('haircut')}${upTo}`,
      data: { instrument, haircutBps, cap: cap === undefined ? null : money.data(cap) },
    }),
  };
}

async function swapStep(invocation: Invocation, session: Session, { account }: WalletAccount): Promise<Step> {
  const give = parsePosition(invocation.options.required('give'), '--give');
  const take = parsePosition(invocation.options.required('take'), '--take');
  const { currency } = await moneyOf(session, give.instrument);
  return {
    call: callOf(c.substitute, { currency, account, give, take }),
    told: () => poolTold(session, currency, account, `put in ${unitsText(give)} for ${unitsText(take)}`),
  };
}

async function sellStep(invocation: Invocation, session: Session): Promise<Step> {
  const { options } = invocation;
  const instrument = argument(invocation, 0, 'instrument');
  const money = await moneyOf(session, instrument);
  const { currency } = money;
  const of = await session.accounts.address(options.required('of'));
  const buyer = await session.accounts.find(options.required('buyer'));
  await readLine(session, currency, of);
  const price = money.parse(options.required('price'));
  const maxUnits = parseUnits(options.required('maxUnits'), '--max-units');
  const terms = { currency, account: of, instrument, buyer: buyer.account, price, maxUnits };
  return {
    call: callOf(c.liquidate, terms),
    alsoSigned: [buyer],
    told: (result) => {
      const { units, paid, surplus, owed } = resultOf(c.liquidate, result);
      const more = surplus === 0n ? '' : `, ${money.shown(surplus)} to ${session.accounts.shown(of)}`;
      const sold = `sold ${unitsText({ instrument, units })} to ${session.accounts.shown(buyer.account)}`;
      return {
        sentence: `${sold}: ${money.shown(paid)} of the loan is paid${more}, ${money.shown(owed)} is owed still`,
        data: {
          ...{ instrument, units: units.toString(), paid: money.data(paid), surplus: money.data(surplus) },
          owed: money.data(owed),
        },
      };
    },
  };
}
