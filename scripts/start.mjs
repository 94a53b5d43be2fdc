// `npm start`: a settlement network on this machine, from nothing but a clone.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build, install, requireNode, root } from './prepare.mjs';

requireNode();
if (!install() || !build()) process.exit(1);

const network = spawn(
  process.execPath,
  [join(root, 'dist', 'cli', 'main.js'), 'devnet', 'run', ...process.argv.slice(2)],
  {
    stdio: 'inherit',
    env: { ...process.env, VOSTRO_STARTED_BY: 'npm' },
  },
);
// A terminal sends Ctrl-C to the whole group; a supervisor sends it to this process alone. The network takes either once.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => network.kill(signal));
network.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 130)));
