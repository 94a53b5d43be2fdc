// Installs and builds what a clone needs, and only what has changed since the last time.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stampFile = join(root, 'node_modules', '.vostro-lockfile');

/** Stops with a sentence that says what to install when Node.js is too old. */
export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  process.stderr.write(
    `Vostro needs Node.js 20.19 or later, this is ${process.versions.node}. Install a newer one and try again.\n`,
  );
  process.exit(3);
}

/** Runs a command in the repository; its output goes to stderr, so that stdout stays the result's. */
export function run(title, command, args, { quiet = false } = {}) {
  const startedMs = performance.now();
  const shown = quiet ? ['ignore', 'pipe', 'pipe'] : ['ignore', 2, 2];
  const result = spawnSync(command, args, { cwd: root, stdio: shown, encoding: 'utf8' });
  const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
  if (result.status === 0) {
    process.stderr.write(`  ${title} (${seconds} s)\n`);
    return true;
  }
  process.stderr.write(`  ${title} FAILED after ${seconds} s: ${command} ${args.join(' ')}\n`);
  if (quiet) process.stderr.write(`${result.stdout ?? ''}${result.stderr ?? ''}\n`);
  if (result.error) process.stderr.write(`${result.error.message}\n`);
  return false;
}

/** `npm ci`, unless node_modules already holds exactly what the lockfile names. */
export function install() {
  const lockfile = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === lockfile) return true;
  if (!run('installed packages', 'npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { quiet: true }))
    return false;
  writeFileSync(stampFile, lockfile);
  return true;
}

/** Compiles what changed, and bundles what sandboxed contracts find; the compiler is the type check, too. */
export function build() {
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  if (!run('built', process.execPath, [tsc, '-p', 'tsconfig.json'], { quiet: true })) return false;
  return run('bundled the guest runtime', process.execPath, [join(root, 'scripts', 'guest.mjs')], { quiet: true });
}
