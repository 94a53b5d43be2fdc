import { type Bar, barsOf } from './flameGraph.js';
import { type ThreadProfile, timesByFunction, timesByRoom } from './threadProfile.js';

export interface ProfileInput {
  readonly command: string;
  readonly payments: number;
  readonly blocks: number;
  readonly threads: readonly ThreadProfile[];
  /** Processor time of all other threads of the process: V8's helpers, the pool of file calls, LevelDB, the profiler. */
  readonly otherCpuUs: number | undefined;
}

/** Microseconds a payment by thread, in the order of `threads`, and their sum. */
export interface ProfileRow {
  readonly name: string;
  readonly byThread: readonly number[];
  readonly sum: number;
}

/** Where a payment's time goes on one node. Times are microseconds of processor time a payment. */
export interface ProfileReport {
  readonly command: string;
  readonly payments: number;
  readonly blocks: number;
  readonly threads: readonly { readonly name: string; readonly us: number; readonly busyPercent: number }[];
  readonly otherThreadsUs: number | undefined;
  readonly totalUs: number;
  /** Where the processor was. */
  readonly rooms: readonly ProfileRow[];
  /** The same by the nearest of our rooms that had called, with all that it called outside of ours. */
  readonly charged: readonly ProfileRow[];
  readonly functions: readonly ProfileRow[];
}

const FUNCTIONS = 40;

export function reportProfile(input: ProfileInput): ProfileReport {
  const { command, payments, blocks, threads, otherCpuUs } = input;
  const each = (us: number): number => us / Math.max(1, payments);
  const rows = (times: (thread: ThreadProfile) => ReadonlyMap<string, number>): ProfileRow[] => {
    const maps = threads.map(times);
    return [...new Set(maps.flatMap((map) => [...map.keys()]))]
      .map((name) => {
        const byThread = maps.map((map) => each(map.get(name) ?? 0));
        return { name, byThread, sum: byThread.reduce((sum, us) => sum + us, 0) };
      })
      .sort((a, b) => b.sum - a.sum || (a.name < b.name ? -1 : 1));
  };
  const otherThreadsUs = otherCpuUs === undefined ? undefined : each(otherCpuUs);
  return {
    command,
    payments,
    blocks,
    threads: threads.map(({ thread, cpuUs, durationUs }) => ({
      name: thread,
      us: each(cpuUs),
      busyPercent: (100 * cpuUs) / Math.max(1, durationUs),
    })),
    otherThreadsUs,
    totalUs: threads.reduce((sum, { cpuUs }) => sum + each(cpuUs), otherThreadsUs ?? 0),
    rooms: rows((thread) => timesByRoom(thread).self),
    charged: rows((thread) => timesByRoom(thread).charged),
    functions: rows(timesByFunction).slice(0, FUNCTIONS),
  };
}

/** The flame graph's bars: threads side by side, in microseconds a payment. */
export function profileBars({ threads, payments }: ProfileInput): Bar {
  const scaled = (bar: Bar): Bar => ({
    ...bar,
    us: bar.us / Math.max(1, payments),
    children: bar.children.map(scaled),
  });
  const children = threads.map(({ thread, root }) => scaled(barsOf(thread, [root])));
  return { label: 'one node', room: 'node', us: children.reduce((sum, { us }) => sum + us, 0), children };
}

const LEAST_SHOWN_SHARE = 0.003;

/** The report as Markdown, for people and for docs/PERFORMANCE.md. */
export function formatProfile(report: ProfileReport): string {
  const { threads, otherThreadsUs, totalUs } = report;
  const head = threads.map(
    ({ name, us, busyPercent }) => `${name} ${us.toFixed(1)} (${busyPercent.toFixed(0)} % busy)`,
  );
  const others = otherThreadsUs === undefined ? [] : [`threads without JavaScript ${otherThreadsUs.toFixed(1)}`];
  return [
    `\`${report.command}\`: ${report.payments} payments in ${report.blocks} blocks.`,
    '',
    `One node, µs of processor time a payment: **${totalUs.toFixed(1)}** = ${[...head, ...others].join(' + ')}.`,
    '',
    ...table('Where the processor was', report.rooms, report),
    '',
    ...table('For which of our rooms', report.charged, report),
    '',
    ...table('Function', report.functions, report),
  ].join('\n');
}

function table(title: string, rows: readonly ProfileRow[], { threads, totalUs }: ProfileReport): string[] {
  const shown = rows.filter(({ sum }) => sum >= totalUs * LEAST_SHOWN_SHARE);
  const line = ({ name, byThread, sum }: ProfileRow): string =>
    `| ${[name.replace(/\|/g, '\\|'), ...byThread.map(cell), cell(sum), `${((100 * sum) / totalUs).toFixed(1)} %`].join(' | ')} |`;
  return [
    `| ${[title, ...threads.map(({ name }) => name), 'all', 'share'].join(' | ')} |`,
    `|---|${threads.map(() => '--:|').join('')}--:|--:|`,
    ...shown.map(line),
  ];
}

function cell(us: number): string {
  return us < 0.005 ? '' : us.toFixed(2);
}
