// `npm run bench`: measurements of this build on this machine, from nothing but a clone.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build, install, requireNode, root } from './prepare.mjs';

requireNode();
if (!install() || !build()) process.exit(1);

const main = join(root, 'dist', 'bench', 'main.js');
const bench = spawn(process.execPath, ['--enable-source-maps', main, ...process.argv.slice(2)], { stdio: 'inherit' });
// A terminal sends Ctrl-C to the whole group; a supervisor sends it to this process alone. Either ends the run once.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => bench.kill(signal));
bench.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 130)));
