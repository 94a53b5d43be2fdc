import { readFile, writeFile } from 'node:fs/promises';
import type { BatteryOptions, PartResult } from '../results.js';
import { type HistoryInput, type HistoryRecord, runBlockHistory } from './blockHistory.js';
import { buildHistoryPrograms } from './programs.js';

/** Makes the file that every way to run the history reads. */
export async function prepareHistory(root: string, file: string): Promise<void> {
  const input: HistoryInput = { programs: await buildHistoryPrograms(root) };
  await writeFile(file, JSON.stringify(input));
}

/** The history as this process builds it, and the blocks of whoever was first as this process executes them. */
export async function historyParts({ firstSeed, history }: BatteryOptions): Promise<readonly PartResult[]> {
  const { file, impure, trafficBlocks, hostileEvery } = history;
  const input: HistoryInput = JSON.parse(await readFile(file, 'utf8'));
  const machine = impure ? `${process.version} ${process.execArgv.join(' ')}` : undefined;
  const startMs = performance.now();
  const options = { seed: firstSeed, trafficBlocks, hostileEvery, impure: machine };
  const { built, imported, blocks, refused } = await runBlockHistory(options, input);
  if (input.blocks === undefined) await writeFile(file, JSON.stringify({ ...input, blocks }));
  const milliseconds = (performance.now() - startMs) / 2;
  const part = (name: string, record: HistoryRecord, differences: readonly string[]): PartResult => ({
    name: `${name} of ${record.receipts} receipts and ${record.stateRows} rows`,
    ...{ count: record.blocks, digest: record.digest, differences, milliseconds },
  });
  const unlike = imported.digest === built.digest ? [] : [`given ${imported.digest}, built ${built.digest}`];
  return [part('blocks built', built, []), part('blocks given', imported, [...refused, ...unlike])];
}
