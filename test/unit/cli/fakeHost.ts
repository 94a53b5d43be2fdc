import type { CliHost } from '../../../cli/host.js';
import type { Envelope } from '../../../cli/output.js';
import { runCli } from '../../../cli/run.js';

export interface CliRun {
  readonly exitCode: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a command line in this process, with an environment and home of its own. */
export async function runVostro(argv: readonly string[], host: Partial<CliHost> = {}): Promise<CliRun> {
  let stdout = '';
  let stderr = '';
  const exitCode = await runCli(argv, {
    streams: { stdout: { write: (text) => (stdout += text) }, stderr: { write: (text) => (stderr += text) } },
    environment: {},
    homeDirectory: '/nonexistent',
    terminal: undefined,
    nowMs: () => Date.now(),
    ...host,
  });
  return { exitCode, stdout, stderr };
}

/** The same with `--json`, its envelope read. */
export async function runVostroJson(
  argv: readonly string[],
  host: Partial<CliHost> = {},
): Promise<CliRun & { readonly envelope: Envelope }> {
  const run = await runVostro([...argv, '--json'], host);
  return { ...run, envelope: JSON.parse(run.stdout) as Envelope };
}
