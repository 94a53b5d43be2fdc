import { join, resolve } from 'node:path';
import type { Invocation } from './invocation.js';

/** Home of the node that a command is about: `--home`, VOSTRO_HOME, or `~/.vostro/node`. */
export function nodeHome({ options, host }: Invocation): string {
  const named = options.text('home') ?? host.environment['VOSTRO_HOME'];
  return resolve(named === undefined || named === '' ? join(host.homeDirectory, '.vostro', 'node') : named);
}
