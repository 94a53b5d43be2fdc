import { CodedError } from '../../primitives/errors.js';
import { type ExplorerOptions, explore } from './explorer.js';

/** `npm run explore`: visits every state of a small network up to a bound. Exit code 1 when one of them must never be. */

class UsageError extends CodedError<'USAGE'> {}

const USAGE = 'npm run explore -- [--faulty 1] [--rounds 1] [--restarts 0] [--states 1000000] [--no-journal]';

function optionsOf(args: readonly string[]): ExplorerOptions {
  const given = new Map<string, string>();
  for (let i = 0; i < args.length; i++) {
    const name = args[i] ?? '';
    if (name === '--no-journal') given.set(name, '');
    else given.set(name, args[++i] ?? '');
  }
  const number = (name: string, fallback: number): number => {
    const value = Number(given.get(name) ?? fallback);
    if (!Number.isSafeInteger(value) || value < 0) throw new UsageError('USAGE', `${name}: a whole number. ${USAGE}`);
    return value;
  };
  for (const name of given.keys()) {
    if (!['--faulty', '--rounds', '--restarts', '--states', '--no-journal'].includes(name)) {
      throw new UsageError('USAGE', `${name} is not known. ${USAGE}`);
    }
  }
  const faulty = (given.get('--faulty') ?? '1').split(',').filter((index) => index !== '' && index !== 'none');
  return {
    faulty: faulty.map(Number),
    maxRound: number('--rounds', 1),
    restarts: number('--restarts', 0),
    maxStates: number('--states', 1_000_000),
    hasJournal: !given.has('--no-journal'),
  };
}

try {
  const options = optionsOf(process.argv.slice(2));
  const begunMs = performance.now();
  const { states, localStates, decisions, isComplete, violation } = explore(options);
  const seconds = ((performance.now() - begunMs) / 1_000).toFixed(1);
  const { faulty, maxRound, restarts } = options;
  const extent = isComplete ? 'all that there are' : 'and no further';
  const lines = [
    `4 validators, faulty: ${faulty.join(', ') || 'none'}; rounds 0 to ${maxRound}; restarts: ${restarts}`,
    `${states} states, ${extent}; ${localStates} of single validators; decided in ${decisions}; ${seconds} s`,
    ...(violation === undefined ? ['no violation'] : [`violation: ${violation.what}`, ...violation.steps]),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  process.exitCode = violation === undefined ? 0 : 1;
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
}
