import type { Command } from 'commander';
import type { Bind } from '../invocation.js';
import { withExamples, withJson, withNetwork, withWallet } from '../options.js';
import { formatTable } from '../table.js';

export function register(program: Command, bind: Bind): void {
  const config = program
    .command('config')
    .description('Settings of the command line: flags, environment, file, defaults.');
  const show = config
    .command('show')
    .description('Show every setting; with --origin, where it came from.')
    .option('--origin', 'name the flag, variable or file that each one came from')
    .option('--account <name>', 'account to act for');
  withExamples(withJson(withNetwork(withWallet(show))), 'vostro config show --origin').action(
    bind(async ({ options, config: resolve }) => {
      const { resolved } = await resolve();
      const origin = options.flag('origin');
      const columns = [
        { title: 'SETTING' },
        { title: 'VALUE' },
        ...(origin ? [{ title: 'ORIGIN' }, { title: 'SOURCE' }] : []),
      ];
      const rows = resolved.map((setting) => [setting.key, setting.value ?? '-', setting.origin, setting.source]);
      return { data: { settings: resolved }, text: formatTable(columns, rows) };
    }),
  );
}
