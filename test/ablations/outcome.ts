import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, readFile, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Catcher, SimulationCatcher, TestCatcher } from './ablation.js';

/** What a run in a process of its own came to. */
export interface RunOutcome {
  readonly result: 'passed' | 'failed' | 'broken';
  /** What failed, in the words of the test or the checker; for a broken run, what it said. */
  readonly detail: string;
  /** How long the test or the seeds took that showed it, without loading the program. */
  readonly timeMs: number;
  /** Seeds until it was seen. */
  readonly seeds?: number;
}

/** Where the compiled program and the packages are. */
export interface RunPlace {
  readonly root: string;
  readonly dist: string;
}

const RUN_LIMIT_MS = 240_000;

/** Runs what has to catch a bug, on the given build. */
export function runCatcher(catcher: Catcher, place: RunPlace): Promise<RunOutcome> {
  return catcher.kind === 'test' ? runTests(catcher, place) : runSimulation(catcher, place);
}

interface MochaTest {
  readonly fullTitle: string;
  readonly duration?: number;
  readonly err: {
    readonly name?: string;
    readonly message?: string;
    readonly stack?: string;
    /** What a property failed with: of an expectation its name, of the product's errors their code. */
    readonly cause?: { readonly name?: string; readonly code?: string; readonly message?: string };
  };
}

interface MochaReport {
  readonly stats: { readonly tests: number };
  readonly tests: readonly MochaTest[];
  readonly failures: readonly MochaTest[];
}

async function runTests({ file, title }: TestCatcher, { root, dist }: RunPlace): Promise<RunOutcome> {
  const report = join(root, '.build', `ablations-report-${process.pid}.json`);
  await mkdir(dirname(report), { recursive: true });
  const mocha = join(root, 'node_modules', 'mocha', 'bin', 'mocha.js');
  const child = start(root, [
    ...[mocha, '--reporter', 'json', '--reporter-option', `output=${report}`],
    ...['--require', fileURLToPath(new URL('./bigIntsInReports.js', import.meta.url))],
    ...['--fgrep', title, join(dist, 'test', `${file}.test.js`)],
  ]);
  const { output } = await ended(child);
  const text = await readFile(report, 'utf8').catch(() => undefined);
  await rm(report, { force: true });
  if (text === undefined) return broken(output);
  return judge(JSON.parse(text) as MochaReport, title);
}

/** What the runtime and the test runner throw; expectations and the product have errors of their own. */
const NO_FINDING = /^(Syntax|Reference|Type|Range)?Error\b/;
/** How fast-check's own error begins: whether it is a finding, its cause says. */
const PROPERTY_FAILED = /^Property failed after /;

/** A failed expectation or a broken invariant is a finding; a program that does not even run is none. */
function judge({ stats, tests, failures }: MochaReport, title: string): RunOutcome {
  if (stats.tests === 0) return broken(`no test is called so: ${title}`);
  const [failure] = failures.filter(({ fullTitle }) => fullTitle.includes(title));
  if (failure === undefined) {
    if (failures.length > 0) return broken(failures.map(({ err }) => err.message).join('\n'));
    return { result: 'passed', detail: '', timeMs: tests.reduce((sum, { duration }) => sum + (duration ?? 0), 0) };
  }
  const { fullTitle, err, duration } = failure;
  const isHarness = !isFinding(err) || fullTitle.includes('" hook ');
  if (isHarness) return broken(`${fullTitle}: ${err.stack ?? err.message}`);
  const [reason] = (err.cause?.message ?? err.message ?? '').split('\n');
  return { result: 'failed', detail: reason ?? '', timeMs: duration ?? 0 };
}

function isFinding({ name, message = '', stack, cause }: MochaTest['err']): boolean {
  if (!PROPERTY_FAILED.test(message)) return !NO_FINDING.test(stack ?? name ?? 'Error');
  return cause?.name === 'AssertionError' || /^(?!ERR_)[A-Z_]+$/.test(cause?.code ?? '');
}

/** The arguments of `npm run simulate`. */
export function simulationArguments({ profile, nodes, seeds }: SimulationCatcher): string[] {
  return ['--seeds', `1..${seeds}`, '--nodes', `${nodes}`, '--profile', profile];
}

const SEED = /^seed (\d+): /;
const VIOLATION = /^ {2}\[([a-z ]+)\] /;
const HARNESS = /the world ends|\b(Syntax|Reference|Type)Error\b/;

/** Runs seeds until one shows it. What no checker is meant to see, as a world that ends by an exception, is no finding. */
async function runSimulation(catcher: SimulationCatcher, { root, dist }: RunPlace): Promise<RunOutcome> {
  const startMs = performance.now();
  const child = start(root, [join(dist, 'test', 'simulation', 'main.js'), ...simulationArguments(catcher)]);
  let seed = 0;
  let found: RunOutcome | undefined;
  const { code, output } = await ended(child, (line) => {
    seed = Number(SEED.exec(line)?.[1] ?? seed);
    const checker = VIOLATION.exec(line)?.[1];
    if (found !== undefined || !catcher.checkers.some((name) => name === checker) || HARNESS.test(line)) return;
    found = { result: 'failed', detail: line.trim(), timeMs: Math.round(performance.now() - startMs), seeds: seed };
    child.kill('SIGKILL');
  });
  if (found !== undefined) return found;
  const timeMs = Math.round(performance.now() - startMs);
  return code === 0 ? { result: 'passed', detail: '', timeMs, seeds: catcher.seeds } : broken(output);
}

function broken(output: string): RunOutcome {
  return { result: 'broken', detail: output.trim().slice(-2_000), timeMs: 0 };
}

function start(cwd: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ['--enable-source-maps', ...args], { cwd, timeout: RUN_LIMIT_MS });
}

/** @param tell gets each whole line of the process's output as it comes */
function ended(
  child: ChildProcess,
  tell: (line: string) => void = () => undefined,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve, reject) => {
    const lines: string[] = [];
    let rest = '';
    const take = (chunk: Buffer): void => {
      const parts = `${rest}${chunk.toString('utf8')}`.split('\n');
      rest = parts.pop() ?? '';
      lines.push(...parts);
      for (const line of parts) tell(line);
    };
    for (const stream of [child.stdout, child.stderr]) stream?.on('data', take);
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output: [...lines, rest].join('\n') }));
  });
}
