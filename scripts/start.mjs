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
    // The network ends when this channel closes: also when this process is killed.
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  },
);
const endNetwork = () => {
  if (network.connected) network.disconnect();
};
// A terminal sends Ctrl-C to the whole group, a supervisor to this process alone: closing the channel serves both.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, endNetwork);
// npm may be killed without a word to this process, which is then handed to another parent.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) endNetwork();
}, 1_000).unref();
network.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 130)));
