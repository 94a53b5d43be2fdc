import { RANGE_LIMIT } from '../api/rangeLimit.js';
import { t } from '../api/t.js';
import { RANKS, type Rank } from '../gridlock/input.js';
import type { QueueRow, QueueView, Waiting } from './declaration.js';
import { id, priority } from './records.js';

/** A row of the queue: the place behind which a page goes on. */
export const place = t.struct({ priority, id });

export function placeOf(row: Waiting | undefined): { readonly priority: Rank; readonly id: number } | undefined {
  return row === undefined ? undefined : { priority: row.priority, id: row.id };
}

/** A stretch of one rank. */
interface Stretch {
  /** Rows that the rank has at most. */
  readonly count: number;
  /** Rows that are wanted. */
  readonly max: number;
  readonly after?: number | undefined;
}

/** Rows of one rank, page by page; a page costs what it may hold, so it is never larger than what there is. */
export function* rowsOfRank(
  ctx: QueueView,
  currency: string,
  priority: Rank,
  { count, max, after }: Stretch,
): Generator<Waiting> {
  let left = Math.min(count, max);
  let last = after;
  while (left > 0) {
    const limit = Math.min(left, RANGE_LIMIT);
    const from = last === undefined ? undefined : ([currency, priority, last] as const);
    const rows = ctx.state.order.entriesUnder([currency, priority], limit, from);
    for (const { key, value } of rows) {
      last = key[2];
      yield { ...value, id: last, priority };
    }
    if (rows.length < limit) return;
    left -= rows.length;
  }
}

/** A page of the whole queue, in its order. */
export function rowsInOrder(
  ctx: QueueView,
  queue: QueueRow,
  page: {
    readonly currency: string;
    readonly limit: number;
    readonly after?: { readonly priority: Rank; readonly id: number } | undefined;
  },
): readonly Waiting[] {
  const { currency, limit, after } = page;
  const rows: Waiting[] = [];
  for (const priority of after === undefined ? RANKS : RANKS.slice(RANKS.indexOf(after.priority))) {
    const begins = priority === after?.priority ? after.id : undefined;
    const stretch = { count: queue.waiting[priority], max: limit - rows.length, after: begins };
    rows.push(...rowsOfRank(ctx, currency, priority, stretch));
  }
  return rows;
}
