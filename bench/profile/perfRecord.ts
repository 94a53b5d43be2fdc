import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const FREQUENCY = '499';
const MAX_OUTPUT_BYTES = 64 * 2 ** 20;

/** Kinds of work that V8's own profiler does not tell apart, by library and symbol. The first that fits counts. */
const KINDS: readonly (readonly [string, RegExp])[] = [
  ['kernel', /\[k\]/],
  [
    'memory: malloc, free',
    /\b(malloc|free|calloc|realloc|_int_malloc|_int_free|cfree|operator (new|delete)|_mid_memalign)/,
  ],
  ['garbage collection', /Scaveng|MarkCompact|Marking|Sweep|Evacuat|GCTracer|Heap::|ArrayBufferSweeper|GlobalHandles/],
  ['compiler', /compiler::|turboshaft|maglev|Turbofan|baseline::|interpreter::|Parser|Scanner|Compiler::/i],
  ['signatures, hashes, ciphers', /secp256k1|sha256|EVP_|chacha|poly1305|hashtree|hasher/i],
  ['LevelDB', /leveldb|snappy/i],
  ['compiled JavaScript', /perf-\d+\.map|\[JIT\]|Builtins_|\[unknown\]|anon/],
];

/**
 * Asks the system's profiler about a process, where it is there and may.
 *
 * @returns shares by kind of work as Markdown, or one sentence that says why there are none
 */
export async function recordKernel(pid: number, seconds: number): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'vostro-perf-'));
  const file = join(directory, 'perf.data');
  try {
    const record = ['record', '-q', '-F', FREQUENCY, '-p', String(pid), '-o', file, '--', 'sleep', String(seconds)];
    await run('perf', record);
    const fields = ['report', '-i', file, '--stdio', '-g', 'none', '--sort', 'dso,symbol', '--percent-limit', '0'];
    const { stdout } = await run('perf', fields, { maxBuffer: MAX_OUTPUT_BYTES });
    return formatShares(sharesByKind(stdout));
  } catch (error) {
    return `No figures of \`perf\`: ${error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)}`;
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

/** Percent of a process's processor time by kind of work, of the text of `perf report`. */
export function sharesByKind(report: string): ReadonlyMap<string, number> {
  const shares = new Map<string, number>();
  for (const line of report.split('\n')) {
    const [, percent, rest = ''] = /^\s*(\d+\.\d+)%\s+(.*)$/.exec(line) ?? [];
    if (percent === undefined) continue;
    const kind = KINDS.find(([, pattern]) => pattern.test(rest))?.[0] ?? 'other native code';
    shares.set(kind, (shares.get(kind) ?? 0) + Number(percent));
  }
  return shares;
}

function formatShares(shares: ReadonlyMap<string, number>): string {
  const rows = [...shares]
    .sort(([, a], [, b]) => b - a)
    .map(([kind, percent]) => `| ${kind} | ${percent.toFixed(1)} % |`);
  return ['| All threads of the process, by `perf` | share |', '|---|--:|', ...rows].join('\n');
}
