import { API_LIMITS } from '../api/limits.js';
import type { VostroClient } from '../client/client.js';
import { ClientError } from '../client/errors.js';
import type { Hex } from '../primitives/bytes.js';
import { LIMITS } from '../primitives/limits.js';

/** More than the largest block has. */
const MAX_PAGES = Math.ceil(LIMITS.transactionsPerBlock / API_LIMITS.pageItems) + 1;

/**
 * Ids of a block's transactions, in their order: a node's word.
 *
 * @throws ClientError `RESPONSE_INVALID` where the node tells of more than a block can hold
 */
export async function transactionIdsOf(client: VostroClient, height: number): Promise<readonly Hex[]> {
  const ids: Hex[] = [];
  let cursor: string | undefined;
  for (let count = 0; count < MAX_PAGES; count++) {
    const page = await client.call('blockTransactions', cursor === undefined ? { height } : { height, cursor });
    ids.push(...page.ids);
    cursor = page.nextCursor;
    if (cursor === undefined) return ids;
  }
  throw new ClientError(
    'RESPONSE_INVALID',
    `expected at most ${LIMITS.transactionsPerBlock} transactions of block ${height}, found more`,
    {
      expected: `${LIMITS.transactionsPerBlock}`,
      actual: `${ids.length} and more`,
      hint: 'ask another node, with --rpc',
    },
  );
}
