import type { FinalTransaction } from '../../client/outcomes.js';
import { equalBytes } from '../../primitives/bytes.js';
import { outcomesRoot } from '../../primitives/receipt.js';
import type { Outcome } from '../../primitives/types.js';
import { CliError } from '../errors.js';
import type { SettlementSession } from './settlementSession.js';

/**
 * The code of each payment of a batch, empty where it settled, in the payments' order; proven by the root in the
 * verified receipt.
 *
 * @throws CliError `PROOF_REFUSED` when the node's answer is not what the receipt commits to
 */
export async function batchOutcomes(
  { client }: SettlementSession,
  { id, receipt }: FinalTransaction,
  payments: number,
): Promise<readonly string[]> {
  const outcomes: Outcome[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.call('outcomes', cursor === undefined ? { id } : { id, cursor });
    outcomes.push(...page.outcomes);
    cursor = page.nextCursor;
  } while (cursor !== undefined && outcomes.length < payments);
  const isProven = outcomes.length === payments && equalBytes(outcomesRoot(outcomes), receipt.outcomesRoot);
  if (isProven) return outcomes.map(({ code }) => code);
  throw new CliError('PROOF_REFUSED', `the node’s outcomes of ${id} are not those that its receipt commits to`, {
    expected: `${payments} outcomes under the receipt’s root`,
    actual: `${outcomes.length} others`,
    transactionId: id,
    hint: 'ask another node: run the same command with another --rpc; nothing is paid twice',
  });
}
