import type { Command } from 'commander';
import { type CliSettings, type ResolvedSetting, resolveCliConfig, type SettingKey } from './config.js';
import { usageError } from './errors.js';
import type { CliHost } from './host.js';
import type { CommandResult, Output } from './output.js';

/** One call of a command: its arguments, where to write, and its settings. */
export interface Invocation {
  /** Positional arguments; one that may be absent is undefined. */
  readonly args: readonly (string | undefined)[];
  readonly options: OptionReader;
  readonly output: Output;
  readonly host: CliHost;
  /** Runs when the command has ended, however it ended; must not throw. */
  atEnd(run: () => Promise<void>): void;
  /** Every command there is, with its options. */
  program(): Promise<Command>;
  /** Settles flags, environment, file and defaults. @throws CliError `CONFIG_INVALID` */
  config(): Promise<{ readonly settings: CliSettings; readonly resolved: readonly ResolvedSetting[] }>;
}

/** What a command does: it returns its result and never prints it. */
export type Handler = (invocation: Invocation) => Promise<CommandResult>;

/** Turns a handler into the action of a command; the handler runs once the whole command line is read. */
export type Bind = (handler: Handler) => (...args: unknown[]) => void;

/** A group of commands in a module of its own, loaded only when it is called. */
export interface CommandModule {
  register(program: Command, bind: Bind): void;
}

/** Options of one call by their long names, typed at the place of use. */
export class OptionReader {
  constructor(private readonly values: Readonly<Record<string, unknown>>) {}

  /** `--some-name` is `someName`. */
  text(name: string): string | undefined {
    const value = this.values[name];
    return typeof value === 'string' ? value : undefined;
  }

  /** @throws CliError `USAGE_INVALID` where it was not given */
  required(name: string): string {
    const value = this.text(name);
    if (value === undefined) throw usageError(flagOf(name), 'a value', 'none');
    return value;
  }

  /** An option that may be given several times. */
  list(name: string): readonly string[] {
    const value = this.values[name];
    return Array.isArray(value) ? value.filter((entry) => typeof entry === 'string') : [];
  }

  flag(name: string): boolean {
    return this.values[name] === true;
  }

  /** @throws CliError `USAGE_INVALID` unless it is a whole number within the bounds */
  integer(name: string, minimum: number, maximum: number): number | undefined {
    const text = this.text(name);
    if (text === undefined) return undefined;
    const value = /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= minimum && value <= maximum) return value;
    throw usageError(flagOf(name), `a whole number from ${minimum} to ${maximum}`, `"${text}"`);
  }
}

/** Positional argument number `index`, which commander has made sure of. @throws CliError `USAGE_INVALID` */
export function argument(invocation: Invocation, index: number, name: string): string {
  const value = invocation.args[index];
  if (value === undefined) throw usageError(name, 'a value', 'none');
  return value;
}

/** Builds the invocation of a command that commander has read. */
export function createInvocation(
  command: Command,
  args: readonly unknown[],
  { output, host, program, atEnd }: Pick<Invocation, 'output' | 'host' | 'program' | 'atEnd'>,
): Invocation {
  // A command that has commands below it takes options of the same names as theirs, wherever they stand.
  const options = new OptionReader(command.optsWithGlobals());
  const flags: Partial<Record<SettingKey, string | undefined>> = {
    rpc: options.text('rpc'),
    wallet: options.text('wallet'),
    account: options.text('account'),
    genesis: options.text('genesis'),
    password_file: options.text('passwordFile'),
    timeout_ms: options.text('timeoutMs'),
  };
  return {
    args: args.flat().map((value) => (typeof value === 'string' ? value : undefined)),
    options,
    output,
    host,
    program,
    atEnd,
    config: () =>
      resolveCliConfig({
        flags,
        environment: host.environment,
        configFile: options.text('config'),
        homeDirectory: host.homeDirectory,
      }),
  };
}

function flagOf(name: string): string {
  return `--${name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
