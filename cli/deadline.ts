import type { Command } from 'commander';
import { usageError } from './errors.js';
import { parseDuration, parseTime } from './governance/terms.js';
import type { Invocation } from './invocation.js';

/** `--for` and `--until`, of commands that set a deadline. */
export function withDeadline(command: Command): Command {
  return command
    .option('--for <duration>', 'how long it may take, as 90s, 30m, 2h or 7d')
    .option('--until <time>', 'the same as a time, as 2026-01-05T16:00:00Z');
}

/** The deadline in milliseconds that one of the two says. @throws CliError `USAGE_INVALID` */
export function deadlineOf({ options, host }: Invocation): number {
  const [duration, time] = [options.text('for'), options.text('until')];
  if ((duration === undefined) === (time === undefined)) {
    throw usageError('--for and --until', 'one of them', 'both or none');
  }
  return duration === undefined ? parseTime(time ?? '', '--until') : host.nowMs() + parseDuration(duration, '--for');
}
