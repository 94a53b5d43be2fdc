import { execFileSync } from 'node:child_process';
import { cpus, loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { formatTable } from '../../cli/table.js';
import { describeBlockCost } from '../network/nodeCounters.js';
import type { LoadReport } from './loadBench.js';
import { bestOf } from './rateSearch.js';
import { isServed, type WindowReport } from './windowReport.js';

/** What a figure must not be read without. */
export interface Circumstances {
  readonly cores: number;
  readonly processor: string;
  readonly nodeVersion: string;
  /** With `+` when the work tree differs from it; `unknown` outside of a clone. */
  readonly commit: string;
  /** Load average of the last minute before the run: above a fraction of a core, the figures are not worth much. */
  readonly loadBefore: number;
  readonly command: string;
}

export function circumstances(command: string): Circumstances {
  return {
    cores: cpus().length,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    nodeVersion: process.version,
    commit: commit(),
    loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
    command,
  };
}

function commit(): string {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', args, {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no') !== '';
    return `${git('rev-parse', '--short=12', 'HEAD')}${changed ? '+' : ''}`;
  } catch {
    return 'unknown';
  }
}

const COLUMNS = [
  { title: 'MODE' },
  { title: 'OFFERED/S', align: 'right' },
  { title: 'PROVEN/S', align: 'right' },
  { title: 'PROVEN %', align: 'right' },
  { title: 'P50 MS', align: 'right' },
  { title: 'P99 MS', align: 'right' },
  { title: 'MAX MS', align: 'right' },
  { title: 'BLOCKS', align: 'right' },
  { title: 'TX/BLOCK', align: 'right' },
  { title: 'NODE CPU µS', align: 'right' },
  { title: 'CLIENT CPU µS', align: 'right' },
  { title: 'DISK B', align: 'right' },
  { title: 'LAG MS', align: 'right' },
  { title: '' },
] as const;

/** The report for people. CPU and disk are per payment, those of nodes per node. */
export function formatLoadReport(report: LoadReport, { cores, processor, ...rest }: Circumstances): string {
  const { idle, windows, checkedAccounts, nodes } = report;
  const rows = [row('idle', idle), ...windows.map((window) => row(window.mode, window))];
  const best = (['single', 'batch'] as const).flatMap((mode) => {
    const window = bestOf(windows.filter((each) => each.mode === mode));
    return window === undefined ? [] : [`${mode}: ${window.offeredPerSecond} payments/s served`];
  });
  const ledger =
    checkedAccounts === 0
      ? 'balances not checked: the outcome of some payments is not known'
      : `balances of ${checkedAccounts} accounts as the proofs say`;
  return [
    formatTable(COLUMNS, rows),
    [
      ...best,
      `a block of the idle network cost a node: ${describeBlockCost(idle.blockCost)}`,
      ...(['single', 'batch'] as const).flatMap((mode) => {
        const window = bestOf(windows.filter((each) => each.mode === mode));
        return window === undefined ? [] : [`a block at that rate, ${mode}: ${describeBlockCost(window.blockCost)}`];
      }),
      `ledger: equal roots on ${nodes} nodes, ${ledger}`,
      `machine: ${cores} cores, ${processor}, Node.js ${rest.nodeVersion}, load before the run ${rest.loadBefore}`,
      `commit: ${rest.commit}`,
      `command: ${rest.command}`,
    ].join('\n'),
  ].join('\n\n');
}

function row(name: string, window: WindowReport): string[] {
  const text = (value: number | undefined): string => (value === undefined ? '-' : String(value));
  const percent = ((window.committed * 100) / Math.max(1, window.offered)).toFixed(1);
  const { p50Ms, p99Ms, maxMs } = window.latency;
  return [
    name,
    window.offeredPerSecond === 0 ? '-' : text(window.offeredPerSecond),
    text(window.paymentsPerSecond),
    percent,
    text(p50Ms),
    text(p99Ms),
    text(maxMs),
    text(window.blocks),
    text(window.transactionsPerBlock),
    text(window.nodeCpuUsPerPayment),
    text(window.clientCpuUsPerPayment),
    text(window.nodeDiskBytesPerPayment),
    text(window.senderLagMs),
    verdict(window),
  ];
}

function verdict(window: WindowReport): string {
  const codes = Object.entries(window.refused).map(([code, count]) => `${count} ${code}`);
  const unknown = window.unknown === 0 ? [] : [`${window.unknown} unknown`];
  return [isServed(window) ? 'served' : 'NOT SERVED', ...codes, ...unknown].join(', ');
}
