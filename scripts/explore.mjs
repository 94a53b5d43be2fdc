// `npm run explore`: builds what changed, then visits the states of a small network.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build, requireNode, root } from './prepare.mjs';

requireNode();
if (!build()) process.exit(2);
const script = join(root, 'dist', 'test', 'model', 'main.js');
const { status } = spawnSync(process.execPath, [script, ...process.argv.slice(2)], { stdio: 'inherit' });
process.exit(status ?? 2);
