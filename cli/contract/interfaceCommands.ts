import type { Command } from 'commander';
import type { Bind } from '../invocation.js';
import { repeated, withExamples, withJson, withNetwork, withSending, withWallet } from '../options.js';

/** `vostro contract call|view|abi|bindings|reference`: any contract by its ABI. */
export function registerInterface(group: Command, bind: Bind): void {
  const call = withMethod(group.command('call'))
    .description('Send a call of a contract’s method; the arguments are options, as its ABI names them.')
    .option('--also-sign <account>', 'a further account whose keys sign, too; several times', repeated, []);
  withExamples(
    withJson(withSending(call)),
    'vostro contract call escrow release --help',
    'vostro contract call escrow release --id E-1 --milestone 2 --account AURLDEFF',
    'vostro contract call cash transfer --currency EUR --debtor AURLDEFF --creditor BORLFRPP --amount 12500',
  ).action(bind(async (invocation) => (await import('./callContract.js')).callContract(invocation)));
  withExamples(registerView(group, bind), 'vostro contract view escrow', 'vostro contract view escrow status --id E-1');
  const abi = group
    .command('abi')
    .description('Print the ABI of a contract; of a bank’s, as the chain proves it.')
    .argument('<contract>', 'as escrow, or escrow@2 for one version');
  withExamples(withJson(withNetwork(withWallet(abi))), 'vostro contract abi escrow', 'vostro contract abi cash').action(
    bind(async (invocation) => (await import('./describeContract.js')).showAbi(invocation)),
  );
  const bindings = withSource(group.command('bindings'))
    .description('Make a TypeScript module of a contract’s methods, calls, events and codes with their types.')
    .option('--methods <names>', 'these methods alone, with commas between: what a contract needs that calls them');
  withExamples(
    withJson(withNetwork(withWallet(bindings))),
    'vostro contract bindings escrow --out escrow.ts',
    'vostro contract bindings cash --methods lock,release --out src/bindings/cash.ts',
    'vostro contract bindings escrow --abi abi.json',
  ).action(bind(async (invocation) => (await import('./describeContract.js')).writeBindings(invocation)));
  const reference = withSource(group.command('reference')).description(
    'Make the page of a contract: its methods, events, codes and state, as Markdown.',
  );
  withExamples(
    withJson(withNetwork(withWallet(reference))),
    'vostro contract reference escrow',
    'vostro contract reference escrow@2 --out escrow.md',
  ).action(bind(async (invocation) => (await import('./describeContract.js')).writeReference(invocation)));
}

/** `view`, under whatever group it stands. */
export function registerView(group: Command, bind: Bind): Command {
  const view = withMethod(group.command('view')).description(
    'Ask a contract; the arguments are options, as its ABI names them. A node’s word: it carries no proof.',
  );
  return withJson(withNetwork(withWallet(view))).action(
    bind(async (invocation) => (await import('./callContract.js')).viewContract(invocation)),
  );
}

/** A command whose further options are the method's: help is made of them, too. */
function withMethod(command: Command): Command {
  return command
    .argument('[contract]', 'as escrow, cash')
    .argument('[method]', 'left out, the methods are listed')
    .argument('[arguments...]', '--name value of each argument; --help lists them')
    .allowUnknownOption()
    .helpOption(false);
}

function withSource(command: Command): Command {
  return command
    .argument('<contract>', 'as escrow, or escrow@2 for one version')
    .option('--abi <file>', 'from this file instead of the network')
    .option('--out <file>', 'write to this file instead of standard output');
}
