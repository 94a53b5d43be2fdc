import type { Command } from 'commander';
import { entitlementOf } from '../../contracts/actions/terms.js';
import { callOf } from '../../contracts/api/method.js';
import { DAY_COUNTS } from '../../contracts/daycount/dayCount.js';
import { actions } from '../../contracts/index.js';
import type { Call } from '../../primitives/types.js';
import {
  type ActionState,
  actionData,
  describeAction,
  kindText,
  listActions,
  moneyOf,
  readAction,
} from '../action/actionBook.js';
import { formatRate, parseRate, recordOf, termsOf } from '../action/actionTerms.js';
import { runAction } from '../action/runAction.js';
import { parseMajorAmount } from '../amounts.js';
import { readInstrument } from '../asset/instrumentBook.js';
import { deadlineOf, withDeadline } from '../deadline.js';
import { usageError } from '../errors.js';
import { argument, type Bind, type Invocation } from '../invocation.js';
import { withExamples, withJson, withNetwork, withSending, withWallet } from '../options.js';
import type { CommandResult } from '../output.js';
import { finalResult, transact } from '../sending.js';
import { openSession, type Session } from '../session.js';
import { formatDay, parseDay } from '../values.js';

const m = actions.methods;
const ID_HELP = 'its id';

export function register(program: Command, bind: Bind): void {
  const group = program
    .command('action')
    .description('What issuers owe to holders: interest, distributions, redemptions.');
  registerDeclare(group, bind);
  const fund = named(group, 'fund', 'Set more aside in all, before anything is paid.').requiredOption(
    '--set-aside <amount>',
    'all of it, with what is set aside already, in the major unit',
  );
  withExamples(
    withJson(withSending(fund)),
    'vostro action fund AURLDEFF-C1 --account AURLDEFF --set-aside 30000.00',
  ).action(bind(fundAction));
  const fix = named(
    group,
    'fix',
    'Publish the rate of a floating coupon; the account that its terms name does.',
  ).requiredOption('--rate <rate>', 'as 3.65%, without the spread');
  withExamples(withJson(withSending(fix)), 'vostro action fix AURLDEFF-C1 --account CBVODEFF --rate 3.5%').action(
    bind(fixRate),
  );
  const run = named(
    group,
    'run',
    'Work out what holders are entitled to, or pay it, as far as it goes now; anybody may.',
  );
  withExamples(withJson(withSending(run)), 'vostro action run AURLDEFF-C1 --account BORLFRPP').action(bind(runAction));
  const claim = named(group, 'claim', 'Pay a holder what could not be paid with the others; anybody may.').option(
    '--holder <account>',
    'the holder; the account that sends when left out',
  );
  withExamples(withJson(withSending(claim)), 'vostro action claim AURLDEFF-C1 --account BORLFRPP').action(
    bind(claimPayment),
  );
  const cancel = named(group, 'cancel', 'Take an action back, up to its record.');
  withExamples(withJson(withSending(cancel)), 'vostro action cancel AURLDEFF-C1 --account AURLDEFF').action(
    bind((invocation) =>
      takeStep(
        invocation,
        (id) => callOf(m.cancel, { id }),
        (id) => `cancelled ${id}`,
      ),
    ),
  );
  const show = named(group, 'show', 'Show an action, and what a holder is to have of it.').option(
    '--holder <account>',
    'a holder',
  );
  withExamples(withJson(withNetwork(withWallet(show))), 'vostro action show AURLDEFF-C1 --holder BORLFRPP').action(
    bind(showAction),
  );
  const list = group.command('list').description('List open actions.').option('--instrument <id>', 'on one instrument');
  withExamples(withJson(withNetwork(withWallet(list))), 'vostro action list --instrument BOND-2031').action(
    bind(async (invocation) => listActions(await openSession(invocation), invocation.options.text('instrument'))),
  );
}

function named(group: Command, name: string, description: string): Command {
  return group.command(name).description(description).argument('<id>', ID_HELP);
}

