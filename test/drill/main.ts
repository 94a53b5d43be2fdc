import { isCodedError } from '../../primitives/errors.js';
import { runChaosDrill } from './chaos/chaosDrill.js';
import { runFailpointDrill } from './failpoints/failpointDrill.js';
import { type DrillOptions, readDrillOptions } from './options.js';
import { runStallDrill } from './stall/stallDrill.js';

const MINUTE_MS = 60_000;
/** How long one of four validators is away to see what its turns cost. */
const SILENT_MS = 60_000;

type Note = (text: string) => void;
/** What a drill found; nothing in `faults` when all is well. */
interface Report {
  readonly faults: readonly string[];
}

/** Every drill by its name. */
const DRILLS: Readonly<Record<string, (options: DrillOptions, note: Note) => Promise<Report>>> = {
  chaos: ({ minutes = 5, seed, rate }, note) =>
    runChaosDrill({ durationMs: minutes * MINUTE_MS, seed, paymentsPerSecond: rate }, note),
  failpoints: ({ kills, seed, rate }, note) => runFailpointDrill({ kills, seed, paymentsPerSecond: rate }, note),
  stall: ({ minutes = 10, rate }, note) =>
    runStallDrill({ awayMs: minutes * MINUTE_MS, silentMs: SILENT_MS, paymentsPerSecond: rate }, note),
};

/**
 * The drills: real processes, real disks, real connections, and what an operator fears.
 *
 *   drill chaos [--minutes M] [--seed S] [--rate R]
 *   drill failpoints [--kills N] [--seed S] [--rate R]
 *   drill stall [--minutes M] [--rate R]
 *
 * Prints a report as JSON; exit code 0 only when nothing is wrong.
 */
async function main(args: readonly string[]): Promise<number> {
  const { name, options } = readDrillOptions(args, Object.keys(DRILLS));
  const run = DRILLS[name] as (typeof DRILLS)[string];
  const report = await run(options, (text) => void process.stderr.write(`  ${text}\n`));
  process.stdout.write(`${JSON.stringify({ drill: name, seed: options.seed, ...report }, undefined, 2)}\n`);
  return report.faults.length === 0 ? 0 : 1;
}

// Whatever runs ends with this process.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => process.exit(130));

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  const text = isCodedError(error) ? `${error.code}: ${error.message}` : error instanceof Error ? error.stack : error;
  process.stderr.write(`drill: ${text}\n`);
  process.exitCode = isCodedError(error) && error.code === 'OPTION_INVALID' ? 2 : 1;
}
// Clients keep connections alive; every process of the network has ended by now.
process.exit();
