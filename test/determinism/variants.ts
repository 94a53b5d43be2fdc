import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { BatteryOptions, PartResult, Timing } from './results.js';

/** One way to run the same WebAssembly. */
export interface Variant {
  readonly name: string;
  readonly flags: readonly string[];
  readonly worker: boolean;
}

export interface VariantResult {
  readonly variant: string;
  readonly node: string;
  readonly v8: string;
  readonly parts: readonly PartResult[];
  readonly timings: readonly Timing[];
}

/** Compilers of V8, alone and in turn, lazily and at once; threads with stacks of different sizes. */
export const VARIANTS: readonly Variant[] = [
  { name: 'main thread', flags: [], worker: false },
  { name: 'worker, 8 MB stack', flags: [], worker: true },
  { name: 'baseline compiler alone', flags: ['--liftoff-only'], worker: false },
  { name: 'baseline compiler alone, worker', flags: ['--liftoff-only'], worker: true },
  { name: 'optimising compiler alone', flags: ['--no-liftoff'], worker: false },
  { name: 'optimising compiler alone, worker', flags: ['--no-liftoff'], worker: true },
  { name: 'no tier-up', flags: ['--no-wasm-tier-up'], worker: false },
  { name: 'tier-up at once', flags: ['--no-wasm-dynamic-tiering'], worker: false },
  { name: 'lazy compilation', flags: ['--wasm-lazy-compilation'], worker: false },
  { name: 'one thread', flags: ['--single-threaded'], worker: false },
];

/** So many of them, from the first on, run on the newer Node.js, too. */
export const VARIANTS_OF_NEWER_NODE = 6;

/** The newer Node.js that the battery runs on as well, if it can be fetched. */
export const NEWER_NODE = '24.9.0';

const KNOWN = new Set(['--liftoff-only', '--single-threaded']);

/** Runs the battery as a process of its own. `undefined` where this Node.js does not know a flag of the variant. */
export async function runVariant(
  root: string,
  executable: string,
  { name, flags, worker }: Variant,
  options: BatteryOptions,
): Promise<VariantResult | undefined> {
  const script = join(root, 'dist', 'test', 'determinism', 'main.js');
  const args = [...flags, script, JSON.stringify(options), worker ? 'worker' : 'main'];
  const { status, output, errors } = await run(executable, args);
  if (status === 9 && flags.some((flag) => !KNOWN.has(flag))) return undefined;
  if (status !== 0) {
    throw new BatteryFailed(`${executable} ${args.join(' ')} ended with ${status}:\n${errors.slice(-2_000)}`);
  }
  return { variant: name, ...JSON.parse(output) };
}

/** A variant that did not come to its end. */
export class BatteryFailed extends Error {}

function run(
  command: string,
  args: readonly string[],
): Promise<{ status: number | null; output: string; errors: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const [output, errors]: [string[], string[]] = [[], []];
    child.stdout.setEncoding('utf8').on('data', (text: string) => output.push(text));
    child.stderr.setEncoding('utf8').on('data', (text: string) => errors.push(text));
    child.once('error', reject);
    child.once('close', (status) => resolve({ status, output: output.join(''), errors: errors.join('') }));
  });
}

/**
 * A newer Node.js out of the package registry, kept in `directory` for the next time.
 *
 * @returns its executable; undefined where the registry has none for this machine or is not reached
 */
export async function fetchNewerNode(directory: string): Promise<string | undefined> {
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  const name = `node-${platform}-${process.arch}`;
  const executable = join(directory, 'node_modules', name, 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(executable)) return executable;
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--prefix', directory, `${name}@${NEWER_NODE}`];
  const { status } = await run(npm, args).catch(() => ({ status: 1 }));
  return status === 0 && existsSync(executable) ? executable : undefined;
}

/** Parts of which the results do not all say the same, with what each of them says. */
export function disagreements(results: readonly VariantResult[]): string[] {
  const [first] = results;
  const differing = (first?.parts ?? []).flatMap(({ name }, index) => {
    const digests = results.map(({ variant, node, parts }) => [`${variant} (${node})`, parts[index]?.digest] as const);
    const isSame = digests.every(([, digest]) => digest === digests[0]?.[1]);
    return isSame ? [] : [`${name}: ${digests.map(([who, digest]) => `${who} ${digest}`).join(', ')}`];
  });
  const unlike = results.flatMap(({ variant, node, parts }) =>
    parts.flatMap(({ name, differences }) =>
      differences.length === 0 ? [] : [`${variant} (${node}): ${name}: ${differences.slice(0, 5).join(', ')}`],
    ),
  );
  return [...differing, ...unlike];
}
