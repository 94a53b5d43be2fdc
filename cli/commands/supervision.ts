import type { Command } from 'commander';
import type { Bind } from '../invocation.js';
import { repeated, withExamples, withJson, withNetwork, withSending, withWallet } from '../options.js';
import { showPositions } from '../supervision/positions.js';
import { extractRecords } from '../supervision/records.js';
import { endRule, setExposure, setVelocity, showMandate, showRules } from '../supervision/rules.js';

export function register(program: Command, bind: Bind): void {
  const group = program
    .command('supervision')
    .description('See every position and record, and bind accounts, as a supervisor or central bank.');
  const positions = group
    .command('positions')
    .description('Show what every account of members has free, locked and frozen, and which contract holds it.')
    .option('--member <bic>', 'of this member alone; may be given several times', repeated, [])
    .option('--csv <file>', 'write them to a file that does not exist yet');
  withExamples(
    withJson(withNetwork(withWallet(positions))),
    'vostro supervision positions --member BORLFRPP',
    'vostro supervision positions --csv positions.csv',
  ).action(bind(showPositions));
  const records = group
    .command('records')
    .description('Extract every transaction over a range of blocks that names an account, with what it did.')
    .requiredOption('--of <account>', 'by name, BIC or address')
    .option('--from-height <height>', 'the first block; at most 10,000 of them')
    .option('--to-height <height>', 'the last block; the newest when left out')
    .option('--out <file>', 'write them to a file, one JSON object a line');
  withExamples(
    withJson(withNetwork(withWallet(records))),
    'vostro supervision records --of BORLFRPP --from-height 1 --out borealis.jsonl',
  ).action(bind(extractRecords));
  registerRules(group, bind);
  const mandate = group
    .command('mandate')
    .description('Show what the members let a supervisor do.')
    .argument('<bic>', 'the supervisor');
  withExamples(withJson(withNetwork(withWallet(mandate))), 'vostro supervision mandate SUPVDEFF').action(
    bind(showMandate),
  );
}

function withBound(command: Command): Command {
  return command
    .requiredOption('--of <account>', 'the account that is bound, by name, BIC or address')
    .option('--currency <code>', 'the network’s only one when left out');
}

function registerRules(group: Command, bind: Bind): void {
  const velocity = withBound(group.command('velocity'))
    .description('Bound how often and how much an account authorises in any window of time.')
    .requiredOption('--window <duration>', 'as 10m, 24h or 7d')
    .option('--max-count <n>', 'payments and locks')
    .option('--max-sum <amount>', 'of them together, in the major unit');
  withExamples(
    withJson(withSending(velocity)),
    'vostro supervision velocity --account CBVODEFF --of BORLFRPP --window 24h --max-count 100 --max-sum 500000.00',
  ).action(bind(setVelocity));
  const exposure = withBound(group.command('exposure'))
    .description('Bound what an account sends to a counterparty on a business day, less what comes from there.')
    .requiredOption('--counterparty <bic>', 'all accounts of this member')
    .requiredOption('--limit <amount>', 'in the major unit')
    .option('--offset <account>', 'an account of the counterparty whose payments count against it', repeated, []);
  withExamples(
    withJson(withSending(exposure)),
    'vostro supervision exposure --account CBVODEFF --of BORLFRPP --counterparty AURLDEFF --limit 200000.00 --offset AURLDEFF',
  ).action(bind(setExposure));
  const end = withBound(group.command('end-rule'))
    .description('End the velocity rule of an account, or its bound towards a counterparty.')
    .option('--counterparty <bic>', 'the bound towards this member');
  withExamples(withJson(withSending(end)), 'vostro supervision end-rule --account CBVODEFF --of BORLFRPP').action(
    bind(endRule),
  );
  const rules = withBound(group.command('rules')).description(
    'Show the rules that bind an account, and what they leave.',
  );
  withExamples(withJson(withNetwork(withWallet(rules))), 'vostro supervision rules --of BORLFRPP').action(
    bind(showRules),
  );
}
