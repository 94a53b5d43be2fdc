import type { Command } from 'commander';
import { callOf } from '../../contracts/api/method.js';
import { credit } from '../../contracts/index.js';
import type { Address } from '../../primitives/types.js';
import { describeLine, listLines, readLine } from '../collateral/creditBook.js';
import { parseRate } from '../collateral/percent.js';
import { Money, resultOf, type Step, takeStep, timeOf } from '../collateral/step.js';
import { usageError } from '../errors.js';
import { parseDuration } from '../governance/terms.js';
import { argument, type Bind, type Invocation } from '../invocation.js';
import { withAccount, withExamples, withJson, withNetwork, withSending, withWallet } from '../options.js';
import { openSession, type Session } from '../session.js';
import { currencyOf } from '../values.js';
import type { WalletAccount } from '../wallet.js';

const c = credit.methods;
const CURRENCY = ['--currency <code>', 'ISO 4217 code; needed only where the network has several'] as const;
const AMOUNT = ['--amount <amount>', 'in the major unit, as 50000.00'] as const;

export function register(program: Command, bind: Bind): void {
  const group = program
    .command('credit')
    .description(
      'Intraday credit of a central bank against collateral: facility, lines, drawing, repaying, margin calls.',
    );
  registerFacility(group, bind);
  registerLoans(group, bind);
  registerMargin(group, bind);
  const show = group
    .command('show')
    .description('Show an account’s line, loan and pool.')
    .option('--of <account>', 'whose; the account’s own when left out')
    .option(...CURRENCY);
  withExamples(withJson(withAccount(show)), 'vostro credit show --account AURLDEFF').action(
    bind(async (invocation) => {
      const session = await openSession(invocation);
      const { account } = await subject(invocation, session);
      return describeLine(session, currency(invocation, session), account);
    }),
  );
  const list = group.command('list').description('Show the facility of a currency and every line in it.');
  withExamples(withJson(withNetwork(withWallet(list.option(...CURRENCY)))), 'vostro credit list --currency EUR').action(
    bind(async (invocation) => {
      const session = await openSession(invocation);
      return listLines(session, currency(invocation, session));
    }),
  );
}

function currency({ options }: Invocation, { network }: Session): string {
  return currencyOf(network, options.text('currency'));
}

/** Of `--of`, or the account that the command acts for. */
async function subject({ options }: Invocation, { accounts, settings }: Session): Promise<WalletAccount> {
  const of = options.text('of');
  return of === undefined ? accounts.own(settings.account) : accounts.find(of);
}

function registerFacility(group: Command, bind: Bind): void {
  const facility = group
    .command('facility')
    .description('Say what credit costs that is not paid back by the end of the day, by the central bank.')
    .requiredOption('--overnight-rate <percent>', 'a year, ACT/360, as 5.5%')
    .requiredOption('--margin-time <duration>', 'how long a bank has to meet a margin call, as 2h')
    .option('--funder <account>', 'the central bank’s account whose money is lent; its own when left out')
    .option(...CURRENCY);
  withExamples(
    withJson(withSending(facility)),
    'vostro credit facility --account CBVODEFF --overnight-rate 5.5% --margin-time 2h',
  ).action(bind((invocation) => takeStep(invocation, (session, own) => facilityStep(invocation, session, own))));
  for (const [name, description, done] of [
    ['fund', 'Set money aside that can be lent.', 'set aside to lend:'],
    ['defund', 'Take money back that is not lent.', 'took back:'],
  ] as const) {
    const command = group
      .command(name)
      .description(description)
      .requiredOption(...AMOUNT)
      .option(...CURRENCY);
    withExamples(withJson(withSending(command)), `vostro credit ${name} --account CBVODEFF --amount 1000000.00`).action(
      bind((invocation) =>
        takeStep(invocation, async (session) => {
          const money = new Money(session, currency(invocation, session));
          const amount = money.parse(invocation.options.required('amount'));
          return {
            call: callOf(c[name], { currency: money.currency, amount }),
            told: () => ({ sentence: `${done} ${money.shown(amount)}`, data: { amount: money.data(amount) } }),
          };
        }),
      ),
    );
  }
  const line = group
    .command('line')
    .description('Let an account owe up to a limit, by the central bank; 0 ends new draws.')
    .argument('<account>', 'the account')
    .requiredOption('--limit <amount>', 'in the major unit')
    .option(...CURRENCY);
  withExamples(withJson(withSending(line)), 'vostro credit line AURLDEFF --account CBVODEFF --limit 500000.00').action(
    bind((invocation) =>
      takeStep(invocation, async (session) => {
        const money = new Money(session, currency(invocation, session));
        const account = await session.accounts.address(argument(invocation, 0, 'account'));
        const limit = money.parse(invocation.options.required('limit'));
        return {
          call: callOf(c.setLine, { currency: money.currency, account, limit }),
          told: () => ({
            sentence: `${session.accounts.shown(account)} may owe up to ${money.shown(limit)}`,
            data: { limit: money.data(limit) },
          }),
        };
      }),
    ),
  );
}

