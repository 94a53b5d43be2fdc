import type { Command } from 'commander';
import type { Bind } from '../invocation.js';
import { withExamples, withJson, withNetwork, withSending, withWallet } from '../options.js';
import { changeItem, reprioritiseItem, reserveMoney, setLimit } from '../queue/changeQueue.js';
import { exportCase } from '../queue/exportCase.js';
import { resolveOnce, runOnSchedule } from '../queue/runQueue.js';
import { listPayments, showItem, showPosition, showRuns, whyItem } from '../queue/showQueue.js';
import { submitFile, submitOne } from '../queue/submitPayments.js';
import { sweepQueue } from '../queue/sweepQueue.js';

const CURRENCY = ['--currency <code>', 'ISO 4217 code; needed only where the network has several'] as const;
const PRIORITIES = 'normal, urgent; clearing and centralBank for members with the role';

export function register(program: Command, bind: Bind): void {
  const group = program.command('queue').description('Payments that wait for funds, and the runs that settle them.');
  registerSubmit(group, bind);
  registerViews(group, bind);
  registerChanges(group, bind);
  registerSettings(group, bind);
  registerRuns(group, bind);
  registerSweep(group, bind);
}

function registerSubmit(group: Command, bind: Bind): void {
  const submit = group
    .command('submit')
    .description(
      'Pay at once where funds and order allow it, otherwise wait in the queue. No reference is taken twice.',
    )
    .option('--to <account>', 'creditor, by name, BIC or address')
    .option('--amount <amount>', 'in the major unit, as 1250.00')
    .option('--reference <reference>', 'business reference, used once by the debtor on a business day')
    .option('--end-to-end-id <id>', 'the originator’s id, passed on to the creditor')
    .option('--queue-priority <priority>', PRIORITIES)
    .option('--expires-in <seconds>', 'how long it may wait; otherwise until the business day closes')
    .option(...CURRENCY)
    .option('--business-day <day>', 'on this day or not at all, as 2026-01-05')
    .option('--file <file>', 'payments as CSV; up to 1,000 of a debtor under one signature');
  withExamples(
    withJson(withSending(submit)),
    'vostro queue submit --account AURLDEFF --to BORLFRPP --amount 1250.00 --reference INV-2026-0001',
    'vostro queue submit --account AURLDEFF --to BORLFRPP --amount 98000000.00 --reference CLS-7 --queue-priority urgent',
    'vostro queue submit --file examples/day.csv',
  ).action(
    bind((invocation) =>
      invocation.options.text('file') === undefined ? submitOne(invocation) : submitFile(invocation),
    ),
  );
}

function registerViews(group: Command, bind: Bind): void {
  const list = group
    .command('list')
    .description('What waits, in the order of the queue.')
    .option('--debtor <account>', 'only what this account pays')
    .option('--creditor <account>', 'only what this account receives')
    .option(...CURRENCY);
  withExamples(reading(list), 'vostro queue list', 'vostro queue list --debtor AURLDEFF').action(bind(listPayments));
  const show = ofItem(group, 'show', 'Show a payment that entered the queue, and its status.');
  withExamples(reading(show), 'vostro queue show 17').action(bind(showItem));
  const why = ofItem(group, 'why', 'Say why a payment waits.');
  withExamples(reading(why), 'vostro queue why 17').action(bind(whyItem));
  const position = group
    .command('position')
    .description('What an account can pay with, what waits of it, and its bilateral limits.')
    .argument('[account]', 'by name, BIC or address; the wallet’s own when left out')
    .option('--account <name>', 'the same (VOSTRO_ACCOUNT)')
    .option(...CURRENCY);
  withExamples(reading(position), 'vostro queue position AURLDEFF').action(bind(showPosition));
  const runs = group
    .command('runs')
    .description('The newest runs: what they looked at and what they settled.')
    .option('--limit <number>', 'how many; 10 when left out')
    .option(...CURRENCY);
  withExamples(reading(runs), 'vostro queue runs --limit 3').action(bind(showRuns));
  const write = group
    .command('export')
    .description('Write the queue as a case for `vostro settle simulate`, as a run would begin with it now.')
    .requiredOption('--out <case.json>', 'file to write')
    .option(...CURRENCY);
  withExamples(reading(write), 'vostro queue export --out case.json').action(bind(exportCase));
}

