import { formatTable } from '../../cli/table.js';
import { describeBlockCost } from '../network/nodeCounters.js';
import type { Circumstances } from './circumstances.js';
import type { LedgerCheck } from './ledger.js';
import type { LoadReport } from './loadBench.js';
import type { PaymentCost } from './paymentCost.js';
import { isServed, type WindowReport } from './windowReport.js';

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
  { title: 'NET B', align: 'right' },
  { title: 'SWITCHES', align: 'right' },
  { title: 'LAG MS', align: 'right' },
  { title: '' },
] as const;

/** The report for people. Costs are per payment, those of nodes per node. */
export function formatLoadReport(report: LoadReport, { cores, processor, ...rest }: Circumstances): string {
  const { idle, windows, ledger, nodes, session } = report;
  const rows = [
    ...(idle === undefined ? [] : [row('idle', idle)]),
    ...windows.map((window) => row(`${window.mode} ${window.kind}`, window)),
  ];
  const best = bestOfEach(windows);
  return [
    formatTable(COLUMNS, rows),
    [
      ...best.map(({ mode, offeredPerSecond }) => `${mode}: ${offeredPerSecond} payments/s served`),
      ...best.map(({ mode, nodeCost }) => `processor of a node, ${mode}: ${describeRooms(nodeCost)}`),
      ...(idle === undefined ? [] : [`a block of the idle network cost a node: ${describeBlockCost(idle.blockCost)}`]),
      ...best.map(({ mode, blockCost }) => `a block at that rate, ${mode}: ${describeBlockCost(blockCost)}`),
      `start: made in ${session.provisionMs} ms, up in ${session.startMs} ms, ${megabytes(session.rssBytes)} MB a node then`,
      `ledger: equal roots on ${nodes} nodes; ${describeLedger(ledger)}`,
      `machine: ${cores} cores, ${processor}, Node.js ${rest.nodeVersion}, load before the run ${rest.loadBefore}`,
      `commit: ${rest.commit}`,
      `command: ${rest.command}`,
    ].join('\n'),
  ].join('\n\n');
}

/** The window at the highest rate that was served, for each mode; one that counts rather than one of the search. */
export function bestOfEach(windows: readonly WindowReport[]): readonly WindowReport[] {
  return (['single', 'batch'] as const).flatMap((mode) => {
    const served = windows.filter((window) => window.mode === mode && isServed(window));
    const counting = served.filter(({ kind }) => kind !== 'search');
    const candidates = counting.length > 0 ? counting : served;
    return [...candidates].sort((a, b) => b.offeredPerSecond - a.offeredPerSecond).slice(0, 1);
  });
}

/** `main 50.1 µs, executor 23.0 µs, …`, the greatest first. */
export function describeRooms({ cpuUs, cpuUsByRoom }: PaymentCost): string {
  const parts = Object.entries(cpuUsByRoom).sort(([, a], [, b]) => b - a);
  return `${cpuUs ?? '?'} µs a payment (${parts.map(([room, us]) => `${room} ${us}`).join(', ')})`;
}

/** What was found to be right about the ledger. */
export function describeLedger({ askedAccounts, summedAccounts, held, isEachProven }: LedgerCheck): string {
  const sum = `${summedAccounts} accounts hold the ${held} that were issued`;
  if (!isEachProven) return `${sum}; single balances not compared: the outcome of some payments is not known`;
  return `${sum}, each what the proofs say, ${askedAccounts} of them asked of running nodes too`;
}

function megabytes(bytes: readonly number[]): number {
  return Math.round(bytes.reduce((sum, each) => sum + each, 0) / Math.max(1, bytes.length) / 1e6);
}

function row(name: string, window: WindowReport): string[] {
  const text = (value: number | undefined): string => (value === undefined ? '-' : String(value));
  const percent = ((window.committed * 100) / Math.max(1, window.offered)).toFixed(1);
  const { p50Ms, p99Ms, maxMs } = window.latency;
  const { cpuUs, diskGrowthBytes, networkSentBytes, switches } = window.nodeCost;
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
    text(cpuUs),
    text(window.clientCost.cpuUsPerPayment),
    text(diskGrowthBytes),
    text(networkSentBytes),
    text(switches),
    text(window.senderLagMs),
    verdict(window),
  ];
}

function verdict(window: WindowReport): string {
  const codes = Object.entries(window.refused).map(([code, count]) => `${count} ${code}`);
  const unknown = window.unknown === 0 ? [] : [`${window.unknown} unknown`];
  return [isServed(window) ? 'served' : 'NOT SERVED', ...codes, ...unknown].join(', ');
}
