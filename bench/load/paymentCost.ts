import type { NodeCost } from '../network/cluster.js';
import type { NodeCounters } from '../network/nodeCounters.js';
import { type ProcessSample, THREAD_ROOMS, type ThreadRoom } from '../network/processCost.js';

/** What a payment cost one node, on average over the nodes that ran all the time. Undefined where the system does not tell. */
export interface PaymentCost {
  readonly cpuUs: number | undefined;
  readonly cpuUsByRoom: Readonly<Partial<Record<ThreadRoom, number>>>;
  readonly switches: number | undefined;
  /** Growth of its home. */
  readonly diskGrowthBytes: number;
  /** Bytes that went to the disk, those that were soon deleted too. */
  readonly diskWrittenBytes: number | undefined;
  /** To and from peers, before encryption. */
  readonly networkSentBytes: number;
  readonly networkReceivedBytes: number;
  /** Of memory, at the end of the window; not for each payment. */
  readonly rssBytes: number | undefined;
}

interface Pair {
  readonly before: ProcessSample;
  readonly after: ProcessSample;
}

/** @param payments proven between the two moments */
export function paymentCost(before: NodeCost, after: NodeCost, payments: number): PaymentCost {
  const pairs = after.processes.flatMap((sample, index): Pair[] => {
    const earlier = before.processes[index];
    return sample === undefined || earlier === undefined ? [] : [{ before: earlier, after: sample }];
  });
  const each = (total: number): number => Math.round((total / Math.max(1, payments)) * 10) / 10;
  const mean = (pick: (sample: ProcessSample) => number): number | undefined =>
    pairs.length === 0
      ? undefined
      : each(pairs.reduce((sum, pair) => sum + pick(pair.after) - pick(pair.before), 0) / pairs.length);
  const byRoom = THREAD_ROOMS.map((room) => [room, mean(({ cpuUsByRoom }) => cpuUsByRoom[room])] as const);
  const nodes = Math.max(1, after.diskBytes.length);
  const grown = after.diskBytes.reduce((sum, bytes, index) => sum + bytes - (before.diskBytes[index] ?? 0), 0);
  const rss = pairs.reduce((sum, pair) => sum + pair.after.rssBytes, 0) / Math.max(1, pairs.length);
  return {
    cpuUs: mean(({ cpuUs }) => cpuUs),
    cpuUsByRoom: Object.fromEntries(byRoom.filter(([, value]) => value !== undefined)),
    switches: mean(({ switches }) => switches),
    diskGrowthBytes: each(grown / nodes),
    diskWrittenBytes: mean(({ writtenBytes }) => writtenBytes),
    networkSentBytes: each(growth(before.counters, after.counters, 'network bytes out') / nodes),
    networkReceivedBytes: each(growth(before.counters, after.counters, 'network bytes in') / nodes),
    rssBytes: pairs.length === 0 ? undefined : Math.round(rss),
  };
}

function growth(before: readonly NodeCounters[], after: readonly NodeCounters[], key: string): number {
  return after.reduce((sum, counters, index) => sum + (counters.get(key) ?? 0) - (before[index]?.get(key) ?? 0), 0);
}
