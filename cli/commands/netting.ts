import type { Command } from 'commander';
import { argument, type Bind, type Invocation } from '../invocation.js';
import { describeCycle, listCycles, listObligations, verifyNets } from '../netting/cycleBook.js';
import { simulate } from '../netting/simulate.js';
import {
  confirmNet,
  objectToNet,
  openCycle,
  setOperator,
  submitObligations,
  takeStep,
  withdrawObligation,
} from '../netting/steps.js';
import { repeated, withAccount, withExamples, withJson, withNetwork, withSending, withWallet } from '../options.js';
import { openSession } from '../session.js';

const ID_HELP = 'the cycle';

export function register(program: Command, bind: Bind): void {
  const group = program
    .command('netting')
    .description('Pay what banks owe each other by what each owes all others on balance, in cycles.');
  registerOpen(group, bind);
  registerSubmit(group, bind);
  const withdraw = group
    .command('withdraw')
    .description('Say that an obligation is to leave the set; it does once debtor and creditor have both said so.')
    .argument('<id>', ID_HELP)
    .requiredOption('--debtor <account>', 'who owes it')
    .requiredOption('--reference <reference>', 'the debtor’s reference');
  withExamples(
    withJson(withSending(withdraw)),
    'vostro netting withdraw CBVODEFF-N1 --account BORLFRPP --debtor AURLDEFF --reference A-1',
  ).action(bind(withdrawObligation));
  registerSteps(group, bind);
  registerAnswers(group, bind);
  registerViews(group, bind);
  const simulated = group
    .command('simulate')
    .description('Work out offline what the obligations of a file come to.')
    .requiredOption('--file <file>', 'obligations as CSV: reference,debtor,creditor,currency,amount')
    .option('--without <bank>', 'leave a bank out, as an exclusion does; may be given several times', repeated, [])
    .option('--decimals <n>', 'of the currency (2)');
  withExamples(withJson(simulated), 'vostro netting simulate --file obligations.csv --without CYGNNLNA').action(
    bind(simulate),
  );
  registerOperators(group, bind);
}

function registerOpen(group: Command, bind: Bind): void {
  const open = group
    .command('open')
    .description('Open a cycle on the business day of its currency, as its central bank or an operator.')
    .argument('<id>', 'the BIC of the account’s member, a dash, and a name of your own, as CBVODEFF-N1')
    .option('--participant <account>', 'one account of each bank; give it for each of 2 to 64', repeated, [])
    .option('--currency <code>', 'the network’s only one when left out')
    .option('--cut-off-in <duration>', 'when the set is complete, as 90s, 30m or 2h')
    .option('--cut-off <time>', 'the same as a time, as 2026-01-05T16:00:00Z')
    .option('--round <duration>', 'how long each round may take (30m)')
    .option('--rounds <n>', 'rounds until the cycle fails, 1 to 8 (3)')
    .option('--assent', 'whoever pays nothing agrees by silence; it must confirm otherwise');
  withExamples(
    withJson(withSending(open)),
    'vostro netting open CBVODEFF-N1 --account CBVODEFF --participant AURLDEFF --participant BORLFRPP --cut-off-in 2h',
  ).action(bind(openCycle));
}

function registerSubmit(group: Command, bind: Bind): void {
  const submit = group
    .command('submit')
    .description('Add what the account owes others to the set of an open cycle.')
    .argument('<id>', ID_HELP)
    .option('--to <account>', 'the creditor')
    .option('--amount <amount>', 'in the major unit')
    .option('--reference <reference>', 'of your own, used once in the cycle')
    .option(
      '--file <file>',
      'obligations as CSV: reference,debtor,creditor,currency,amount; those of the account count',
    );
  withExamples(
    withJson(withSending(submit)),
    'vostro netting submit CBVODEFF-N1 --account AURLDEFF --to BORLFRPP --amount 100.00 --reference A-1',
    'vostro netting submit CBVODEFF-N1 --account AURLDEFF --file obligations.csv',
  ).action(bind(submitObligations));
}

