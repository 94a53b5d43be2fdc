// `npm run profile`: where the processor time of a payment goes, on this build and this machine.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build, install, requireNode, root } from './prepare.mjs';

requireNode();
if (!install() || !build()) process.exit(1);

const main = join(root, 'dist', 'bench', 'profile', 'main.js');
const profile = spawn(process.execPath, ['--enable-source-maps', main, ...process.argv.slice(2)], { stdio: 'inherit' });
// A terminal sends Ctrl-C to the whole group; a supervisor sends it to this process alone. Either ends the run once.
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => profile.kill(signal));
profile.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 130)));
