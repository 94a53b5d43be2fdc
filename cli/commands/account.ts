import type { Command } from 'commander';
import { changePolicy, openAccount, rotateKey, setSuspended } from '../account/changeAccount.js';
import { registerLimits } from '../account/limitCommands.js';
import { withPolicy } from '../account/policyOptions.js';
import { showAccount } from '../account/showAccount.js';
import type { Bind } from '../invocation.js';
import { withAccount, withExamples, withJson, withSending } from '../options.js';
import { withDraft } from '../signing/draft.js';

export function register(program: Command, bind: Bind): void {
  const group = program
    .command('account')
    .description('Who signs for an account, for how much, and how it is stopped.');
  const show = group
    .command('show')
    .description('Show who signs for an account, and whether it may act.')
    .argument('[account]', 'by name, BIC or address; the wallet’s own when left out');
  withExamples(withJson(withAccount(show)), 'vostro account show AURLDEFF').action(bind(showAccount));
  registerPolicies(group, bind);
  registerLimits(group, bind);
  for (const [name, isSuspended, description] of [
    ['suspend', true, 'Stop an account: it pays and receives nothing. By its member or a central bank.'],
    ['reinstate', false, 'Let a suspended account act again. By a central bank.'],
  ] as const) {
    const change = group.command(name).description(description).argument('<account>', 'by name, BIC or address');
    withExamples(
      withJson(withDraft(withSending(change))),
      `vostro account ${name} AURLDEFF/payments --account CBVODEFF`,
    ).action(bind((invocation) => setSuspended(invocation, isSuspended)));
  }
}

function registerPolicies(group: Command, bind: Bind): void {
  const open = withPolicy(group.command('open'))
    .description('Open an account of the member under keys that are registered; its id is the first key’s address.')
    .argument('<label>', 'its name within the member')
    .option('--member <bic>', 'its member; the account’s own when left out');
  withExamples(
    withJson(withDraft(withSending(open))),
    'vostro account open payments --key maker --checker checker --account AURLDEFF',
    'vostro account open custody --key one --key two --key three --threshold 2 --account AURLDEFF',
  ).action(bind(openAccount));
  const policy = withPolicy(group.command('policy')).description(
    'Put another policy in the place of the account’s: by signatures that satisfy the one of now.',
  );
  withExamples(
    withJson(withDraft(withSending(policy))),
    'vostro account policy --key maker --key maker-2 --checker checker --account AURLDEFF/payments',
  ).action(bind(changePolicy));
  const rotate = group
    .command('rotate')
    .description('Put one key in another’s place; a checker’s successor is a checker.')
    .requiredOption('--remove <key>', 'the key that goes, by address or label in the wallet')
    .requiredOption('--add <key>', 'the registered key that comes');
  withExamples(
    withJson(withDraft(withSending(rotate))),
    'vostro account rotate --remove maker --add maker-2 --account AURLDEFF/payments',
  ).action(bind(rotateKey));
}
