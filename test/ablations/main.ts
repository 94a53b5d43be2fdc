import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { repositoryRoot } from '../support/repositoryRoot.js';
import type { Catcher } from './ablation.js';
import { ABLATIONS } from './table.js';
import { AblationRunner, type Verdict } from './verdict.js';

/** `npm run ablations [-- --only NAME --only NAME] [--markdown]`: plants every bug of the table and says who sees it. */

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, markdown: { type: 'boolean', default: false } },
});

function named(catcher: Catcher): string {
  return catcher.kind === 'simulation' ? `simulate ${catcher.args.join(' ')}` : `${catcher.file}: ${catcher.title}`;
}

function line({ ablation, result, detail, timeMs }: Verdict): string {
  const first = detail.split('\n')[0] ?? '';
  return `${result.padEnd(8)} ${`${timeMs} ms`.padStart(9)}  ${ablation.name.padEnd(36)} ${first.slice(0, 110)}\n`;
}

function row({ ablation, timeMs }: Verdict): string {
  const { name, bug, rule, caughtBy } = ablation;
  return `| ${name} | ${bug} | ${rule} | ${named(caughtBy)} | ${timeMs} ms |\n`;
}

const root = repositoryRoot();
const runner = new AblationRunner({ root, dist: join(root, 'dist') });
const chosen = values.only === undefined ? ABLATIONS : ABLATIONS.filter(({ name }) => values.only?.includes(name));
const verdicts: Verdict[] = [];
for (const ablation of chosen) {
  const verdict = await runner.run(ablation);
  verdicts.push(verdict);
  process.stderr.write(line(verdict));
  if (verdict.result === 'broken') process.stderr.write(`${verdict.detail}\n`);
}
const caught = verdicts.filter(({ result }) => result === 'caught');
if (values.markdown) process.stdout.write(caught.map(row).join(''));
process.stderr.write(`${caught.length} of ${chosen.length} planted bugs are caught\n`);
process.exitCode = chosen.length > 0 && caught.length === chosen.length ? 0 : 1;