function registerChanges(group: Command, bind: Bind): void {
  for (const [name, description] of [
    ['hold', 'Keep a payment from settling, and out of the way of others; its place stays.'],
    ['release', 'Let a payment that is held take part again, at its old place.'],
    ['cancel', 'Take a payment out for good, by its debtor or the issuing central bank. Its reference stays used.'],
  ] as const) {
    const change = ofItem(group, name, description);
    withExamples(withJson(withSending(change)), `vostro queue ${name} 17 --account AURLDEFF`).action(
      bind((invocation) => changeItem(invocation, name)),
    );
  }
  const reprioritise = ofItem(group, 'reprioritise', 'Change a payment’s priority; it keeps its age.').requiredOption(
    '--queue-priority <priority>',
    PRIORITIES,
  );
  withExamples(
    withJson(withSending(reprioritise)),
    'vostro queue reprioritise 17 --account AURLDEFF --queue-priority urgent',
  ).action(bind(reprioritiseItem));
}

function registerSettings(group: Command, bind: Bind): void {
  const limit = group
    .command('limit')
    .description('Bound what the account’s normal payments to another may exceed what it receives from it, each day.')
    .requiredOption('--to <account>', 'the other account')
    .option('--amount <amount>', 'in the major unit; no limit any more when left out')
    .option(...CURRENCY);
  withExamples(
    withJson(withSending(limit)),
    'vostro queue limit --account AURLDEFF --to BORLFRPP --amount 5000000.00',
  ).action(bind(setLimit));
  const reserve = group
    .command('reserve')
    .description('Set money aside for payments above normal; 0 gives it back.')
    .requiredOption('--amount <amount>', 'all that shall be reserved, in the major unit')
    .option(...CURRENCY);
  withExamples(withJson(withSending(reserve)), 'vostro queue reserve --account AURLDEFF --amount 2000000.00').action(
    bind(reserveMoney),
  );
}

function registerRuns(group: Command, bind: Bind): void {
  const resolve = runOptions(group, 'resolve', 'Run the liquidity-saving mechanism once, now.');
  withExamples(
    withJson(withSending(resolve)),
    'vostro queue resolve --account AURLDEFF',
    'vostro queue resolve --account CBVODEFF --fifo --max-payments 8000',
  ).action(bind(resolveOnce));
  const run = runOptions(group, 'run', 'Run the mechanism by schedule, whenever something waits, until it is stopped.')
    .requiredOption('--every <seconds>', 'from one look to the next')
    .option('--times <number>', 'end after so many looks');
  withExamples(withJson(withSending(run)), 'vostro queue run --account CBVODEFF --every 30').action(
    bind(runOnSchedule),
  );
}

function registerSweep(group: Command, bind: Bind): void {
  const sweep = group
    .command('sweep')
    .description('Drop what is over, and forget what left the queue on earlier business days.')
    .option(...CURRENCY);
  withExamples(withJson(withSending(sweep)), 'vostro queue sweep --account CBVODEFF').action(bind(sweepQueue));
}

function runOptions(group: Command, name: string, description: string): Command {
  return group
    .command(name)
    .description(description)
    .option('--fifo', 'stage one alone: no payment passes an earlier one of the same bank')
    .option('--max-payments <number>', 'payments to look at; 5,000 when left out')
    .option('--search-steps <number>', 'how far the last stage searches; 100,000 steps when left out')
    .option(...CURRENCY);
}

function ofItem(group: Command, name: string, description: string): Command {
  return group
    .command(name)
    .description(description)
    .argument('<payment>', 'its number in the queue, as `submit` and `list` show it')
    .option(...CURRENCY);
}

function reading(command: Command): Command {
  return withJson(withNetwork(withWallet(command)));
}
