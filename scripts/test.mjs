// `npm test`: installs, builds and runs every check. Each step runs even when an earlier one failed, but for the build.
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { build, install, requireNode, root, run } from './prepare.mjs';

/** Files of tests at a time, at most: some start networks of five processes. */
const MAX_JOBS = 4;

requireNode();
if (!install() || !build()) process.exit(1);

const bin = (...parts) => join(root, 'node_modules', ...parts);
const steps = [
  ['lint', bin('@biomejs', 'biome', 'bin', 'biome'), ['check', '.'], true],
  ['architecture rules', bin('dependency-cruiser', 'bin', 'dependency-cruise.mjs'), architecture(), true],
  ['tests', bin('mocha', 'bin', 'mocha.js'), tests(), false],
];

function tests() {
  const jobs = Math.min(MAX_JOBS, availableParallelism());
  return ['--parallel', '--jobs', String(jobs), 'dist/test/**/*.test.js', ...process.argv.slice(2)];
}

/** The same arguments as `npm run check:arrows`. */
function architecture() {
  const rooms = [
    ...['primitives', 'consensus', 'contracts', 'sandbox', 'genesis', 'api', 'kit', 'node', 'client', 'cli'],
    ...['test', 'bench'],
  ];
  return ['--config', '.dependency-cruiser.cjs', '--output-type', 'err', ...rooms];
}

const failed = steps.filter(
  ([title, script, args, quiet]) => !run(title, process.execPath, [script, ...args], { quiet }),
);
if (failed.length > 0) process.stderr.write(`failed: ${failed.map(([title]) => title).join(', ')}\n`);
process.exit(failed.length === 0 ? 0 : 1);
