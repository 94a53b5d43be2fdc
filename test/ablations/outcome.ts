import { spawn } from 'node:child_process';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Catcher, SimulationCatcher, TestCatcher } from './ablation.js';

/** What a run in a process of its own came to. */
export interface RunOutcome {
  readonly result: 'passed' | 'failed' | 'broken';
  /** The first sentence that failed or seed with its violation; for a broken run, what it said. */
  readonly detail: string;
  /** How long the test or the seeds took that showed it, without loading the program. */
  readonly timeMs: number;
}

/** Where the compiled program and the packages are. */
export interface RunPlace {
  readonly root: string;
  readonly dist: string;
}

const RUN_LIMIT_MS = 180_000;

/** Runs what has to catch a bug, on the given build. */
export function runCatcher(catcher: Catcher, place: RunPlace): Promise<RunOutcome> {
  return catcher.kind === 'test' ? runTests(catcher, place) : runSimulation(catcher, place);
}

interface MochaTest {
  readonly fullTitle: string;
  readonly duration?: number;
  readonly err: { readonly name?: string; readonly message?: string; readonly stack?: string };
}

interface MochaReport {
  readonly stats: { readonly tests: number };
  readonly tests: readonly MochaTest[];
  readonly failures: readonly MochaTest[];
}

async function runTests({ file, title }: TestCatcher, { root, dist }: RunPlace): Promise<RunOutcome> {
  const report = join(dist, `.report-${process.pid}.json`);
  const mocha = join(root, 'node_modules', 'mocha', 'bin', 'mocha.js');
  const { output } = await runProcess(root, [
    ...[mocha, '--reporter', 'json', '--reporter-option', `output=${report}`],
    ...['--fgrep', title, join(dist, 'test', `${file}.test.js`)],
  ]);
  const text = await readFile(report, 'utf8').catch(() => undefined);
  await rm(report, { force: true });
  if (text === undefined) return broken(output);
  return judge(JSON.parse(text) as MochaReport, title);
}

/** What the runtime and the test runner throw; expectations and the product have errors of their own. */
const NO_FINDING = /^(Syntax|Reference|Type|Range)?Error\b/;

/** A failed expectation or a broken invariant is a finding; a program that does not even run is none. */
function judge({ stats, tests, failures }: MochaReport, title: string): RunOutcome {
  if (stats.tests === 0) return broken(`no test is called so: ${title}`);
  const [failure] = failures.filter(({ fullTitle }) => fullTitle.includes(title));
  if (failure === undefined) {
    if (failures.length > 0) return broken(failures.map(({ err }) => err.message).join('\n'));
    return { result: 'passed', detail: '', timeMs: tests.reduce((sum, { duration }) => sum + (duration ?? 0), 0) };
  }
  const { fullTitle, err, duration } = failure;
  const isHarness = NO_FINDING.test(err.stack ?? err.name ?? 'Error') || fullTitle.includes('" hook ');
  if (isHarness) return broken(`${fullTitle}: ${err.stack ?? err.message}`);
  const [reason] = (err.message ?? '').split('\n');
  return { result: 'failed', detail: reason ?? '', timeMs: duration ?? 0 };
}

async function runSimulation({ args, violation }: SimulationCatcher, { root, dist }: RunPlace): Promise<RunOutcome> {
  const startMs = performance.now();
  const { code, output } = await runProcess(root, [join(dist, 'test', 'simulation', 'main.js'), ...args]);
  const timeMs = Math.round(performance.now() - startMs);
  if (code === 0) return { result: 'passed', detail: '', timeMs };
  const line = output.split('\n').find((text) => violation.test(text));
  return line === undefined ? broken(output) : { result: 'failed', detail: line.trim(), timeMs };
}

function broken(output: string): RunOutcome {
  return { result: 'broken', detail: output.trim().slice(-2_000), timeMs: 0 };
}

function runProcess(cwd: string, args: readonly string[]): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--enable-source-maps', ...args], { cwd, timeout: RUN_LIMIT_MS });
    const chunks: Buffer[] = [];
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output: Buffer.concat(chunks).toString('utf8') }));
  });
}