function registerLoans(group: Command, bind: Bind): void {
  const draw = group
    .command('draw')
    .description('Borrow until the end of the business day, as far as line and pool go.')
    .requiredOption(...AMOUNT)
    .option(...CURRENCY);
  withExamples(withJson(withSending(draw)), 'vostro credit draw --account AURLDEFF --amount 50000.00').action(
    bind((invocation) => takeStep(invocation, (session, own) => drawStep(invocation, session, own))),
  );
  const repay = group
    .command('repay')
    .description('Pay a loan back, all or a part, out of the account that signs.')
    .option(...AMOUNT)
    .option('--all', 'everything that is owed')
    .option('--of <account>', 'whose loan; the account’s own when left out')
    .option(...CURRENCY);
  withExamples(
    withJson(withSending(repay)),
    'vostro credit repay --account AURLDEFF --all',
    'vostro credit repay --account BORLFRPP --of AURLDEFF --amount 10000.00',
  ).action(bind((invocation) => takeStep(invocation, (session, own) => repayStep(invocation, session, own))));
  onLine(
    group,
    bind,
    'convert',
    'Note that the business day has ended with a loan open: it is one overnight.',
    (shown) => `the loan of ${shown} is one overnight`,
  );
}

function registerMargin(group: Command, bind: Bind): void {
  const call = group
    .command('call')
    .description('Call an account for margin that fresh prices leave short; anybody may.')
    .argument('<account>', 'whose loan')
    .option(...CURRENCY);
  withExamples(withJson(withSending(call)), 'vostro credit call AURLDEFF --account CBVODEFF').action(
    bind((invocation) =>
      takeStep(invocation, async (session) => {
        const money = new Money(session, currency(invocation, session));
        const account = await session.accounts.address(argument(invocation, 0, 'account'));
        return {
          call: callOf(c.callMargin, { currency: money.currency, account }),
          told: (result) => {
            const { shortfall, deadline } = resultOf(c.callMargin, result);
            const until = timeOf(deadline);
            const sentence = `called ${session.accounts.shown(account)} for ${money.shown(shortfall)} until ${until}`;
            return { sentence, data: { shortfall: money.data(shortfall), deadline: until } };
          },
        };
      }),
    ),
  );
  onLine(
    group,
    bind,
    'cure',
    'End a margin call that rising prices have made needless.',
    (shown) => `the margin call of ${shown} is over`,
  );
  onLine(
    group,
    bind,
    'collect',
    'Give an account what its collateral brought beyond what it owed while it was suspended.',
    (shown) => `${shown} has what its collateral brought too much`,
  );
}

const ON_LINE = { convert: c.convert, cure: c.cureMargin, collect: c.collect } as const;

/** One call about an account’s line that says nothing more. */
function onLine(
  group: Command,
  bind: Bind,
  name: keyof typeof ON_LINE,
  description: string,
  sentence: (shown: string) => string,
): void {
  const command = group
    .command(name)
    .description(description)
    .argument('<account>', 'whose loan')
    .option(...CURRENCY);
  withExamples(withJson(withSending(command)), `vostro credit ${name} AURLDEFF --account CBVODEFF`).action(
    bind((invocation) =>
      takeStep(invocation, async (session) => {
        const account = await session.accounts.address(argument(invocation, 0, 'account'));
        const of = { currency: currency(invocation, session), account };
        return {
          call: callOf(ON_LINE[name], of),
          told: async () => {
            const { data } = await describeLine(session, of.currency, account);
            return { sentence: sentence(session.accounts.shown(account)), data };
          },
        };
      }),
    ),
  );
}

async function facilityStep(invocation: Invocation, session: Session, own: WalletAccount): Promise<Step> {
  const { options } = invocation;
  const named = options.text('funder');
  const funder = named === undefined ? own.account : await session.accounts.address(named);
  const rate = parseRate(options.required('overnightRate'), '--overnight-rate');
  const marginMs = parseDuration(options.required('marginTime'), '--margin-time');
  const of = currency(invocation, session);
  return {
    call: callOf(c.setFacility, { currency: of, funder, rate, marginMs }),
    told: () => ({
      sentence: `${of} is lent intraday; overnight it costs ${options.required('overnightRate')} a year`,
      data: { currency: of, rate, marginMs },
    }),
  };
}

async function drawStep(invocation: Invocation, session: Session, { account }: WalletAccount): Promise<Step> {
  const money = new Money(session, currency(invocation, session));
  const amount = money.parse(invocation.options.required('amount'));
  return {
    call: callOf(c.draw, { currency: money.currency, account, amount }),
    told: (result) => {
      const { owed } = resultOf(c.draw, result);
      const sentence = `drew ${money.shown(amount)}: ${money.shown(owed)} is due by the end of the business day`;
      return { sentence, data: { amount: money.data(amount), owed: money.data(owed) } };
    },
  };
}

async function repayStep(invocation: Invocation, session: Session, payer: WalletAccount): Promise<Step> {
  const money = new Money(session, currency(invocation, session));
  const { account } = await subject(invocation, session);
  const amount = await repaidOf(invocation, session, money, account);
  return {
    call: callOf(c.repay, { currency: money.currency, account, payer: payer.account, amount }),
    told: (result) => {
      const { owed } = resultOf(c.repay, result);
      const sentence = `repaid ${money.shown(amount)}: ${money.shown(owed)} is owed still`;
      return { sentence, data: { amount: money.data(amount), owed: money.data(owed) } };
    },
  };
}

async function repaidOf({ options }: Invocation, session: Session, money: Money, account: Address): Promise<bigint> {
  const text = options.text('amount');
  if (options.flag('all') === (text !== undefined)) {
    throw usageError('--amount and --all', 'one of them', text === undefined ? 'none' : 'both');
  }
  if (text !== undefined) return money.parse(text);
  return (await readLine(session, money.currency, account)).owed;
}
