import { setTimeout as sleep } from 'node:timers/promises';
import type { PreparedTransaction } from './preparedTransactions.js';
import type { Schedule } from './schedule.js';
import type { OnSettled, Settled, Settlement } from './settlement.js';

/** Transactions that fall due within a tick go out together; that wait counts as latency. Longer where more fall due. */
const TICK_MS = { min: 5, max: 20 } as const;
/** Transactions that one tick is to gather before it grows beyond its minimum. */
const WANTED_PER_TICK = 10;
const MAX_PER_REQUEST = 250;
/** Bytes of one request: half of what a node takes. */
const MAX_REQUEST_BYTES = 1_000_000;
/** How long after the window a transaction may still become final. */
const DRAIN_MS = 20_000;

/** What became of one transaction. Times are milliseconds from the run's start. */
export interface Measured {
  readonly transaction: PreparedTransaction;
  readonly settled: Settled;
  /** Intended send time. */
  readonly dueMs: number;
  /** When its proof was verified, or its end known otherwise. */
  readonly endMs: number;
}

export interface LoopResult {
  /** From the start to the end of the window or the last proof, whichever is later. */
  readonly durationMs: number;
  /** How late the generator itself sent at worst, beyond one tick: a large one makes the run worthless. */
  readonly senderLagMs: number;
}

/** A part of `Settlement`. */
export type Settles = Pick<Settlement, 'settle'>;

/** How long the generator gathers before it sends, for a rate in transactions a second. */
export function tickMs(perSecond: number): number {
  return Math.min(TICK_MS.max, Math.max(TICK_MS.min, (perSecond / 1_000) * WANTED_PER_TICK));
}

/**
 * Sends on schedule whatever becomes of what was sent before: a stall of the network lengthens the latency of every
 * transaction that was due meanwhile.
 *
 * @param startMs of `performance.now`
 */
export async function runOpenLoop(
  transactions: readonly PreparedTransaction[],
  schedule: Schedule,
  startMs: number,
  settlement: Settles,
  onMeasured: (measured: Measured) => void,
): Promise<LoopResult> {
  const tick = tickMs(schedule.perSecond);
  const deadlineMs = startMs + schedule.endMs + DRAIN_MS;
  const underWay = new Set<Promise<void>>();
  let lastMs = schedule.endMs;
  let senderLagMs = 0;
  let failure: { readonly error: unknown } | undefined;
  const send = (first: number, count: number): void => {
    const part = transactions.slice(first, first + count);
    const indexOf = new Map(part.map((transaction, offset) => [transaction, first + offset]));
    senderLagMs = Math.max(senderLagMs, performance.now() - startMs - schedule.dueMs(first) - tick);
    const onSettled: OnSettled = (transaction, settled) => {
      const endMs = performance.now() - startMs;
      if (settled.status === 'final') lastMs = Math.max(lastMs, endMs);
      onMeasured({ transaction, settled, dueMs: schedule.dueMs(indexOf.get(transaction) ?? first), endMs });
    };
    const settled = settlement
      .settle(part, deadlineMs, onSettled)
      .catch((error: unknown) => {
        failure ??= { error };
      })
      .finally(() => underWay.delete(settled));
    underWay.add(settled);
  };
  await sleep(Math.max(0, startMs - performance.now()));
  for (let next = 0; next < transactions.length && failure === undefined; ) {
    const due = Math.min(transactions.length, schedule.dueBy(performance.now() - startMs));
    while (next < due) {
      const count = fitting(transactions, next, due);
      send(next, count);
      next += count;
    }
    if (next < transactions.length) await sleep(Math.max(tick, startMs + schedule.dueMs(next) - performance.now()));
  }
  while (underWay.size > 0) await Promise.all(underWay);
  if (failure !== undefined) throw failure.error;
  return { durationMs: lastMs, senderLagMs: Math.max(0, senderLagMs) };
}

/** How many of the transactions from `first` to `end` one request takes: at least one. */
function fitting(transactions: readonly PreparedTransaction[], first: number, end: number): number {
  let bytes = 0;
  let count = 0;
  while (first + count < end && count < MAX_PER_REQUEST) {
    bytes += transactions[first + count]?.bytes.length ?? 0;
    if (count > 0 && bytes > MAX_REQUEST_BYTES) break;
    count++;
  }
  return count;
}
