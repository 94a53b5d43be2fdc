import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { repositoryRoot } from '../support/repositoryRoot.js';
import { prepareHistory } from './history/parts.js';
import type { BatteryOptions, Timing } from './results.js';
import {
  BatteryFailed,
  disagreements,
  fetchNewerNode,
  NEWER_NODE,
  runVariant,
  VARIANTS,
  VARIANTS_OF_NEWER_NODE,
  type VariantResult,
} from './variants.js';

/**
 * `npm run determinism [-- --programs N] [--seed N] [--fuel UNITS] [--blocks N] [--impure]`: the whole battery under every way
 * to run it. Ends with 1 when two of them disagree, with 2 when one does not run. With `--impure` the history has a contract
 * that looks at the machine: the end must be 1.
 */
async function main(args: readonly string[]): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'vostro-determinism-'));
  try {
    const options = optionsOf(args, join(directory, 'history.json'));
    await prepareHistory(repositoryRoot(), options.history.file);
    return await compare(options);
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

function optionsOf(args: readonly string[], file: string): BatteryOptions {
  const option = (name: string, otherwise: number): number => {
    const at = args.indexOf(`--${name}`);
    return at < 0 ? otherwise : Number(args[at + 1]);
  };
  const history = { trafficBlocks: option('blocks', 100), hostileEvery: 1, file, impure: args.includes('--impure') };
  return {
    hostileFuel: option('fuel', 100_000_000),
    programs: option('programs', 5_000),
    firstSeed: option('seed', 1),
    history,
  };
}

async function compare(options: BatteryOptions): Promise<number> {
  const { hostileFuel, programs, firstSeed, history } = options;
  print(
    `hostile programs with ${hostileFuel} units each, ${programs} random programs from seed ${firstSeed} on, a history of blocks with ${history.trafficBlocks} of traffic of seed ${firstSeed}`,
  );
  const root = repositoryRoot();
  const results: VariantResult[] = [];
  const add = (result: VariantResult | undefined, name: string): void => {
    if (result === undefined) print(`${name.padEnd(36)} left out: this Node.js does not know its flags`);
    else results.push(result);
    if (result !== undefined) printResult(result);
  };
  for (const variant of VARIANTS) add(await runVariant(root, process.execPath, variant, options), variant.name);
  const newer = await fetchNewerNode(join(tmpdir(), `vostro-node-${NEWER_NODE}`));
  if (newer === undefined)
    print(`Node.js ${NEWER_NODE} left out: the registry is not reached, or has none for this machine`);
  else
    for (const variant of VARIANTS.slice(0, VARIANTS_OF_NEWER_NODE))
      add(await runVariant(root, newer, variant, options), variant.name);
  printTimings(results[0]?.timings ?? []);
  const differing = disagreements(results);
  for (const line of differing) print(`DIFFERENT: ${line}`);
  print(differing.length === 0 ? `${results.length} ways to run it, one result` : `${differing.length} differences`);
  return differing.length === 0 ? 0 : 1;
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function printResult({ variant, node, v8, parts }: VariantResult): void {
  const digests = parts.map(
    ({ name, count, digest, milliseconds }) => `${count} ${name} ${digest} (${(milliseconds / 1_000).toFixed(1)} s)`,
  );
  print(`${variant.padEnd(36)} Node.js ${node}, V8 ${v8}: ${digests.join(', ')}`);
}

/** The programs that took longest for their fuel: prices are to bound the time. */
function printTimings(timings: readonly Timing[]): void {
  const nanoseconds = ({ milliseconds, units }: Timing): number => (milliseconds * 1e6) / units;
  const dear = timings.filter(({ units }) => units > 5_000_000).sort((a, b) => nanoseconds(b) - nanoseconds(a));
  print('\nslowest for their fuel, of those that used more than 5,000,000 units:');
  for (const timing of dear.slice(0, 12)) {
    const { name, ends, units, milliseconds } = timing;
    const perUnit = `${nanoseconds(timing).toFixed(2)} ns a unit`;
    print(
      `  ${name.padEnd(52)} ${ends.slice(0, 12).padEnd(12)} ${milliseconds.toFixed(0).padStart(5)} ms  ${perUnit.padStart(16)}  ${units} units`,
    );
  }
  const longest = timings.reduce((most, { milliseconds }) => Math.max(most, milliseconds), 0);
  print(`${timings.length} hostile programs, the longest took ${longest.toFixed(0)} ms\n`);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  process.stderr.write(`determinism: ${error instanceof BatteryFailed ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
