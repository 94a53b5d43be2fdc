import type { Command } from 'commander';
import { registerAuthorCommands } from '../contract/authorCommands.js';
import type { Bind } from '../invocation.js';

export function register(program: Command, bind: Bind): void {
  const contract = program
    .command('contract')
    .description('Write, check, build and verify settlement contracts of a bank.');
  registerAuthorCommands(contract, bind);
}
