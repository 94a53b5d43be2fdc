import type { Command } from 'commander';
import { chooseBackend } from '../../node/signatures/chooseBackend.js';
import { DEFAULT_BASE_PORT } from '../devnet/layout.js';
import type { Bind } from '../invocation.js';
import { withExamples, withJson } from '../options.js';

const MAX_BASE_PORT = 65_000;
const DEFAULT_HOME = '.vostro/devnet';

export function register(program: Command, bind: Bind): void {
  const devnet = program.command('devnet').description('A network of four banks and a central bank on this machine.');
  const run = devnet
    .command('run')
    .description('Start the network, settle a business day on it, report, and keep running until Ctrl-C.')
    .option('--once', 'stop after the report; the exit code says whether all was as it should be')
    .option('--fresh', 'begin a new chain instead of a new business day on the old one')
    .option('--idle', 'settle nothing: only run the nodes')
    .option('--home <directory>', `where the network is kept (default ${DEFAULT_HOME})`)
    .option('--base-port <port>', `first port; nodes listen from it and from 100 above (default ${DEFAULT_BASE_PORT})`);
  withExamples(withJson(run), 'vostro devnet run', 'vostro devnet run --once --fresh --home /tmp/devnet').action(
    bind(async (invocation) => {
      const { options, host, output } = invocation;
      const { runDevnet } = await import('../devnet/runDevnet.js');
      return runDevnet(
        {
          home: options.text('home') ?? DEFAULT_HOME,
          basePort: options.integer('basePort', 1_024, MAX_BASE_PORT) ?? DEFAULT_BASE_PORT,
          once: options.flag('once'),
          fresh: options.flag('fresh'),
          idle: options.flag('idle'),
        },
        {
          backend: chooseBackend().backend,
          nowMs: host.nowMs,
          note: (text) => output.note(text),
          show: (text) => output.show(text),
        },
      );
    }),
  );
}
