import type { Command } from 'commander';
import { registerAuthorCommands } from '../contract/authorCommands.js';
import { registerDeployment } from '../contract/deploymentCommands.js';
import { registerInterface } from '../contract/interfaceCommands.js';
import type { Bind } from '../invocation.js';

export function register(program: Command, bind: Bind): void {
  const contract = program
    .command('contract')
    .description(
      'Settlement contracts of a bank: write, test and build them, bring them onto the chain, verify and approve them.',
    );
  registerAuthorCommands(contract, bind);
  registerDeployment(contract, bind);
  registerInterface(contract, bind);
}
