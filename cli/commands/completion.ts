import type { Command } from 'commander';
import { completionScript, SHELLS } from '../completionScript.js';
import { usageError } from '../errors.js';
import { argument, type Bind } from '../invocation.js';
import { withExamples } from '../options.js';

export function register(program: Command, bind: Bind): void {
  const completion = program
    .command('completion')
    .description('Print completions for bash, zsh or fish.')
    .argument('<shell>', SHELLS.join(', '))
    .option('--json', 'print one JSON envelope on stdout');
  withExamples(
    completion,
    'vostro completion bash > ~/.local/share/bash-completion/completions/vostro',
    'vostro completion zsh > ~/.zsh/completions/_vostro',
    'vostro completion fish > ~/.config/fish/completions/vostro.fish',
  ).action(
    bind(async (invocation) => {
      const name = argument(invocation, 0, 'shell');
      const shell = SHELLS.find((candidate) => candidate === name);
      if (shell === undefined) throw usageError('shell', SHELLS.join(' or '), name);
      const script = completionScript(await invocation.program(), shell);
      return { data: { shell, script }, text: script };
    }),
  );
}
