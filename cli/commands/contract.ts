import type { Command } from 'commander';
import { registerDeployment } from '../contract/deploymentCommands.js';
import type { Bind } from '../invocation.js';

export function register(program: Command, bind: Bind): void {
  const contract = program
    .command('contract')
    .description('Settlement contracts of a bank: bring them onto the chain, decide about them, look at them.');
  registerDeployment(contract, bind);
}
