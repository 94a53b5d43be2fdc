import { CodedError } from '../../primitives/errors.js';
import { runCampaign } from './campaign.js';
import { linesOf, shrink } from './shrink.js';

/** `npm run operations`: random operations of all contracts, checked after each block. Exit code 1 when something did not hold. */

class UsageError extends CodedError<'USAGE'> {}

const USAGE = 'npm run operations -- [--seed N] [--operations 100000] [--shrink-seconds 60]';
const FRESH_SEEDS = 1_000_000_000;

function readOptions(args: readonly string[]): { seed: number; operations: number; shrinkMs: number } {
  const given = new Map<string, number>();
  for (let i = 0; i < args.length; i += 2) {
    const [name = '', value = ''] = [args[i], args[i + 1]];
    const isKnown = ['--seed', '--operations', '--shrink-seconds'].includes(name);
    if (!isKnown || !/^\d{1,9}$/.test(value)) throw new UsageError('USAGE', `${name} ${value}: ${USAGE}`);
    given.set(name, Number(value));
  }
  return {
    seed: given.get('--seed') ?? Date.now() % FRESH_SEEDS,
    operations: given.get('--operations') ?? 100_000,
    shrinkMs: (given.get('--shrink-seconds') ?? 60) * 1_000,
  };
}

const say = (line: string): void => void process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  const { seed, operations, shrinkMs } = readOptions(process.argv.slice(2));
  say(`seed ${seed}, ${operations} operations`);
  const begunMs = performance.now();
  let told = 0;
  const result = await runCampaign({
    seed,
    operations,
    progress: (done, blocks) => {
      if (done < told + 10_000) return;
      told = done - (done % 10_000);
      say(`${done} operations in ${blocks} blocks, ${((performance.now() - begunMs) / 1_000).toFixed(0)} s`);
    },
  });
  for (const line of result.tally.lines()) say(line);
  const seconds = ((performance.now() - begunMs) / 1_000).toFixed(1);
  say(`${result.operations} operations in ${result.played.length} blocks, ${seconds} s`);
  const { violation } = result;
  if (violation === undefined) {
    say('everything held after every block');
    return;
  }
  say(`VIOLATION with seed ${seed} up to operation ${violation.operation}:`);
  for (const fault of violation.faults.slice(0, 20)) say(`  ${fault}`);
  process.exitCode = 1;
  if (shrinkMs === 0) return;
  const blocks = await shrink(violation, shrinkMs);
  say(`what is left of it (npm run operations -- --seed ${seed} --operations ${violation.operation}):`);
  for (const line of linesOf(blocks).slice(0, 200)) say(line);
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = 2;
});