function registerDeclare(group: Command, bind: Bind): void {
  const declare = group
    .command('declare')
    .description('Announce what holders of an instrument are to have, and set the money aside. Its issuer does.')
    .argument('<id>', 'the BIC of the issuer’s member, a dash, and a name of your own, as AURLDEFF-C1')
    .requiredOption('--instrument <id>', 'the instrument')
    .option('--coupon <rate>', 'interest on the nominal value, as 3.65%')
    .option('--floating <source>', 'the same at a rate that is published later: which, as "EURIBOR 6M"')
    .option('--publisher <account>', 'the account that publishes it')
    .option('--fixing-day <day>', 'on which day at the earliest')
    .option('--spread <rate>', 'what comes on top of it')
    .option('--day-count <basis>', `${DAY_COUNTS.join(', ')}; 30E/360 when left out`)
    .option('--from <day>', 'the first day that earns interest')
    .option('--to <day>', 'the first day that earns none')
    .option('--per-unit <amount>', 'a distribution: so much for each unit, in the major unit')
    .option('--redeem <part:whole>', 'a redemption: 1:1 of all units, 1:4 of a quarter of each holding')
    .option('--price <amount>', 'for a unit that is redeemed; its nominal value when left out')
    .option('--currency <code>', 'of a distribution; the instrument’s when left out')
    .option('--record <height>', 'height whose holders are entitled, or +100 blocks; this block when left out')
    .requiredOption('--pay <day>', 'the first business day that pays')
    .option('--set-aside <amount>', 'what holders may have in all; what they would have now when left out');
  withExamples(
    withJson(withSending(withDeadline(declare))),
    'vostro action declare AURLDEFF-C1 --account AURLDEFF --instrument BOND-2031 --coupon 4% --from 2026-01-05 --to 2026-07-05 --pay 2026-07-06 --for 30d',
    'vostro action declare AURLDEFF-D1 --account AURLDEFF --instrument SHARE-A --per-unit 0.125 --pay 2026-01-05 --for 30d',
  ).action(bind(declareAction));
}

async function declareAction(invocation: Invocation): Promise<CommandResult> {
  const { options } = invocation;
  const id = argument(invocation, 0, 'id');
  const instrument = options.required('instrument');
  const deadline = deadlineOf(invocation);
  const paymentDay = parseDay(options.required('pay'), '--pay');
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  const found = await readInstrument(session, instrument);
  const { version, nominal, maturity, issued, redeemed } = found;
  const currency = options.text('currency') ?? found.currency;
  const decimals = session.network.decimalsOf(currency);
  const terms = await termsOf(invocation, session, { nominal, decimals });
  const setAside = options.text('setAside');
  const needed = entitlementOf({ ...terms, nominal, maturity, fixing: undefined }, issued - redeemed);
  const declared = setAside === undefined ? needed : parseMajorAmount(setAside, decimals);
  if (declared === undefined) throw usageError('--set-aside', 'an amount, as the rate is not known yet', 'none');
  const recordHeight = await recordOf(invocation, session);
  const args = { id, instrument, issuer: account.account, version, currency, recordHeight, paymentDay, deadline };
  const call = callOf(m.declare, { ...args, declared, ...terms });
  return transact(session, invocation, { account, calls: [call] }, async (final) => {
    const action = await readAction(session, id);
    const what = `${kindText(session, action)}, paid from ${formatDay(paymentDay)} on`;
    const sentence = `declared ${id} on ${instrument}: ${what}\nset aside ${moneyOf(session, action).shown(declared)}; record at height ${action.recordHeight}`;
    return finalResult(final, sentence, actionData(session, id, action));
  });
}

/** Sends one call about an action and says what was done. */
async function takeStep(
  invocation: Invocation,
  callFor: (id: string, session: Session, action: ActionState) => Call | Promise<Call>,
  sentence: (id: string, session: Session, action: ActionState) => string,
): Promise<CommandResult> {
  const id = argument(invocation, 0, 'id');
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  const call = await callFor(id, session, await readAction(session, id));
  return transact(session, invocation, { account, calls: [call] }, async (final) => {
    const action = await readAction(session, id);
    return finalResult(final, sentence(id, session, action), actionData(session, id, action));
  });
}

function fundAction(invocation: Invocation): Promise<CommandResult> {
  const text = invocation.options.required('setAside');
  return takeStep(
    invocation,
    (id, { network }, { currency }) =>
      callOf(m.fund, { id, declared: parseMajorAmount(text, network.decimalsOf(currency)) }),
    (id, session, action) => `set aside ${moneyOf(session, action).shown(action.declared)} in all for ${id}`,
  );
}

function fixRate(invocation: Invocation): Promise<CommandResult> {
  const rate = parseRate(invocation.options.required('rate'), '--rate');
  return takeStep(
    invocation,
    (id) => callOf(m.fix, { id, rate }),
    (id) => `published ${formatRate(rate)} for ${id}`,
  );
}

async function claimPayment(invocation: Invocation): Promise<CommandResult> {
  const named = invocation.options.text('holder');
  return takeStep(
    invocation,
    async (id, { accounts, settings }) => {
      const account =
        named === undefined ? (await accounts.own(settings.account)).account : await accounts.address(named);
      return callOf(m.claim, { id, account });
    },
    (id, session, action) => `paid of ${id}: ${moneyOf(session, action).shown(action.paid)} in all`,
  );
}

async function showAction(invocation: Invocation): Promise<CommandResult> {
  const session = await openSession(invocation);
  const holder = invocation.options.text('holder');
  const account = holder === undefined ? undefined : await session.accounts.address(holder);
  return describeAction(session, argument(invocation, 0, 'id'), account);
}
