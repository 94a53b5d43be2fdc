import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { isCodedError } from '../../primitives/errors.js';
import { BenchError } from '../errors.js';
import { circumstances } from '../load/circumstances.js';
import type { LoadMode } from '../options.js';
import { drawFlameGraph } from './flameGraph.js';
import { type ProfileOptions, profileLoad } from './profileLoad.js';
import { formatProfile, profileBars, reportProfile } from './profileReport.js';
import { replaceMarked } from './replaceMarked.js';

/**
 *   profile [--mode single|batch|all] [--rate N] [--seconds S] [--warm-up S] [--accounts N] [--batch-size N] [--out DIR]
 *           [--perf] [--document FILE]
 *
 * Prints tables; writes flame graph, tables and JSON to the directory. `--document` also puts the tables between the
 * marks of the mode in a Markdown file, and the flame graph into the folder `images` beside it.
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

function readModes(): readonly LoadMode[] {
  const { mode } = values;
  if (mode === 'all') return ['single', 'batch'];
  if (mode === 'single' || mode === 'batch') return [mode];
  throw new BenchError('OPTION_INVALID', `--mode: expected single, batch or all, found ${mode}`, { actual: mode });
}

function readOptions(mode: LoadMode): ProfileOptions {
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

async function profile(options: ProfileOptions): Promise<void> {
  const { mode, rate, seconds } = options;
  const command = `npm run profile -- --mode ${mode} --rate ${rate} --seconds ${seconds}`;
  const around = circumstances(command);
  const { input, kernel } = await profileLoad(options, (text) => process.stderr.write(`  ${text}\n`));
  const report = reportProfile({ command, ...input });
  const text = [formatProfile(report), ...(kernel === undefined ? [] : ['', kernel])].join('\n');
  const unit = 'µs a payment';
  const title = `One of four validators, ${mode} payments at ${rate}/s: ${report.totalUs.toFixed(0)} ${unit}`;
  const svg = drawFlameGraph(profileBars({ command, ...input }), { title, unit });
  const json = `${JSON.stringify({ ...around, options, ...report }, undefined, 2)}\n`;
  await write(values.out, {
    [`profile-${mode}.svg`]: svg,
    [`profile-${mode}.md`]: `${text}\n`,
    [`profile-${mode}.json`]: json,
  });
  if (values.document !== undefined) {
    const document = await readFile(values.document, 'utf8');
    const facts = `Commit ${around.commit}, Node.js ${around.nodeVersion}, ${around.cores} cores (${around.processor}).`;
    const image = `![Flame graph: ${mode} payments](images/profile-${mode}.svg)`;
    await write(join(dirname(values.document), 'images'), { [`profile-${mode}.svg`]: svg });
    await writeFile(values.document, replaceMarked(document, `profile ${mode}`, [facts, image, text].join('\n\n')));
  }
  process.stdout.write(`${text}\n`);
  process.stderr.write(`  flame graph: ${join(values.out, `profile-${mode}.svg`)}\n`);
}

async function write(directory: string, files: Readonly<Record<string, string>>): Promise<void> {
  await mkdir(directory, { recursive: true });
  for (const [name, content] of Object.entries(files)) await writeFile(join(directory, name), content);
}

try {
  for (const mode of readModes()) await profile(readOptions(mode));
} catch (error) {
  process.stderr.write(`profile: ${isCodedError(error) ? `${error.code}: ${error.message}` : String(error)}\n`);
  process.exitCode = isCodedError(error) && error.code === 'OPTION_INVALID' ? 2 : 1;
}
