import type { Command } from 'commander';
import { callOf } from '../../contracts/api/method.js';
import { membership } from '../../contracts/index.js';
import { SUITE_SECP256K1 } from '../../primitives/suite.js';
import type { Call } from '../../primitives/types.js';
import { policyOf, withPolicy } from '../account/policyOptions.js';
import { argument, type Invocation } from '../invocation.js';
import { provenKey } from '../keyRegistration.js';
import { repeated } from '../options.js';
import type { Session } from '../session.js';

export function withRecovery(command: Command): Command {
  return withPolicy(command)
    .description('Give an account other keys, whoever holds those of now; it keeps its id and what it has.')
    .argument('<account>', 'by name, BIC or address')
    .option(
      '--register <public-key:possession>',
      'register a key of the member first, as vostro keys prove printed both; name it with --key or --checker, too',
      repeated,
      [],
    )
    .requiredOption('--reason <text>', 'why, for everybody');
}

/** Registers the member's new keys, where it has none left that could, and puts them in place: all or nothing. */
export async function recoveryCalls(session: Session, invocation: Invocation): Promise<readonly Call[]> {
  const { options } = invocation;
  const { account } = await session.accounts.find(argument(invocation, 0, 'account'));
  const { member } = await session.client.call('account', { account });
  const { registerKey, recoverAccount } = membership.methods;
  const registrations = options.list('register').map((text) => {
    const [key = '', proof = ''] = text.split(':', 2);
    const proven = provenKey(key, proof, '--register', '--register');
    return callOf(registerKey, { member, suite: SUITE_SECP256K1, ...proven });
  });
  const policy = await policyOf(session, options);
  return [...registrations, callOf(recoverAccount, { account, ...policy, reason: options.required('reason') })];
}
