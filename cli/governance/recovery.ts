import type { Command } from 'commander';
import { callOf } from '../../contracts/api/method.js';
import { cash, membership } from '../../contracts/index.js';
import { policyHash } from '../../contracts/membership/policyHash.js';
import { toChecksum } from '../../primitives/address.js';
import { SUITE_SECP256K1 } from '../../primitives/suite.js';
import type { Call } from '../../primitives/types.js';
import { policyOf, withPolicy } from '../account/policyOptions.js';
import { usageError } from '../errors.js';
import { argument, type Invocation } from '../invocation.js';
import { provenKey } from '../keyRegistration.js';
import { repeated } from '../options.js';
import type { Session } from '../session.js';
import { currencyOf } from '../values.js';

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
    .option(
      '--clear-limits <currency>',
      'end at once the limits that the account has set itself in a currency; may be given several times',
      repeated,
      [],
    )
    .requiredOption('--reason <text>', 'why, for everybody');
}

/**
 * Registers the member's new keys, where it has none left that could, puts them in the place of the policy of now, and ends limits
 * that are named: all or nothing.
 */
export async function recoveryCalls(session: Session, invocation: Invocation): Promise<readonly Call[]> {
  const { options } = invocation;
  const { account } = await session.accounts.find(argument(invocation, 0, 'account'));
  const before = await session.client.read(membership.methods.account, { account });
  if (before === undefined) throw usageError('account', 'one of the network', toChecksum(account));
  const { member } = before;
  const { registerKey, recoverAccount } = membership.methods;
  const registrations = options.list('register').map((text) => {
    const [key = '', proof = ''] = text.split(':', 2);
    const proven = provenKey(key, proof, '--register', '--register');
    return callOf(registerKey, { member, suite: SUITE_SECP256K1, ...proven });
  });
  const policy = await policyOf(session, options);
  const recovery = { account, replaces: policyHash(before), ...policy, reason: options.required('reason') };
  const cleared = options.list('clearLimits').map((named) => {
    return callOf(cash.methods.clearLimits, { currency: currencyOf(session.network, named), account });
  });
  return [...registrations, callOf(recoverAccount, recovery), ...cleared];
}
