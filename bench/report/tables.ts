import { THREAD_ROOMS } from '../network/processCost.js';
import type { LoadMode } from '../options.js';
import { median, type RepeatedFigures, repeatedFigures, type StoredReport } from './storedReport.js';

const MODES: readonly LoadMode[] = ['single', 'batch'];

/** A table in Markdown. */
export function markdownTable(titles: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(titles), line(titles.map(() => '---')), ...rows.map(line)].join('\n');
}

/** All tables of some runs, one under the other; the first run is what the others are compared with. */
export function reportTables(reports: readonly StoredReport[]): string {
  return [
    throughputTable(reports),
    'What a payment cost one node (medians of the windows above; processor time in µs, by thread) and the client:',
    costTable(reports),
    'Start, and the idle network:',
    startTable(reports),
    'Runs, in the order of the rows:',
    reports.map(describeRun).join('\n'),
  ].join('\n\n');
}

function throughputTable(reports: readonly StoredReport[]): string {
  const first = new Map(MODES.map((mode) => [mode, firstFigures(reports, mode)]));
  const rows = each(reports, (stored, mode, figures) => {
    const half = repeatedFigures(stored.report.windows, mode, 'half');
    const base = first.get(mode);
    return [
      ...network(stored),
      nameOf(stored, mode),
      `${figures.isServed ? '' : 'not served: '}${number(figures.offeredPerSecond)}`,
      figures.windows.length === 1
        ? '1'
        : `${figures.windows.length}: ${number(figures.leastPerSecond)}–${number(figures.greatestPerSecond)}`,
      ms(figures.p50Ms),
      ms(figures.p99Ms),
      ms(figures.p999Ms),
      half === undefined ? '–' : `${ms(half.p50Ms)} / ${ms(half.p99Ms)}`,
      base === undefined ? '–' : `${Math.round((figures.offeredPerSecond * 100) / base.offeredPerSecond)} %`,
    ];
  });
  const titles = ['Validators', 'Accounts', 'Mix', 'Mode', 'Payments/s', 'Windows', 'p50 ms', 'p99 ms', 'p99.9 ms'];
  return markdownTable([...titles, 'at half: p50 / p99 ms', 'of the first row'], rows);
}

function firstFigures(reports: readonly StoredReport[], mode: LoadMode): RepeatedFigures | undefined {
  return reports
    .map(({ report }) => repeatedFigures(report.windows, mode, 'saturation'))
    .find((figures) => figures !== undefined);
}

function costTable(reports: readonly StoredReport[]): string {
  const rows = each(reports, (stored, mode, { windows }) => {
    const of = (pick: (window: (typeof windows)[number]) => number | undefined): string =>
      number(median(windows.map(pick)));
    return [
      ...network(stored),
      nameOf(stored, mode),
      of(({ nodeCost }) => nodeCost.cpuUs),
      ...THREAD_ROOMS.map((room) => of(({ nodeCost }) => nodeCost.cpuUsByRoom[room])),
      of(({ nodeCost }) => nodeCost.switches),
      of(({ nodeCost }) => nodeCost.diskGrowthBytes),
      of(({ nodeCost }) => nodeCost.diskWrittenBytes),
      of(({ nodeCost }) => nodeCost.networkSentBytes),
      of(({ clientCost }) => clientCost.cpuUsPerPayment),
      of(({ transactionsPerBlock }) => transactionsPerBlock),
    ];
  });
  const titles = ['Validators', 'Accounts', 'Mix', 'Mode', 'CPU', ...THREAD_ROOMS, 'switches', 'disk B', 'written B'];
  return markdownTable([...titles, 'network B', 'client CPU', 'tx/block'], rows);
}

function startTable(reports: readonly StoredReport[]): string {
  const rows = reports.map((stored) => {
    const { session, idle } = stored.report;
    return [
      ...network(stored),
      seconds(session.provisionMs),
      seconds(session.startMs),
      megabytes(median(session.rssBytes)),
      idle === undefined ? '–' : `${ms(idle.latency.p50Ms)} / ${ms(idle.latency.p99Ms)}`,
      idle === undefined ? '–' : number(idle.nodeCost.cpuUs),
    ];
  });
  const titles = ['Validators', 'Accounts', 'Mix', 'made in s', 'up in s', 'MB a node then', 'idle p50 / p99 ms'];
  return markdownTable([...titles, 'CPU of a lone payment'], rows);
}

function describeRun({ circumstances: around, report, options }: StoredReport): string {
  const machine = `${around.cores} cores, ${around.processor}, Node.js ${around.nodeVersion}`;
  const { ledger } = report;
  const proven = ledger.isEachProven ? 'each as proven' : 'their sum only';
  return [
    `- \`${around.command}\` at \`${around.commit}\`, ${around.startedAt.slice(0, 16)}Z, ${machine},`,
    `load average before ${around.loadBefore}; windows of ${options.seconds} s after ${options.warmUpSeconds} s of warm-up;`,
    `${number(ledger.summedAccounts)} balances checked (${proven})`,
  ].join(' ');
}

function each(
  reports: readonly StoredReport[],
  row: (stored: StoredReport, mode: LoadMode, figures: RepeatedFigures) => string[],
): string[][] {
  return reports.flatMap((stored) =>
    MODES.flatMap((mode) => {
      const figures = repeatedFigures(stored.report.windows, mode, 'saturation');
      return figures === undefined ? [] : [row(stored, mode, figures)];
    }),
  );
}

function network({ options }: StoredReport): string[] {
  return [String(options.validators), number(options.accounts), options.mix];
}

function nameOf({ options }: StoredReport, mode: LoadMode): string {
  const workers = options.signatureWorkers === 1 ? '' : `, ${options.signatureWorkers} signature workers`;
  return `${mode === 'batch' ? `batches of ${number(options.batchSize)}` : 'single'}${workers}`;
}

/** With a comma between thousands; a dash where there is none. */
export function number(value: number | undefined): string {
  if (value === undefined || value === null) return '–';
  const [whole = '', fraction] = String(value).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

function ms(value: number | undefined): string {
  return number(value === undefined || value === null ? undefined : Math.round(value * 10) / 10);
}

function seconds(valueMs: number): string {
  return number(Math.round(valueMs / 100) / 10);
}

function megabytes(bytes: number | undefined): string {
  return number(bytes === undefined ? undefined : Math.round(bytes / 1e6));
}
