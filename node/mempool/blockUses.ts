import type { IncludedTransaction } from '../execution/types.js';
import type { Directory } from './directory.js';
import type { BlockUse } from './servedShares.js';

/** What the members of a block's senders had of it, and the members of its urgent ones, one for each of those. */
export function blockUses(
  included: readonly IncludedTransaction[],
  directory: Directory,
): { readonly uses: readonly BlockUse[]; readonly urgent: readonly string[] } {
  const byMember = new Map<string, { member: string; fuel: number; bytes: number; transactions: number }>();
  const urgent: string[] = [];
  for (const { sender, priority, fuelUsed, sizeBytes } of included) {
    const member = directory.account(sender)?.member ?? '';
    if (priority === 'urgent') urgent.push(member);
    let use = byMember.get(member);
    if (use === undefined) {
      use = { member, fuel: 0, bytes: 0, transactions: 0 };
      byMember.set(member, use);
    }
    use.fuel += fuelUsed;
    use.bytes += sizeBytes;
    use.transactions++;
  }
  return { uses: [...byMember.values()], urgent };
}
