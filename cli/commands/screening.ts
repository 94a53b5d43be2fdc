import type { Command } from 'commander';
import type { Bind } from '../invocation.js';
import { withExamples, withJson, withNetwork, withSending, withWallet } from '../options.js';
import {
  appealEntry,
  checkIdentifiers,
  decideAppeal,
  liftEntry,
  listEntries,
  listIdentifier,
  showHash,
} from '../screening/entries.js';

export function register(program: Command, bind: Bind): void {
  const group = program
    .command('screening')
    .description('Share hashed identifiers that no payment may be about, check them, and appeal against them.');
  const hash = withIdentifier(group.command('hash')).description('Work out the hash of an identifier, offline.');
  withExamples(withJson(hash), 'vostro screening hash "DE89 3704 0044 0532 0130 00" --screening-key banks.key').action(
    bind(showHash),
  );
  const list = withIdentifier(group.command('list'))
    .description('List an identifier until a time, or move its end.')
    .requiredOption('--kind <kind>', 'sanctions or fraud')
    .requiredOption(
      '--reason <reason>',
      'officialList, courtOrder, confirmedFraud, suspectedFraud, mistakenIdentityRisk or moneyMule',
    )
    .option('--for <duration>', 'how long, as 30d; at most 90 days for fraud, 366 for sanctions')
    .option('--until <time>', 'the same as a time');
  withExamples(
    withJson(withSending(list)),
    'vostro screening list "DE89 3704 0044 0532 0130 00" --account AURLDEFF --kind fraud --reason moneyMule --for 30d --screening-key banks.key',
  ).action(bind(listIdentifier));
  const lift = withIdentifier(group.command('lift')).description('Take an own entry off the list.');
  withExamples(withJson(withSending(lift)), 'vostro screening lift 0x… --account AURLDEFF').action(bind(liftEntry));
  registerAppeals(group, bind);
  const check = group
    .command('check')
    .description('Say which identifiers are listed now; exits with 1 where any is.')
    .argument('<identifiers...>', 'identifiers, or their hashes')
    .option('--screening-key <file>', 'file whose only line is the key that the banks share');
  withExamples(
    withJson(withNetwork(withWallet(check))),
    'vostro screening check "DE89 3704 0044 0532 0130 00" --screening-key banks.key',
  ).action(bind(checkIdentifiers));
  const entries = group.command('entries').description('Show what a member lists.').argument('<bic>', 'the member');
  withExamples(withJson(withNetwork(withWallet(entries))), 'vostro screening entries AURLDEFF').action(
    bind(listEntries),
  );
}

function withIdentifier(command: Command): Command {
  return command
    .argument('<identifier>', 'an identifier, as an IBAN, or its hash')
    .option('--screening-key <file>', 'file whose only line is the key that the banks share');
}

function registerAppeals(group: Command, bind: Bind): void {
  const steps = [
    ['appeal', 'Ask for a decision of another member on an entry.', appealEntry],
    ['grant', 'Grant an appeal: the entry is gone.', (invocation) => decideAppeal(invocation, true)],
    ['refuse', 'Refuse an appeal: the entry stands.', (invocation) => decideAppeal(invocation, false)],
  ] as const satisfies readonly (readonly [string, string, Parameters<Bind>[0]])[];
  for (const [name, description, run] of steps) {
    const command = withIdentifier(group.command(name))
      .description(description)
      .requiredOption('--member <bic>', 'who lists it')
      .requiredOption('--document <file>', 'why; its SHA-256 goes onto the chain');
    withExamples(
      withJson(withSending(command)),
      `vostro screening ${name} 0x… --account BORLFRPP --member AURLDEFF --document letter.pdf`,
    ).action(bind(run));
  }
}
