// `npm run determinism`: builds what changed, then runs the battery of programs and blocks under every compiler, thread and Node.js;
// with `-- standard [TRANSACTIONS] [SEED]`, the standard contracts natively and in the sandbox.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { build, requireNode, root } from './prepare.mjs';

requireNode();
if (!build()) process.exit(2);
const [part, ...rest] = process.argv.slice(2);
const isStandard = part === 'standard';
const script = join(root, 'dist', 'test', 'determinism', isStandard ? 'standard.js' : 'report.js');
const args = ['--enable-source-maps', script, ...(isStandard ? rest : process.argv.slice(2))];
const { status } = spawnSync(process.execPath, args, { stdio: 'inherit' });
process.exit(status ?? 2);
