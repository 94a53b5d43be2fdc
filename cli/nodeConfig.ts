import { join } from 'node:path';
import type { ConfigSources } from '../node/ops/config.js';
import { CliError, usageError } from './errors.js';
import { readTextFile } from './files.js';
import type { Invocation } from './invocation.js';

const MAX_CONFIG_BYTES = 1_048_576;

/** Where a node's settings come from: `--set`, the environment, and `config.toml` in its home. */
export async function readNodeConfig({ options, host }: Invocation, home: string): Promise<ConfigSources> {
  const flags = Object.fromEntries(options.list('set').map(readFlag));
  return { home, file: await readConfigText(join(home, 'config.toml')), environment: host.environment, flags };
}

function readFlag(text: string): readonly [string, string] {
  const at = text.indexOf('=');
  if (at <= 0) throw usageError('--set', 'key=value', `"${text.slice(0, 60)}"`);
  return [text.slice(0, at), text.slice(at + 1)];
}

async function readConfigText(path: string): Promise<string | undefined> {
  try {
    return await readTextFile(path, MAX_CONFIG_BYTES);
  } catch (error) {
    if (error instanceof CliError && error.details.actual === 'ENOENT') return undefined;
    throw error;
  }
}
