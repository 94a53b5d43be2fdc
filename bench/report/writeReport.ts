import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BenchError } from '../errors.js';
import { isServed, type WindowReport } from '../load/windowReport.js';
import { plotsOf } from './plots.js';
import { REPORT_FILE, readReport, type StoredReport } from './storedReport.js';
import { markdownTable, number, reportTables } from './tables.js';

const BEGIN = '<!-- figures: begin, written by `npm run bench -- report` -->';
const END = '<!-- figures: end -->';

/** Writes `report.json`, `report.md` and the plots of a run into a directory, which is made. */
export async function writeReport(directory: string, stored: StoredReport): Promise<void> {
  await mkdir(directory, { recursive: true });
  const plots = plotsOf(stored);
  for (const { file, svg } of plots) await writeFile(join(directory, file), svg);
  await writeFile(join(directory, REPORT_FILE), `${JSON.stringify(stored, undefined, 1)}\n`);
  const text = [
    '# Benchmark report',
    reportTables([stored]),
    'All windows, in the order in which they were run:',
    windowTable(stored.report.windows),
    ...plots.map(({ title, file }) => `![${title}](${file})`),
  ];
  await writeFile(join(directory, 'report.md'), `${text.join('\n\n')}\n`);
}

/**
 * The tables of some runs: printed, or put between the marks of a page, so that no figure in it is typed by hand.
 *
 * @throws BenchError `OPTION_INVALID` for a page without the marks; `REPORT_INVALID`
 */
export async function tabulate(directories: readonly string[], page: string | undefined): Promise<string> {
  const tables = reportTables(await Promise.all(directories.map(readReport)));
  if (page === undefined) return tables;
  await writeFile(page, withFigures(await readFile(page, 'utf8'), tables));
  return `written into ${page}`;
}

/** The text with other figures between its marks. @throws BenchError `OPTION_INVALID` */
export function withFigures(text: string, figures: string): string {
  const [from, to] = [text.indexOf(BEGIN), text.indexOf(END)];
  if (from < 0 || to < from) {
    throw new BenchError('OPTION_INVALID', `the page has no lines ${BEGIN} and ${END}`, { expected: BEGIN });
  }
  return `${text.slice(0, from + BEGIN.length)}\n\n${figures}\n\n${text.slice(to)}`;
}

function windowTable(windows: readonly WindowReport[]): string {
  const titles = [
    'Window',
    'Offered/s',
    'Proven/s',
    'Proven of offered',
    'p50 ms',
    'p99 ms',
    'max ms',
    'Served',
    'Lag ms',
  ];
  return markdownTable(
    titles,
    windows.map((window) => [
      `${window.mode} ${window.kind} ${window.repeat}`,
      number(window.offeredPerSecond),
      number(window.paymentsPerSecond),
      `${number(window.committed)} of ${number(window.offered)}`,
      number(window.latency.p50Ms),
      number(window.latency.p99Ms),
      number(window.latency.maxMs),
      isServed(window) ? 'yes' : `no ${JSON.stringify(window.refused)}`,
      number(window.senderLagMs),
    ]),
  );
}
