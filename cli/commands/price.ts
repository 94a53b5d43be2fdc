import type { Command } from 'commander';
import { callOf } from '../../contracts/api/method.js';
import { prices } from '../../contracts/index.js';
import { parseBps } from '../collateral/percent.js';
import { describeFeed, listFeeds, moneyOf, readFeed } from '../collateral/priceBook.js';
import { resultOf, type Step, takeStep, timeOf } from '../collateral/step.js';
import { CliError } from '../errors.js';
import { parseDuration, parseTime } from '../governance/terms.js';
import { argument, type Bind, type Invocation } from '../invocation.js';
import { withExamples, withJson, withNetwork, withSending, withWallet } from '../options.js';
import { openSession } from '../session.js';
import { parseUnits } from '../values.js';

const p = prices.methods;
const INSTRUMENT = 'id of the instrument';
/** A price is said to be a moment old, so that the clock of the node that makes the block may differ a little. */
const CLOCK_MS = 1_000;

export function register(program: Command, bind: Bind): void {
  const group = program
    .command('price')
    .description('Prices of instruments: who publishes them, what is in force, and what a second member must confirm.');
  registerFeed(group, bind);
  const publish = priced(
    group,
    'publish',
    'Publish a price. Beyond the band, or as the first one, it waits to be confirmed.',
  );
  withExamples(
    withJson(
      withSending(publish.option('--at <time>', 'when it was observed, as 2026-01-05T16:00:00Z; now when left out')),
    ),
    'vostro price publish BOND-2031 --account BORLFRPP --price 998.50',
  ).action(bind((invocation) => takeStep(invocation, (session, account) => publishStep(invocation, session, account))));
  const confirm = priced(
    group,
    'confirm',
    'Confirm a price that waits: by an oracle of another member, or the central bank.',
  );
  withExamples(
    withJson(withSending(confirm)),
    'vostro price confirm BOND-2031 --account CBVODEFF --price 998.50',
  ).action(bind((invocation) => takeStep(invocation, (session, account) => confirmStep(invocation, session, account))));
  for (const [name, description, done] of [
    ['reject', 'Drop a price that waits, by the central bank.', 'dropped the price that waited for'],
    ['strike', 'Take a wrong price out of force, by the central bank.', 'took out of force the price of'],
  ] as const) {
    const command = group.command(name).description(description).argument('<instrument>', INSTRUMENT);
    withExamples(withJson(withSending(command)), `vostro price ${name} BOND-2031 --account CBVODEFF`).action(
      bind((invocation) => {
        const instrument = argument(invocation, 0, 'instrument');
        return takeStep(invocation, async () => ({
          call: callOf(p[name], { instrument }),
          told: () => ({ sentence: `${done} ${instrument}`, data: { instrument } }),
        }));
      }),
    );
  }
  const show = group
    .command('show')
    .description('Show an instrument’s price and who publishes it; all prices when none is named.')
    .argument('[instrument]', INSTRUMENT);
  withExamples(withJson(withNetwork(withWallet(show))), 'vostro price show', 'vostro price show BOND-2031').action(
    bind(async (invocation) => {
      const session = await openSession(invocation);
      const [instrument] = invocation.args;
      return instrument === undefined ? listFeeds(session) : describeFeed(session, instrument);
    }),
  );
}

function registerFeed(group: Command, bind: Bind): void {
  const feed = group
    .command('feed')
    .description('Say who publishes prices of an instrument and how far they are trusted, by the central bank.')
    .argument('<instrument>', INSTRUMENT)
    .requiredOption('--oracles <accounts>', 'accounts that may publish, with commas between')
    .requiredOption('--max-age <duration>', 'after so long a price is stale, as 24h')
    .requiredOption('--band <percent>', 'how far one oracle alone may move the price in a day, as 5%')
    .option('--per <units>', 'units that a price is for', '1');
  withExamples(
    withJson(withSending(feed)),
    'vostro price feed BOND-2031 --account CBVODEFF --oracles BORLFRPP,CYGNNLNA --max-age 24h --band 5%',
  ).action(bind((invocation) => takeStep(invocation, (session) => feedStep(invocation, session))));
}

function priced(group: Command, name: string, description: string): Command {
  return group
    .command(name)
    .description(description)
    .argument('<instrument>', INSTRUMENT)
    .requiredOption(
      '--price <amount>',
      'in the major unit of the instrument’s currency, for as many units as the feed says',
    );
}

type Session = Awaited<ReturnType<typeof openSession>>;
type Account = Awaited<ReturnType<Session['accounts']['find']>>;

async function feedStep(invocation: Invocation, session: Session): Promise<Step> {
  const { options } = invocation;
  const instrument = argument(invocation, 0, 'instrument');
  const names = options.required('oracles').split(',');
  const oracles = await Promise.all(names.map((name) => session.accounts.address(name.trim())));
  const per = parseUnits(options.text('per') ?? '1', '--per');
  const maxAgeMs = parseDuration(options.required('maxAge'), '--max-age');
  const bandBps = parseBps(options.required('band'), '--band');
  return {
    call: callOf(p.setFeed, { instrument, oracles, per, maxAgeMs, bandBps }),
    told: () => ({ sentence: `${instrument} is priced by ${names.join(', ')}`, data: { instrument } }),
  };
}

async function publishStep(invocation: Invocation, session: Session, { account: oracle }: Account): Promise<Step> {
  const { options, host } = invocation;
  const instrument = argument(invocation, 0, 'instrument');
  const money = await moneyOf(session, instrument);
  const price = money.parse(options.required('price'));
  const at = options.text('at');
  const pricedAt = at === undefined ? host.nowMs() - CLOCK_MS : parseTime(at, '--at');
  return {
    call: callOf(p.publish, { instrument, oracle, price, pricedAt }),
    told: (result) => {
      const { isInForce } = resultOf(p.publish, result);
      const shown = `${instrument} at ${money.shown(price)}`;
      const sentence = isInForce ? `${shown} is in force` : `${shown} waits until another member confirms it`;
      return { sentence, data: { instrument, price: money.data(price), pricedAt: timeOf(pricedAt), isInForce } };
    },
  };
}

async function confirmStep(invocation: Invocation, session: Session, { account }: Account): Promise<Step> {
  const instrument = argument(invocation, 0, 'instrument');
  const money = await moneyOf(session, instrument);
  const price = money.parse(invocation.options.required('price'));
  const { proposed } = await readFeed(session, instrument);
  const found = proposed.find((each) => each.price === price);
  if (found === undefined) {
    const actual = proposed.map((each) => money.shown(each.price)).join(', ') || 'none';
    throw new CliError('NOT_FOUND', `expected ${instrument} at ${money.shown(price)} to wait, found ${actual}`, {
      expected: 'a price that waits',
      actual,
      hint: `\`vostro price show ${instrument}\` shows the price in force`,
    });
  }
  const { pricedAt } = found;
  return {
    call: callOf(p.confirm, { instrument, account, price, pricedAt }),
    told: () => ({
      sentence: `${instrument} at ${money.shown(price)} is in force`,
      data: { instrument, price: money.data(price), pricedAt: timeOf(pricedAt), isInForce: true },
    }),
  };
}
