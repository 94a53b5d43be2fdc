// `npm run drill -- chaos|failpoints|stall`: real processes of this build, and what an operator fears.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { build, install, requireNode, root } from './prepare.mjs';

requireNode();
if (!install() || !build()) process.exit(1);

const main = join(root, 'dist', 'test', 'drill', 'main.js');
const drill = spawn(process.execPath, ['--enable-source-maps', main, ...process.argv.slice(2)], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => drill.kill(signal));
drill.on('exit', (code, signal) => process.exit(code ?? (signal === null ? 1 : 130)));
