import type { Command } from 'commander';
import { withYes } from '../governance/consent.js';
import type { Bind } from '../invocation.js';
import { withExamples, withJson, withNetwork, withSending, withWallet } from '../options.js';

/** `vostro contract propose|approve|status|list|source`: contracts of banks on their way onto the chain and into force. */
export function registerDeployment(group: Command, bind: Bind): void {
  registerPropose(group, bind);
  const approve = withYes(group.command('approve'))
    .description('Approve a contract, exactly as it is shown; with --verify only if its sources give its bundle.')
    .argument('<proposal>', 'the number of the proposal, or the contract where one is open')
    .option('--verify', 'fetch the sources and build them again first')
    .option('--hash <hash>', 'refuse unless this is the proposal’s hash, as another channel told it');
  withExamples(
    withJson(withSending(approve)),
    'vostro contract approve 4 --verify --account AURLDEFF',
    'vostro contract approve escrow --verify --account AURLDEFF --yes',
  ).action(bind(async (invocation) => (await import('./approveContract.js')).approveContract(invocation)));
  const status = group
    .command('status')
    .description('Show what is in force of a contract, its versions, candidates and proposals.')
    .argument('<name>', 'the contract');
  withExamples(withJson(withNetwork(withWallet(status))), 'vostro contract status escrow').action(
    bind(async (invocation) => (await import('./showContracts.js')).showStatus(invocation)),
  );
  const list = group.command('list').description('List the contracts of banks that are in force or were.');
  withExamples(withJson(withNetwork(withWallet(list))), 'vostro contract list').action(
    bind(async (invocation) => (await import('./showContracts.js')).listContracts(invocation)),
  );
  const engines = group
    .command('engines')
    .description('Show the engines that the chain runs contracts on, and this version’s.');
  withExamples(withJson(withNetwork(withWallet(engines))), 'vostro contract engines').action(
    bind(async (invocation) => (await import('./showContracts.js')).showEngines(invocation)),
  );
  const source = group
    .command('source')
    .description('Fetch the sources of a contract from the chain and write them out; their hash is checked.')
    .argument(
      '<name>',
      'the contract as it is in force, one version as escrow@2, a bundle as escrow@0x3f…, or that of a member as escrow@0x3f…@ALFADEFF',
    )
    .requiredOption('--out <directory>', 'where to write the files');
  withExamples(
    withJson(withNetwork(withWallet(source))),
    'vostro contract source escrow --out ./escrow-review',
    'vostro contract source escrow@1 --out ./escrow-1',
    'vostro contract source escrow@0x3f… --out ./escrow-review',
  ).action(bind(async (invocation) => (await import('./showContracts.js')).writeSource(invocation)));
}

function registerPropose(group: Command, bind: Bind): void {
  const propose = group
    .command('propose')
    .description(
      'Build a project, upload it, register it, and propose to put it in force. Run again, it goes on where it was.',
    )
    .argument('<project>', 'directory with contract.json')
    .requiredOption('--activate-at <height>', 'first height at which it is in force, as 12000 or +200')
    .option('--open-for <duration>', 'how long it may be approved, as 12h; 90d at most', '7d')
    .option('--migration-fuel <units>', 'what its migration may use at most')
    .option('--description <text>', 'why, for the others');
  withExamples(
    withJson(withSending(propose)),
    'vostro contract propose ./escrow --activate-at +200 --account AURLDEFF',
    'vostro contract propose ./escrow --activate-at +200 --simulate',
  )
    .addHelpText('after', '\nA contract in force is paused and resumed by: vostro governance pause|lift <name>')
    .action(bind(async (invocation) => (await import('./proposeContract.js')).proposeContract(invocation)));
}
