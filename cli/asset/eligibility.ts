import type { Command } from 'commander';
import { callOf } from '../../contracts/api/method.js';
import { MEMBER_ROLES } from '../../contracts/api/roles.js';
import { assets } from '../../contracts/assets/assets.js';
import type { Terms } from '../../contracts/assets/declaration.js';
import { usageError } from '../errors.js';
import { argument, type Bind, type Invocation, type OptionReader } from '../invocation.js';
import { repeated, withExamples, withJson, withNetwork, withSending, withWallet } from '../options.js';
import type { CommandResult } from '../output.js';
import { collectPages, PAGE_ITEMS } from '../pages.js';
import { openSession } from '../session.js';
import { changeInstrument } from './instrumentBook.js';

/** `--eligible-role` and `--admitted-only`, of commands that set terms. */
export function withEligibility(command: Command): Command {
  return command
    .option('--eligible-role <role>', `who may receive units: ${MEMBER_ROLES.join(', ')}; several times`, repeated, [])
    .option('--admitted-only', 'only members that the issuer has admitted may receive units');
}

/** The rule that the options say; undefined for everybody. @throws CliError `USAGE_INVALID` */
export function eligibilityOf(options: OptionReader): Terms['eligibility'] {
  const roles = options.list('eligibleRole').map((name) => {
    const role = MEMBER_ROLES.find((each) => each === name);
    if (role === undefined) throw usageError('--eligible-role', `one of ${MEMBER_ROLES.join(', ')}`, name);
    return role;
  });
  const admittedOnly = options.flag('admittedOnly');
  return roles.length > 0 || admittedOnly ? { roles, admittedOnly } : undefined;
}

/** A rule in words. */
export function eligibilityText(eligibility: Terms['eligibility']): string {
  if (eligibility === undefined) return 'every account';
  const { roles, admittedOnly } = eligibility;
  const who = roles.length === 0 ? 'members' : `members with the role ${roles.join(' or ')}`;
  return admittedOnly ? `${who} that the issuer has admitted` : who;
}

export function registerEligibility(group: Command, bind: Bind): void {
  registerChange(group, bind, 'admit', 'Put a member on the issuer’s list of those that may receive units.');
  registerChange(group, bind, 'exclude', 'Take a member off the list: it keeps what it holds, and may send it on.');
  const list = group
    .command('admitted')
    .description('List the members that the issuer of an instrument has admitted.')
    .argument('<instrument>', 'id of the instrument');
  withExamples(withJson(withNetwork(withWallet(list))), 'vostro asset admitted FUND-A').action(bind(listAdmitted));
}

function registerChange(group: Command, bind: Bind, name: 'admit' | 'exclude', description: string): void {
  const command = group
    .command(name)
    .description(description)
    .argument('<instrument>', 'id of the instrument')
    .requiredOption('--member <bic>', 'BIC of the member');
  withExamples(
    withJson(withSending(command)),
    `vostro asset ${name} FUND-A --account AURLDEFF --member BORLFRPP`,
  ).action(
    bind((invocation) => {
      const member = invocation.options.required('member');
      const done = name === 'admit' ? 'admitted' : 'excluded';
      return changeInstrument(
        invocation,
        (instrument) => callOf(assets.methods[name], { instrument, member }),
        (instrument) => `${done} ${member}: ${instrument}`,
        { member },
      );
    }),
  );
}

async function listAdmitted(invocation: Invocation): Promise<CommandResult> {
  const instrument = argument(invocation, 0, 'instrument');
  const { client } = await openSession(invocation);
  const members = await collectPages<string>((after) =>
    client.read(assets.methods.admitted, { instrument, limit: PAGE_ITEMS, after }),
  );
  return { data: { instrument, members }, text: members.length === 0 ? 'nobody is admitted' : members.join('\n') };
}
