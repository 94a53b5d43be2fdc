import { queue } from '../../contracts/index.js';
import type { Address } from '../../primitives/types.js';
import { writeOutputFile } from '../files.js';
import type { Invocation } from '../invocation.js';
import type { CommandResult } from '../output.js';
import { openSession } from '../session.js';
import { currencyOf } from '../values.js';
import { readQueue } from './showQueue.js';

/** Accounts asked for their positions at a time. */
const AT_ONCE = 16;

/**
 * Writes the queue in the form that the simulation reads: amounts in minor units, payments by their numbers, accounts by
 * addresses, as a run names them in the hash of its input.
 */
export async function exportCase(invocation: Invocation): Promise<CommandResult> {
  const out = invocation.options.required('out');
  const session = await openSession(invocation);
  const { client } = session;
  const currency = currencyOf(session.network, invocation.options.text('currency'));
  // A run does not look at what is held, nor at what a debtor sends that orders block, so it is no part of what a run hashes either.
  const rows = (await readQueue(session, currency)).filter(({ isHeld }) => !isHeld).sort((a, b) => a.id - b.id);
  const accounts = [...new Set(rows.flatMap(({ debtor, creditor }) => [debtor, creditor]))].sort();
  const balances: Record<string, string> = {};
  const limits: object[] = [];
  const blocked = new Set<Address>();
  const look = async (account: Address): Promise<void> => {
    const position = await client.read(queue.methods.position, { currency, account });
    if (position.isBlocked) blocked.add(account);
    const above = rows.filter(({ debtor, priority }) => debtor === account && priority !== 'normal');
    const waiting = above.reduce((sum, { amount }) => sum + amount, 0n);
    const reserved = position.reserved < waiting ? position.reserved : waiting;
    balances[account] = String(position.available + reserved);
    if (position.limits === 0) return;
    for (const { creditor, amount, paid, received } of await client.read(queue.methods.limits, {
      currency,
      debtor: account,
    })) {
      const left = amount - paid + received;
      const isNamed = rows.some((row) => row.debtor === account && row.creditor === creditor);
      if (isNamed) limits.push({ from: account, to: creditor, amount: String(left < 0n ? 0n : left) });
    }
  };
  for (let at = 0; at < accounts.length; at += AT_ONCE) await Promise.all(accounts.slice(at, at + AT_ONCE).map(look));
  const taking = rows.filter(({ debtor }) => !blocked.has(debtor));
  const payments = taking.map(({ id, debtor, creditor, amount, priority }) => {
    return { id: String(id), from: debtor, to: creditor, amount: String(amount), priority };
  });
  const ordered = Object.fromEntries(accounts.map((account) => [account, balances[account]]));
  await writeOutputFile(out, `${JSON.stringify({ balances: ordered, queue: payments, limits }, undefined, 2)}\n`);
  return {
    data: { file: out, payments: payments.length, accounts: accounts.length },
    text: `${payments.length} payments of ${accounts.length} accounts in ${out}: vostro settle simulate --file ${out}`,
  };
}
