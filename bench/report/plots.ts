import type { WindowReport } from '../load/windowReport.js';
import { THREAD_ROOMS } from '../network/processCost.js';
import type { LoadMode } from '../options.js';
import { type Bar, barChart, lineChart, type Series } from './chart.js';
import type { StoredReport } from './storedReport.js';
import type { Point } from './svg.js';

/** A plot and the name of its file. */
export interface Plot {
  readonly file: string;
  readonly title: string;
  readonly svg: string;
}

const MODES: readonly LoadMode[] = ['single', 'batch'];
const TARGET = { name: 'p99 of a served rate: 1 s', y: 1_000 };

/** All plots of one run; those that would be empty are left out. */
export function plotsOf({ report }: Pick<StoredReport, 'report'>): Plot[] {
  const windows = report.windows.filter(({ kind }) => kind !== 'set-up');
  return [
    ...MODES.flatMap((mode) => latencyByRate(mode, windows)),
    ...MODES.flatMap((mode) => latencyByTime(mode, windows)),
    ...MODES.flatMap((mode) => cpuByTime(mode, windows)),
    ...costByRoom(windows),
  ];
}

/** Latency against the rate offered, over all windows of the mode. */
function latencyByRate(mode: LoadMode, windows: readonly WindowReport[]): Plot[] {
  const own = windows.filter((window) => window.mode === mode).sort((a, b) => a.offeredPerSecond - b.offeredPerSecond);
  const line = (name: string, pick: (window: WindowReport) => number | undefined): Series => ({
    name,
    points: own.flatMap((window) => point(window.offeredPerSecond, pick(window))),
  });
  const series = [
    line('p50', ({ latency }) => latency.p50Ms),
    line('p99', ({ latency }) => latency.p99Ms),
    line('p99.9', ({ latency }) => latency.p999Ms),
  ];
  if (own.length < 2) return [];
  const title = `Latency by rate, ${mode}`;
  const labels = { title, x: 'payments offered a second', y: 'ms, from the intended send time to the verified proof' };
  return [
    {
      file: `latency-by-rate-${mode}.svg`,
      title,
      svg: lineChart({ ...labels, series, isLogarithmic: true, marks: [TARGET] }),
    },
  ];
}

/** Latency second by second over the window at the highest rate, warm-up included. */
function latencyByTime(mode: LoadMode, windows: readonly WindowReport[]): Plot[] {
  const window = longest(mode, windows);
  if (window === undefined) return [];
  const line = (name: string, pick: (at: WindowReport['timeline'][number]) => number | undefined): Series => ({
    name,
    points: window.timeline.flatMap((at) => point(at.second, pick(at))),
  });
  const series = [line('p50', ({ p50Ms }) => p50Ms), line('p99', ({ p99Ms }) => p99Ms)];
  const title = `Latency over time, ${mode}, ${window.offeredPerSecond} payments/s offered`;
  const labels = { title, x: 'second of the window; the warm-up lies before 0', y: 'ms' };
  return [
    {
      file: `latency-by-time-${mode}.svg`,
      title,
      svg: lineChart({ ...labels, series, isLogarithmic: true, marks: [TARGET] }),
    },
  ];
}

/** Processor time for each payment second by second: whether the warm-up was long enough. */
function cpuByTime(mode: LoadMode, windows: readonly WindowReport[]): Plot[] {
  const window = longest(mode, windows);
  const points = window?.timeline.flatMap((at) => point(at.second, at.nodeCpuUsPerPayment)) ?? [];
  if (window === undefined || points.length < 2) return [];
  const title = `Processor time of a node for a payment, ${mode}, ${window.offeredPerSecond} payments/s offered`;
  const labels = { title, x: 'second of the window; the warm-up lies before 0', y: 'µs' };
  const series = [{ name: 'a node, all threads', points }];
  return [{ file: `cpu-by-time-${mode}.svg`, title, svg: lineChart({ ...labels, series }) }];
}

function costByRoom(windows: readonly WindowReport[]): Plot[] {
  const bars = MODES.flatMap((mode): Bar[] => {
    const window = longest(mode, windows);
    if (window === undefined) return [];
    const { cpuUsByRoom } = window.nodeCost;
    const parts = THREAD_ROOMS.map((name) => ({ name, value: cpuUsByRoom[name] ?? 0 }));
    const client = { name: 'client', value: window.clientCost.cpuUsPerPayment };
    return [
      { name: `${mode}: a node`, parts },
      { name: `${mode}: the client`, parts: [client] },
    ];
  });
  if (bars.length === 0) return [];
  const title = 'Processor time for a payment, by thread';
  return [{ file: 'cpu-by-thread.svg', title, svg: barChart(title, 'µs', bars) }];
}

/** The first window that counts, or else the last of the search. */
function longest(mode: LoadMode, windows: readonly WindowReport[]): WindowReport | undefined {
  const own = windows.filter((window) => window.mode === mode);
  const counting = own.filter(({ kind }) => kind === 'saturation' || kind === 'fixed');
  return counting.at(-1) ?? own.at(-1);
}

function point(x: number, y: number | undefined | null): Point[] {
  return y === undefined || y === null ? [] : [{ x, y }];
}
