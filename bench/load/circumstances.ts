import { execFileSync } from 'node:child_process';
import { cpus, loadavg, totalmem } from 'node:os';
import { fileURLToPath } from 'node:url';

/** What a figure must not be read without. */
export interface Circumstances {
  readonly cores: number;
  readonly processor: string;
  readonly memoryBytes: number;
  readonly nodeVersion: string;
  /** With `+` when the work tree differs from it; `unknown` outside of a clone. */
  readonly commit: string;
  /** When the run began, ISO 8601. */
  readonly startedAt: string;
  /** Load average of the last minute before the run: above a fraction of a core, the figures are not worth much. */
  readonly loadBefore: number;
  readonly command: string;
}

export function circumstances(command: string): Circumstances {
  return {
    cores: cpus().length,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    memoryBytes: totalmem(),
    nodeVersion: process.version,
    commit: commit(),
    startedAt: new Date().toISOString(),
    loadBefore: Math.round((loadavg()[0] ?? 0) * 100) / 100,
    command,
  };
}

function commit(): string {
  const git = (...args: readonly string[]): string =>
    execFileSync('git', args, {
      cwd: fileURLToPath(new URL('.', import.meta.url)),
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  try {
    const changed = git('status', '--porcelain', '--untracked-files=no') !== '';
    return `${git('rev-parse', '--short=12', 'HEAD')}${changed ? '+' : ''}`;
  } catch {
    return 'unknown';
  }
}
