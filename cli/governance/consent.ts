import type { Command } from 'commander';
import { confirm } from '../confirm.js';
import { usageError } from '../errors.js';
import type { Invocation } from '../invocation.js';
import { isSimulated } from '../simulation.js';

export function withYes(command: Command): Command {
  return command.option('--yes', 'do not ask');
}

/**
 * Asks whoever sits at the terminal; where nobody does, only `--yes` will do. What is only simulated needs no consent.
 *
 * @throws CliError `USAGE_INVALID`
 */
export async function requireYes(invocation: Invocation, summary: string, question: string): Promise<void> {
  const { options, host, output } = invocation;
  if (isSimulated(invocation)) return;
  if (options.flag('yes')) output.note(summary);
  else if (host.terminal !== undefined) await confirm(host.terminal, `${summary}\n${question}`);
  else throw usageError('--yes', 'it, as nobody sits at a terminal to be asked', 'none', 'read what is proposed first');
}
