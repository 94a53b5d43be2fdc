import type { Command } from 'commander';
import { chooseBackend } from '../../node/signatures/chooseBackend.js';
import { DEFAULT_BASE_PORT } from '../devnet/layout.js';
import { usageError } from '../errors.js';
import type { Bind } from '../invocation.js';
import { repeated, withExamples, withJson } from '../options.js';

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
    .option('--currency <code>', 'with --idle: a further currency of a new chain; several times', repeated, [])
    .option('--home <directory>', `where the network is kept (default ${DEFAULT_HOME})`)
    .option('--base-port <port>', `first port; nodes listen from it and from 100 above (default ${DEFAULT_BASE_PORT})`);
  withExamples(
    withJson(run),
    'vostro devnet run',
    'vostro devnet run --once --fresh --home /tmp/devnet',
    'vostro devnet run --idle --fresh --currency USD',
  ).action(
    bind(async (invocation) => {
      const { options, host, output } = invocation;
      const further = options.list('currency');
      // The day that is settled otherwise has one currency.
      if (further.length > 0 && !options.flag('idle')) throw usageError('--currency', '--idle with it', 'none');
      const { runDevnet } = await import('../devnet/runDevnet.js');
      return runDevnet(
        {
          home: options.text('home') ?? DEFAULT_HOME,
          basePort: options.integer('basePort', 1_024, MAX_BASE_PORT) ?? DEFAULT_BASE_PORT,
          once: options.flag('once'),
          fresh: options.flag('fresh'),
          idle: options.flag('idle'),
          further,
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