function registerSteps(group: Command, bind: Bind): void {
  const steps = [
    ['freeze', 'freeze', 'From the cut-off on: fix the set, work out the nets, begin the first round.'],
    ['end-round', 'endRound', 'End a round: settle, or exclude who has failed and go on with the others.'],
    ['cancel', 'cancel', 'End a cycle while its set is open.'],
    ['lapse', 'lapse', 'End a cycle whose business day is over.'],
  ] as const;
  for (const [name, method, description] of steps) {
    const command = group.command(name).description(description).argument('<id>', ID_HELP);
    withExamples(withJson(withSending(command)), `vostro netting ${name} CBVODEFF-N1 --account CBVODEFF`).action(
      bind((invocation) => takeStep(invocation, method)),
    );
  }
}

function registerAnswers(group: Command, bind: Bind): void {
  const confirm = group
    .command('confirm')
    .description('Agree to the net of the round; what the account pays on balance is set aside.')
    .argument('<id>', ID_HELP)
    .option('--pays <amount>', 'refuse unless the account pays exactly this')
    .option('--receives <amount>', 'refuse unless it receives exactly this');
  withExamples(
    withJson(withSending(confirm)),
    'vostro netting confirm CBVODEFF-N1 --account AURLDEFF --pays 70.00',
  ).action(bind(confirmNet));
  const object = group
    .command('object')
    .description('Do not agree: the account leaves the cycle as the round ends, and its obligations stay owed.')
    .argument('<id>', ID_HELP);
  withExamples(withJson(withSending(object)), 'vostro netting object CBVODEFF-N1 --account CYGNNLNA').action(
    bind(objectToNet),
  );
}

function registerViews(group: Command, bind: Bind): void {
  const show = group.command('show').description('Show a cycle, its nets and answers.').argument('<id>', ID_HELP);
  withExamples(withJson(withNetwork(withWallet(show))), 'vostro netting show CBVODEFF-N1').action(
    bind(async (invocation) => describeCycle(await openSession(invocation), argument(invocation, 0, 'id'))),
  );
  const verify = group
    .command('verify')
    .description('Add up the obligations here, and compare with the nets of the contract.')
    .argument('<id>', ID_HELP);
  withExamples(withJson(withNetwork(withWallet(verify))), 'vostro netting verify CBVODEFF-N1').action(
    bind(async (invocation) => verifyNets(await openSession(invocation), argument(invocation, 0, 'id'))),
  );
  const obligations = group
    .command('obligations')
    .description('List the set of a cycle, and what has become of each obligation.')
    .argument('<id>', ID_HELP)
    .option('--of <account>', 'what this account owes and is owed');
  withExamples(
    withJson(withNetwork(withWallet(obligations))),
    'vostro netting obligations CBVODEFF-N1 --of AURLDEFF',
  ).action(bind(showObligations));
  const list = group.command('list').description('List the cycles that an account takes part in and that go on.');
  withExamples(withJson(withAccount(list)), 'vostro netting list --account AURLDEFF').action(
    bind(async (invocation) => {
      const session = await openSession(invocation);
      return listCycles(session, (await session.accounts.own(session.settings.account)).account);
    }),
  );
}

async function showObligations(invocation: Invocation) {
  const session = await openSession(invocation);
  const of = invocation.options.text('of');
  const account = of === undefined ? undefined : await session.accounts.address(of);
  return listObligations(session, argument(invocation, 0, 'id'), account);
}

function registerOperators(group: Command, bind: Bind): void {
  for (const [name, isOperator, description] of [
    ['appoint', true, 'Let a member open cycles in a currency, as its central bank.'],
    ['dismiss', false, 'End that; the cycles that it has opened go on.'],
  ] as const) {
    const command = group
      .command(name)
      .description(description)
      .argument('<bic>', 'the member')
      .option('--currency <code>', 'the network’s only one when left out');
    withExamples(withJson(withSending(command)), `vostro netting ${name} DORAESMM --account CBVODEFF`).action(
      bind((invocation) => setOperator(invocation, isOperator)),
    );
  }
}
