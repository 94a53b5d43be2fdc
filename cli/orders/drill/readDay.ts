import { API_LIMITS } from '../../../api/limits.js';
import type { VostroClient } from '../../../client/client.js';
import { inParallel, slices } from '../../../client/parallel.js';
import type { Hex } from '../../../primitives/bytes.js';
import { transactionIdsOf } from '../../blockTransactions.js';
import { CliError } from '../../errors.js';
import type { DayTransaction } from './dayPayments.js';

/** Blocks that are looked at, from the newest back: a day of one a second. */
const MAX_BLOCKS = 100_000;
/** Blocks asked for at a time. */
const AT_ONCE = 32;

/**
 * The transactions of a currency's open business day, from the block that opened it on, in their order. A node's word.
 *
 * @throws CliError `BUSINESS_DAY_CLOSED` where none of its blocks opened the day
 */
export async function readDay(
  client: VostroClient,
  currency: string,
  note: (text: string) => void,
): Promise<readonly DayTransaction[]> {
  const { height } = await client.call('status', {});
  const blocks: (readonly DayTransaction[])[] = [];
  const lowest = Math.max(1, height - MAX_BLOCKS);
  for (let next = height; next >= lowest; next -= AT_ONCE) {
    const heights = Array.from({ length: Math.min(AT_ONCE, next - lowest + 1) }, (_, at) => next - at);
    for (const transactions of await Promise.all(heights.map((at) => transactionsOf(client, at)))) {
      const opened = transactions.findLastIndex((each) => opens(each, currency));
      blocks.push(opened < 0 ? transactions : transactions.slice(opened + 1));
      if (opened >= 0) {
        note(`read ${blocks.length} blocks of the open day of ${currency}`);
        return blocks.reverse().flat();
      }
    }
  }
  throw new CliError('BUSINESS_DAY_CLOSED', `expected the block that opened the day of ${currency}, found none`, {
    expected: `a business day of ${currency} that was opened within ${MAX_BLOCKS} blocks`,
    actual: 'none',
  });
}

function opens({ events }: DayTransaction, currency: string): boolean {
  return events.some(({ contract, name, data }) => {
    const about = data as { readonly currency?: string } | null;
    return contract === 'cash' && name === 'BusinessDayOpened' && about?.currency === currency;
  });
}

async function transactionsOf(client: VostroClient, height: number): Promise<readonly DayTransaction[]> {
  const ids = await transactionIdsOf(client, height);
  const parts = slices(ids, AT_ONCE);
  const read = await inParallel(parts, (part) => Promise.all(part.map((id) => transactionOf(client, id))));
  return read.flat().flatMap((each) => each ?? []);
}

/** Undefined for one that failed: it has moved nothing. */
async function transactionOf(client: VostroClient, id: Hex): Promise<DayTransaction | undefined> {
  const { success, events, results, outcomeCount } = await client.call('receipt', { id });
  if (!success) return undefined;
  const { calls } = await client.call('transaction', { id });
  return { id, calls, results, events, outcomes: outcomeCount === 0 ? [] : await outcomesOf(client, id) };
}

async function outcomesOf(client: VostroClient, id: Hex): Promise<readonly string[]> {
  const codes: string[] = [];
  let cursor: string | undefined;
  do {
    const limit = API_LIMITS.outcomesPerPage;
    const page = await client.call('outcomes', cursor === undefined ? { id, limit } : { id, limit, cursor });
    for (const { code } of page.outcomes) codes.push(code);
    cursor = page.nextCursor;
  } while (cursor !== undefined);
  return codes;
}
