import { type Command, Option } from 'commander';
import type { TransactionPriority } from '../primitives/types.js';

/** `--json`, which every command has. */
export function withJson(command: Command): Command {
  return command
    .option('--json', 'print one JSON envelope on stdout')
    .option('--config <file>', 'configuration file of the command line');
}

/** Options of commands that open keys. */
export function withWallet(command: Command): Command {
  return command
    .option('--wallet <directory>', 'directory with keystores and accounts.toml (VOSTRO_WALLET)')
    .option('--password-file <file>', 'file whose only line is the password (VOSTRO_PASSWORD_FILE)');
}

/** Options of commands that ask a node. */
export function withNetwork(command: Command): Command {
  return command
    .option('--genesis <file>', 'genesis file that is trusted (VOSTRO_GENESIS; the wallet’s when left out)')
    .option('--rpc <url>', 'URL of a node’s RPC, several with commas between (VOSTRO_RPC)')
    .option('--timeout-ms <ms>', 'how long to wait for finality (VOSTRO_TIMEOUT_MS)');
}

/** Options of commands that act for an account. */
export function withAccount(command: Command): Command {
  return withNetwork(withWallet(command)).option(
    '--account <name>',
    'account to act for, by name or address (VOSTRO_ACCOUNT)',
  );
}

/** The same of commands that send one transaction, and may show what it would do instead. */
export function withSending(command: Command): Command {
  return withSimulation(withUrgency(withAccount(command)));
}

/** `--urgent`, of commands that make a transaction. */
export function withUrgency(command: Command): Command {
  return command.option(
    '--urgent',
    'ahead of normal transactions; the network bounds how many of them a member may send',
  );
}

/** The priority that `--urgent` asks for. */
export function priorityOf(options: { flag(name: 'urgent'): boolean }): TransactionPriority {
  return options.flag('urgent') ? 'urgent' : 'normal';
}

/** `--simulate`, and `--dry-run` for the same. */
export function withSimulation(command: Command): Command {
  return command
    .option('--simulate', 'show what it would do on the newest state, balances first; sign and send nothing')
    .addOption(new Option('--dry-run').hideHelp());
}

/** Lines of the help that show how the command is called. */
export function withExamples(command: Command, ...examples: readonly string[]): Command {
  return command.addHelpText('after', `\nExamples:\n${examples.map((example) => `  $ ${example}`).join('\n')}`);
}

/** Reads an option that may be given several times. */
export function repeated(value: string, previous: readonly string[]): readonly string[] {
  return [...previous, value];
}
