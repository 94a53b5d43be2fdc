import { setTimeout as sleep } from 'node:timers/promises';
import type { PreparedTransaction } from './preparedTransactions.js';
import type { Settled, Settlement } from './settlement.js';

/** Transactions that become due within it are sent in one request; the wait for it counts as latency. */
const TICK_MS = 10;
const MAX_PER_REQUEST = 250;
/** Bytes of one request: half of what a node takes. */
const MAX_REQUEST_BYTES = 1_000_000;
const LEAD_MS = 50;
/** How long after the window a transaction may still become final. */
const DRAIN_MS = 8_000;

/** What was measured of one transaction. */
export interface Measured {
  readonly transaction: PreparedTransaction;
  readonly settled: Settled;
  /** From the intended send time to the verified proof. */
  readonly latencyMs: number;
}

export interface WindowResult {
  readonly measured: readonly Measured[];
  /** From the first intended send time to the end of the window or the last proof, whichever is later. */
  readonly durationMs: number;
  /** How late the generator itself sent at worst, beyond one tick: a large one makes the run worthless. */
  readonly senderLagMs: number;
}

/**
 * Sends at a fixed rate whatever becomes of what was sent before: a stall of the network lengthens the latency of every
 * transaction that was due meanwhile.
 */
export async function runOpenLoop(
  transactions: readonly PreparedTransaction[],
  transactionsPerSecond: number,
  settlement: Settlement,
): Promise<WindowResult> {
  const intervalMs = 1_000 / transactionsPerSecond;
  const startMs = performance.now() + LEAD_MS;
  const endMs = startMs + transactions.length * intervalMs;
  const dueMs = (index: number): number => startMs + index * intervalMs;
  const measured: Measured[] = [];
  const underWay: Promise<void>[] = [];
  let lastMs = endMs;
  let senderLagMs = 0;
  let failure: { readonly error: unknown } | undefined;
  const send = (first: number, count: number): void => {
    const part = transactions.slice(first, first + count);
    const indexOf = new Map(part.map((transaction, offset) => [transaction, first + offset]));
    senderLagMs = Math.max(senderLagMs, performance.now() - dueMs(first) - TICK_MS);
    const settled = settlement.settle(part, endMs + DRAIN_MS, (transaction, outcome) => {
      const nowMs = performance.now();
      if (outcome.status === 'final') lastMs = Math.max(lastMs, nowMs);
      const latencyMs = nowMs - dueMs(indexOf.get(transaction) ?? first);
      measured.push({ transaction, settled: outcome, latencyMs });
    });
    underWay.push(
      settled.catch((error: unknown) => {
        failure ??= { error };
      }),
    );
  };
  for (let next = 0; next < transactions.length && failure === undefined; ) {
    const due = Math.min(transactions.length, Math.floor((performance.now() - startMs) / intervalMs) + 1);
    while (next < due) {
      const count = fitting(transactions, next, due);
      send(next, count);
      next += count;
    }
    if (next < transactions.length) await sleep(Math.max(TICK_MS, dueMs(next) - performance.now()));
  }
  await Promise.all(underWay);
  if (failure !== undefined) throw failure.error;
  return { measured, durationMs: lastMs - startMs, senderLagMs: Math.max(0, senderLagMs) };
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
