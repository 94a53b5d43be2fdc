import { homedir } from 'node:os';
import type { PasswordSources } from '../node/keys/passwords.js';
import type { Streams } from './output.js';

/** What a command may use of the process it runs in; a test gives another one. */
export interface CliHost {
  readonly streams: Streams;
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly homeDirectory: string;
  /** Terminal to ask a password on; undefined where nobody sits at one. */
  readonly terminal: PasswordSources['terminal'];
  /** Milliseconds since 1970, for expiry and waiting. */
  readonly nowMs: () => number;
}

/** The process itself. */
export function processHost(): CliHost {
  const { stdin, stdout, stderr } = process;
  return {
    streams: { stdout, stderr },
    environment: process.env,
    homeDirectory: homedir(),
    terminal: stdin.isTTY && stderr.isTTY ? { input: stdin, output: stderr } : undefined,
    nowMs: () => Date.now(),
  };
}
