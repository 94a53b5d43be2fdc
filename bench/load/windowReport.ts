import type { NodeCost } from '../network/cluster.js';
import { type BlockCost, blockCost } from '../network/nodeCounters.js';
import type { LoadMode } from '../options.js';
import { type LatencySummary, summarise } from './latencies.js';
import type { WindowResult } from './openLoop.js';

/** The figures of one window. Counts are payments unless their names say otherwise. */
export interface WindowReport {
  readonly mode: LoadMode;
  readonly offeredPerSecond: number;
  readonly offered: number;
  /** Proven to have settled. */
  readonly committed: number;
  /** Refused or failed, by code. */
  readonly refused: Readonly<Record<string, number>>;
  readonly unknown: number;
  readonly paymentsPerSecond: number;
  /** Of transactions, from the intended send time to the verified proof. */
  readonly latency: LatencySummary;
  /** Blocks that hold payments of the window. */
  readonly blocks: number;
  readonly transactionsPerBlock: number;
  /** Of one node on average. */
  readonly nodeCpuUsPerPayment: number | undefined;
  readonly nodeDiskBytesPerPayment: number;
  readonly clientCpuUsPerPayment: number;
  readonly senderLagMs: number;
  /** What a block cost one node in syncs and messages. */
  readonly blockCost: BlockCost;
}

export interface WindowCost {
  readonly before: NodeCost;
  readonly after: NodeCost;
  readonly nodes: number;
  readonly clientCpuUs: number;
}

const MAX_P99_MS = 1_000;
const LEAST_SERVED_PERCENT = 99;

/** What the window came to. */
export function reportWindow(
  load: { readonly mode: LoadMode; readonly offeredPerSecond: number },
  { measured, durationMs, senderLagMs }: WindowResult,
  cost: WindowCost,
): WindowReport {
  const refused: Record<string, number> = {};
  const latencies: number[] = [];
  const heights = new Set<number>();
  let [offered, committed, unknown] = [0, 0, 0];
  for (const { transaction, settled, latencyMs } of measured) {
    const count = transaction.creditors.length;
    offered += count;
    if (settled.status === 'final') heights.add(settled.height);
    if (settled.status === 'unknown') unknown += count;
    else if (settled.code !== '') refused[settled.code] = (refused[settled.code] ?? 0) + count;
    else {
      committed += count;
      latencies.push(latencyMs);
    }
  }
  const { before, after, nodes, clientCpuUs } = cost;
  const each = (total: number): number => Math.round((total / Math.max(1, committed)) * 10) / 10;
  const hasCpu = before.cpuUs !== undefined && after.cpuUs !== undefined;
  return {
    ...load,
    offered,
    committed,
    refused,
    unknown,
    paymentsPerSecond: Math.round((committed * 1_000) / durationMs),
    latency: summarise(latencies),
    blocks: heights.size,
    transactionsPerBlock: Math.round((latencies.length / Math.max(1, heights.size)) * 10) / 10,
    nodeCpuUsPerPayment: hasCpu ? each(((after.cpuUs ?? 0) - (before.cpuUs ?? 0)) / nodes) : undefined,
    nodeDiskBytesPerPayment: each((after.diskBytes - before.diskBytes) / nodes),
    clientCpuUsPerPayment: each(clientCpuUs),
    senderLagMs: Math.round(senderLagMs * 10) / 10,
    blockCost: blockCost(before.counters, after.counters),
  };
}

/** Whether the network served the load: nearly all of it, and nearly all of that in time. */
export function isServed({ offered, committed, latency }: WindowReport): boolean {
  const isInTime = latency.p99Ms !== undefined && latency.p99Ms <= MAX_P99_MS;
  return isInTime && committed * 100 >= offered * LEAST_SERVED_PERCENT;
}
