import { parseAddress } from '../../primitives/address.js';
import type { Invocation } from '../invocation.js';
import type { CommandResult } from '../output.js';
import { openSession } from '../session.js';
import { formatFields } from '../table.js';
import { policyWords } from './policyOptions.js';

/** Who signs for an account, and whether it may act. */
export async function showAccount(invocation: Invocation): Promise<CommandResult> {
  const session = await openSession(invocation);
  const { account } = await session.accounts.own(invocation.args[0] ?? session.settings.account);
  const record = await session.client.call('account', { account });
  const { member, label, threshold, suspended } = record;
  const policy = { threshold, keys: record.keys.map(parseAddress), checkers: record.checkers.map(parseAddress) };
  return {
    data: record,
    text: formatFields([
      ['account', session.accounts.shown(account)],
      ['member', `${member}/${label}`],
      ['signed for by', policyWords(policy)],
      ['state', suspended ? 'suspended' : 'active'],
    ]),
  };
}
