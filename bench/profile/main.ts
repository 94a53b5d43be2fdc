import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { isCodedError } from '../../primitives/errors.js';
import { BenchError } from '../errors.js';
import { circumstances } from '../load/formatReport.js';
import type { LoadMode } from '../options.js';
import { drawFlameGraph } from './flameGraph.js';
import { type ProfileOptions, profileLoad } from './profileLoad.js';
import { formatProfile, profileBars, reportProfile } from './profileReport.js';
import { replaceMarked } from './replaceMarked.js';

/**
 *   profile [--mode single|batch] [--rate N] [--seconds S] [--warm-up S] [--accounts N] [--batch-size N] [--out DIR]
 *           [--perf] [--document FILE]
 *
 * Prints tables; writes flame graph, tables and JSON to the directory. `--document` also puts the tables between the
 * marks of the mode in a Markdown file.
 */

const { values } = parseArgs({
  options: {
    mode: { type: 'string', default: 'single' },
    rate: { type: 'string' },
    seconds: { type: 'string', default: '10' },
    'warm-up': { type: 'string', default: '5' },
    accounts: { type: 'string', default: '1000' },
    'batch-size': { type: 'string', default: '1000' },
    out: { type: 'string', default: join('.build', 'profile') },
    perf: { type: 'boolean', default: false },
    document: { type: 'string' },
  },
});

const DEFAULT_RATES: Readonly<Record<LoadMode, number>> = { single: 400, batch: 5_000 };

function readOptions(): ProfileOptions {
  const { mode } = values;
  if (mode !== 'single' && mode !== 'batch') {
    throw new BenchError('OPTION_INVALID', `--mode: expected single or batch, found ${mode}`, { actual: mode });
  }
  return {
    mode,
    rate: count('rate', values.rate ?? String(DEFAULT_RATES[mode])),
    seconds: count('seconds', values.seconds),
    warmUpSeconds: count('warm-up', values['warm-up']),
    accounts: count('accounts', values.accounts),
    batchSize: count('batch-size', values['batch-size']),
    withPerf: values.perf,
  };
}

function count(flag: string, text: string): number {
  if (/^[1-9][0-9]{0,6}$/.test(text)) return Number(text);
  throw new BenchError('OPTION_INVALID', `--${flag}: expected a positive integer, found ${text}`, { actual: text });
}

async function main(): Promise<void> {
  const options = readOptions();
  const { mode, rate, seconds } = options;
  const command = `npm run profile -- --mode ${mode} --rate ${rate} --seconds ${seconds}`;
  const around = circumstances(command);
  const { input, kernel } = await profileLoad(options, (text) => process.stderr.write(`  ${text}\n`));
  const report = reportProfile({ command, ...input });
  const text = [formatProfile(report), ...(kernel === undefined ? [] : ['', kernel])].join('\n');
  const unit = 'µs a payment';
  const title = `One of four validators, ${mode} payments at ${rate}/s: ${report.totalUs.toFixed(0)} ${unit}`;
  const svg = drawFlameGraph(profileBars({ command, ...input }), { title, unit });
  await mkdir(values.out, { recursive: true });
  const write = (extension: string, content: string): Promise<void> =>
    writeFile(join(values.out, `profile-${mode}.${extension}`), content);
  await write('svg', svg);
  await write('md', `${text}\n`);
  await write('json', `${JSON.stringify({ ...around, options, ...report }, undefined, 2)}\n`);
  if (values.document !== undefined) {
    const document = await readFile(values.document, 'utf8');
    const dated = `Commit ${around.commit}, ${around.cores} cores.\n\n${text}`;
    await writeFile(values.document, replaceMarked(document, `profile ${mode}`, dated));
  }
  process.stdout.write(`${text}\n`);
  process.stderr.write(`  flame graph: ${join(values.out, `profile-${mode}.svg`)}\n`);
}

try {
  await main();
} catch (error) {
  process.stderr.write(`profile: ${isCodedError(error) ? `${error.code}: ${error.message}` : String(error)}\n`);
  process.exitCode = isCodedError(error) && error.code === 'OPTION_INVALID' ? 2 : 1;
}
