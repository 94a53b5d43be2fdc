import { readPassword } from '../node/keys/passwords.js';
import type { CliHost } from './host.js';

/**
 * The password of a key: from a file, the environment or the terminal, where a new one is typed twice.
 *
 * @throws KeyError
 */
export function keyPassword(
  { environment, terminal }: CliHost,
  passwordFile: string | undefined,
  purpose: string,
  isNew = false,
): Promise<string> {
  return readPassword({ passwordFile, environment, terminal }, { purpose, confirm: isNew });
}
