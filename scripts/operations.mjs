// `npm run operations`: builds what changed, then runs random operations of all contracts and checks the state after each block.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build, requireNode, root } from './prepare.mjs';

requireNode();
if (!build()) process.exit(2);
const script = join(root, 'dist', 'test', 'operations', 'main.js');
const { status } = spawnSync(process.execPath, ['--enable-source-maps', script, ...process.argv.slice(2)], {
  stdio: 'inherit',
});
process.exit(status ?? 2);
