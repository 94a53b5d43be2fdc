import { spawn } from 'node:child_process';
import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build, type Plugin } from 'esbuild';
import { invalidSource, KitError } from './errors.js';

export interface TestRunOptions {
  /** Only tests whose name matches. */
  readonly grep?: string;
  /** Hears what the tests say, as they say it. */
  readonly onOutput: (text: string) => void;
}

export interface TestRun {
  /** Relative to the project. */
  readonly files: readonly string[];
  readonly passed: number;
  readonly failed: number;
  /** `TESTS_FAILED`, undefined when all passed. */
  readonly error: KitError | undefined;
}

/** Most bytes of a run's output that are kept to find the counts in. */
const MAX_TAIL_CHARACTERS = 4_096;

/**
 * Bundles `test/*.test.ts` of a project and runs it with node:test, in a process of its own whose directory is the
 * project's. `vostro/contract` and `vostro/contract/testing` are those of this installation.
 *
 * @throws KitError `SOURCE_INVALID` where there are no tests, `BUILD_FAILED` where they do not compile
 */
export async function runContractTests(directory: string, { grep, onOutput }: TestRunOptions): Promise<TestRun> {
  const names = await readdir(join(directory, 'test')).catch(() => []);
  const files = names.filter((name) => name.endsWith('.test.ts')).sort();
  if (files.length === 0) throw invalidSource('test', 'files whose name ends with .test.ts', 'none');
  const target = join(directory, 'build', 'test');
  await rm(target, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  await bundleTests(directory, files, target);
  const compiled = files.map((name) => join(target, name.replace(/\.ts$/, '.mjs')));
  const filter = grep === undefined ? [] : [`--test-name-pattern=${grep}`];
  const argv = ['--enable-source-maps', '--test', '--test-reporter=spec', ...filter, ...compiled];
  const { exitCode, tail } = await runNode(directory, argv, onOutput);
  const [passed, failed] = [countOf(tail, 'pass'), countOf(tail, 'fail')];
  const error =
    exitCode === 0 && failed === 0
      ? undefined
      : new KitError('TESTS_FAILED', `${failed} of ${passed + failed} tests failed`, {
          expected: 'tests that pass',
          actual: `exit code ${exitCode}`,
        });
  return { files: files.map((name) => `test/${name}`), passed, failed, error };
}

async function bundleTests(directory: string, files: readonly string[], target: string): Promise<void> {
  await build({
    absWorkingDir: directory,
    entryPoints: files.map((name) => join(directory, 'test', name)),
    outdir: target,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    packages: 'external',
    sourcemap: 'inline',
    logLevel: 'silent',
    tsconfigRaw: '{}',
    plugins: [ofThisInstallation()],
  }).catch((error: unknown) => {
    const actual = error instanceof Error ? error.message : String(error);
    throw new KitError('BUILD_FAILED', `the tests do not compile: ${actual}`, { actual });
  });
}

/** Resolves what authors import to the files of this installation, so that a project needs no packages. */
function ofThisInstallation(): Plugin {
  const modules = new Map([
    ['vostro/contract', '../contracts/api/index.js'],
    ['vostro/contract/testing', './testing/index.js'],
  ]);
  return {
    name: 'vostro',
    setup({ onResolve }) {
      onResolve({ filter: /^vostro\// }, ({ path }) => {
        const file = modules.get(path);
        if (file === undefined) return undefined;
        return { path: pathToFileURL(fileURLToPath(new URL(file, import.meta.url))).href, external: true };
      });
    },
  };
}

function runNode(
  directory: string,
  argv: readonly string[],
  onOutput: (text: string) => void,
): Promise<{ readonly exitCode: number; readonly tail: string }> {
  return new Promise((resolve, reject) => {
    // A runner that runs inside another one would report to it instead.
    const { NODE_TEST_CONTEXT: _, NODE_OPTIONS: __, ...env } = process.env;
    const child = spawn(process.execPath, [...argv], { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let tail = '';
    const hear = (chunk: Buffer): void => {
      const text = chunk.toString('utf8');
      tail = (tail + text).slice(-MAX_TAIL_CHARACTERS);
      onOutput(text);
    };
    child.stdout.on('data', hear);
    child.stderr.on('data', hear);
    child.on('error', reject);
    child.on('close', (code) => resolve({ exitCode: code ?? 1, tail }));
  });
}

/** The last `ℹ pass 3` of the reporter. */
function countOf(tail: string, what: 'pass' | 'fail'): number {
  const found = [...tail.matchAll(new RegExp(`^ℹ ${what} (\\d+)$`, 'gm'))].at(-1);
  return Number(found?.[1] ?? 0);
}
