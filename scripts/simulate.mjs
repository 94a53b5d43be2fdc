// `npm run simulate`: builds what changed, then runs the simulator.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build, requireNode, root } from './prepare.mjs';

requireNode();
if (!build()) process.exit(2);
const script = join(root, 'dist', 'test', 'simulation', 'main.js');
// A world makes much that lives shortly: with room for it, collecting it costs an eighth less time.
const args = ['--enable-source-maps', '--max-semi-space-size=64', script, ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
process.exit(status ?? 2);
