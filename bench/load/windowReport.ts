import type { NodeCost } from '../network/cluster.js';
import { type BlockCost, blockCost } from '../network/nodeCounters.js';
import type { LoadMode } from '../options.js';
import { type HistogramData, LatencyHistogram, type LatencySummary } from './histogram.js';
import { type PaymentCost, paymentCost } from './paymentCost.js';
import type { WindowTally } from './windowTally.js';

/** Why a window was run: to find a rate, to measure it, at half of it, or at the rate that was asked for. */
export type WindowKind = 'idle' | 'search' | 'saturation' | 'half' | 'fixed' | 'set-up';

/** What a window was to be. */
export interface WindowLoad {
  readonly kind: WindowKind;
  readonly mode: LoadMode;
  readonly offeredPerSecond: number;
  readonly seconds: number;
  readonly warmUpSeconds: number;
  /** Of windows of its kind and mode: 1 for the first. */
  readonly repeat: number;
}

/** One second of a run; those of the warm-up are negative. */
export interface SecondReport {
  readonly second: number;
  /** Payments by the time at which they were to be sent, and by the time of their proof. */
  readonly offered: number;
  readonly proven: number;
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  /** Of one node on average, for each payment proven in that second. */
  readonly nodeCpuUsPerPayment: number | undefined;
}

/** What the generators used, apart from the nodes. */
export interface ClientCost {
  readonly cpuUsPerPayment: number;
  /** Before the run. */
  readonly signingUsPerTransaction: number;
  readonly bytesPerPayment: number;
}

/** The figures of one window. Counts are payments unless their names say otherwise. */
export interface WindowReport extends WindowLoad {
  readonly offered: number;
  /** Proven to have settled. */
  readonly committed: number;
  /** Refused or failed, by code. */
  readonly refused: Readonly<Record<string, number>>;
  readonly unknown: number;
  readonly paymentsPerSecond: number;
  /** Of transactions, from the intended send time to the verified proof. */
  readonly latency: LatencySummary;
  readonly histogram: HistogramData;
  readonly timeline: readonly SecondReport[];
  /** Blocks that hold payments of the window. */
  readonly blocks: number;
  readonly transactionsPerBlock: number;
  /** Of one node on average. */
  readonly nodeCost: PaymentCost;
  readonly clientCost: ClientCost;
  readonly senderLagMs: number;
  /** What a block cost one node in syncs and messages. */
  readonly blockCost: BlockCost;
}

/** What was seen of the processes while a window ran. */
export interface Observation {
  readonly before: NodeCost;
  readonly after: NodeCost;
  readonly clientCpuUs: number;
  readonly signingUsPerTransaction: number;
  readonly bytesPerPayment: number;
  /** Processor time of all nodes in each second of the run, the first of the warm-up first. */
  readonly cpuUsBySecond: readonly number[];
}

const MAX_P99_MS = 1_000;
const LEAST_SERVED_PERCENT = 99;

/** What the window came to. */
export function reportWindow(load: WindowLoad, tally: WindowTally, seen: Observation): WindowReport {
  const { offered, committed, refused, unknown, provenWithin, durationMs, senderLagMs, heights } = tally;
  const latency = summaryOf(tally.latency);
  const cost = paymentCost(seen.before, seen.after, provenWithin);
  return {
    ...load,
    offered,
    committed,
    refused,
    unknown,
    paymentsPerSecond: Math.round((committed * 1_000) / durationMs),
    latency,
    histogram: tally.latency,
    timeline: timelineOf(load, tally, seen),
    blocks: heights.length,
    transactionsPerBlock: tenths(latency.count / Math.max(1, heights.length)),
    nodeCost: cost,
    clientCost: {
      cpuUsPerPayment: tenths(seen.clientCpuUs / Math.max(1, provenWithin)),
      signingUsPerTransaction: tenths(seen.signingUsPerTransaction),
      bytesPerPayment: tenths(seen.bytesPerPayment),
    },
    senderLagMs: tenths(senderLagMs),
    blockCost: blockCost(seen.before.counters, seen.after.counters),
  };
}

/** Whether the network served the load: nearly all of it, and nearly all of that in time. */
export function isServed({
  offered,
  committed,
  latency,
}: Pick<WindowReport, 'offered' | 'committed' | 'latency'>): boolean {
  const isInTime = latency.p99Ms !== undefined && latency.p99Ms <= MAX_P99_MS;
  return isInTime && committed * 100 >= offered * LEAST_SERVED_PERCENT;
}

function timelineOf({ warmUpSeconds }: WindowLoad, { seconds }: WindowTally, { after, cpuUsBySecond }: Observation) {
  const nodes = Math.max(1, after.processes.length);
  return seconds.map(({ second, offered, proven, latency }): SecondReport => {
    const { p50Ms, p99Ms } = summaryOf(latency);
    const cpuUs = cpuUsBySecond[second + warmUpSeconds];
    const nodeCpuUsPerPayment = cpuUs === undefined || proven === 0 ? undefined : tenths(cpuUs / nodes / proven);
    return { second, offered, proven, p50Ms, p99Ms, nodeCpuUsPerPayment };
  });
}

function summaryOf(data: HistogramData): LatencySummary {
  const histogram = new LatencyHistogram();
  histogram.add(data);
  return histogram.summary();
}

function tenths(value: number): number {
  return Math.round(value * 10) / 10;
}
