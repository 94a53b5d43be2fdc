// `npm run determinism`: builds what changed, then runs the sandbox's battery under every compiler, thread and Node.js.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build, requireNode, root } from './prepare.mjs';

requireNode();
if (!build()) process.exit(2);
const script = join(root, 'dist', 'test', 'determinism', 'report.js');
const args = ['--enable-source-maps', script, ...process.argv.slice(2)];
const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
process.exit(status ?? 2);
