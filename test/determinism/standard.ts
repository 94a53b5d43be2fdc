import { StandardDifferential } from '../support/sandbox/standardDifferential.js';

/**
 * `npm run determinism -- standard [TRANSACTIONS] [SEED]`: the standard contracts natively and in the sandbox, held against
 * each other. Ends with an error at the first difference.
 */
async function main([count = '5000', seed = '1']: readonly string[]): Promise<void> {
  const differential = await StandardDifferential.create(Number(seed));
  const { transactions, succeeded, codes, events, entries } = differential.run(Number(count));
  const lines = [
    `${transactions} transactions of seed ${seed}, ${succeeded} succeeded, ${entries} entries of the state: no difference`,
    `${events.size} kinds of events: ${[...events].sort().join(' ')}`,
    `${codes.size} kinds of failures:`,
    ...[...codes]
      .sort(([, one], [, other]) => other - one)
      .map(([code, times]) => `  ${`${times}`.padStart(6)} ${code}`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

await main(process.argv.slice(2));
