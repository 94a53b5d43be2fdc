import { callOf } from '../../contracts/api/method.js';
import { membership } from '../../contracts/index.js';
import { toChecksum } from '../../primitives/address.js';
import { argument, type Invocation } from '../invocation.js';
import type { CommandResult } from '../output.js';
import { finalResult, transact } from '../sending.js';
import { openSession } from '../session.js';
import { keyAddress, policyData, policyOf, policyWords } from './policyOptions.js';

const m = membership.methods;

export async function openAccount(invocation: Invocation): Promise<CommandResult> {
  const { options } = invocation;
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  const policy = await policyOf(session, options);
  const label = argument(invocation, 0, 'label');
  const member = options.text('member') ?? (await session.client.call('account', { account: account.account })).member;
  const [first] = policy.keys;
  const opened = first === undefined ? '' : toChecksum(first);
  return transact(
    session,
    invocation,
    { account, calls: [callOf(m.openAccount, { member, label, ...policy })] },
    (final) =>
      finalResult(final, `opened ${member}/${label} as ${opened}, signed for by ${policyWords(policy)}`, {
        ...{ member, label, account: opened, ...policyData(policy) },
      }),
  );
}

export async function changePolicy(invocation: Invocation): Promise<CommandResult> {
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  const policy = await policyOf(session, invocation.options);
  const calls = [callOf(m.changePolicy, { account: account.account, ...policy })];
  return transact(session, invocation, { account, calls }, (final) =>
    finalResult(final, `${account.name} is signed for by ${policyWords(policy)}`, {
      ...{ account: toChecksum(account.account), ...policyData(policy) },
    }),
  );
}

export async function rotateKey(invocation: Invocation): Promise<CommandResult> {
  const { options } = invocation;
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  const remove = await keyAddress(session, options.required('remove'));
  const add = await keyAddress(session, options.required('add'));
  const calls = [callOf(m.rotateKey, { account: account.account, remove, add })];
  const [removed, added] = [toChecksum(remove), toChecksum(add)];
  return transact(session, invocation, { account, calls }, (final) =>
    finalResult(final, `${added} signs for ${account.name} in the place of ${removed}`, { removed, added }),
  );
}

/** By the member itself or a central bank; only a central bank reinstates. */
export async function setSuspended(invocation: Invocation, isSuspended: boolean): Promise<CommandResult> {
  const session = await openSession(invocation);
  const account = await session.accounts.own(session.settings.account);
  const other = await session.accounts.find(argument(invocation, 0, 'account'));
  const method = isSuspended ? m.suspendAccount : m.reinstateAccount;
  const calls = [callOf(method, { account: other.account })];
  return transact(session, invocation, { account, calls }, (final) =>
    finalResult(final, `${isSuspended ? 'suspended' : 'reinstated'} ${session.accounts.shown(other.account)}`, {
      ...{ account: toChecksum(other.account), isSuspended },
    }),
  );
}
