import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { BenchError } from '../errors.js';
import type { Circumstances } from '../load/circumstances.js';
import type { LoadReport } from '../load/loadBench.js';
import { isServed, type WindowReport } from '../load/windowReport.js';
import type { LoadMode, LoadOptions } from '../options.js';

export const REPORT_VERSION = 1;
export const REPORT_FILE = 'report.json';

/** A run as `report.json` holds it. */
export interface StoredReport {
  readonly version: typeof REPORT_VERSION;
  readonly circumstances: Circumstances;
  readonly options: LoadOptions;
  readonly report: LoadReport;
}

/** Reads the report of a run from its directory. @throws BenchError `REPORT_INVALID` */
export async function readReport(directory: string): Promise<StoredReport> {
  const path = join(directory, REPORT_FILE);
  let json: unknown;
  try {
    json = JSON.parse(await readFile(path, 'utf8'));
  } catch (error) {
    throw invalid(path, error instanceof Error ? error.message : String(error));
  }
  const { version } = (typeof json === 'object' && json !== null ? json : {}) as { readonly version?: unknown };
  if (version !== REPORT_VERSION) throw invalid(path, `version ${String(version)}`);
  return json as StoredReport;
}

function invalid(path: string, actual: string): BenchError {
  const expected = `a report of version ${REPORT_VERSION}`;
  return new BenchError('REPORT_INVALID', `${path}: expected ${expected}, found ${actual}`, { expected, actual });
}

/** What the repeats of one kind of window came to: medians, so that one disturbed window does not decide. */
export interface RepeatedFigures {
  readonly windows: readonly WindowReport[];
  readonly isServed: boolean;
  readonly offeredPerSecond: number;
  readonly leastPerSecond: number;
  readonly greatestPerSecond: number;
  readonly provenPerSecond: number;
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly p999Ms: number | undefined;
}

/**
 * The windows that count: at the highest rate, or at the one that was asked for (`saturation`), or at half of it.
 *
 * @returns undefined where there are none
 */
export function repeatedFigures(
  windows: readonly WindowReport[],
  mode: LoadMode,
  kind: 'saturation' | 'half',
): RepeatedFigures | undefined {
  const isOfKind = (window: WindowReport): boolean =>
    window.mode === mode && (window.kind === kind || (kind === 'saturation' && window.kind === 'fixed'));
  // Where a window was not served it was run again at a lower rate: the last one of a repeat counts.
  const lastOf = new Map(windows.filter(isOfKind).map((window) => [window.repeat, window]));
  const counting = [...lastOf.values()];
  if (counting.length === 0) return undefined;
  const offered = counting.map(({ offeredPerSecond }) => offeredPerSecond);
  return {
    windows: counting,
    isServed: counting.every(isServed),
    offeredPerSecond: median(offered) as number,
    leastPerSecond: Math.min(...offered),
    greatestPerSecond: Math.max(...offered),
    provenPerSecond: median(counting.map(({ paymentsPerSecond }) => paymentsPerSecond)) as number,
    p50Ms: median(counting.map(({ latency }) => latency.p50Ms)),
    p99Ms: median(counting.map(({ latency }) => latency.p99Ms)),
    p999Ms: median(counting.map(({ latency }) => latency.p999Ms)),
  };
}

/** The middle one, or of an even number the lower of the two in the middle: always one that was measured. */
export function median(values: readonly (number | undefined)[]): number | undefined {
  const known = values.filter((value) => value !== undefined && value !== null).sort((a, b) => a - b);
  return known[Math.floor((known.length - 1) / 2)];
}
