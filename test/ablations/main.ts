import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { repositoryRoot } from '../support/repositoryRoot.js';
import type { Catcher } from './ablation.js';
import { simulationArguments } from './outcome.js';
import { ABLATIONS } from './table.js';
import { AblationRunner, type Verdict } from './verdict.js';

/** `npm run ablations [-- --only NAME --only NAME] [--markdown]`: plants every bug of the table and says who sees it. */

const { values } = parseArgs({
  options: { only: { type: 'string', multiple: true }, markdown: { type: 'boolean', default: false } },
});

function named(catcher: Catcher): string {
  if (catcher.kind === 'test') return `${catcher.file}: ${catcher.title}`;
  return `simulate ${simulationArguments(catcher).join(' ')}: ${catcher.checkers.join(' or ')}`;
}

function speed({ timeMs, seeds }: Verdict): string {
  const time = timeMs < 1_000 ? `${timeMs} ms` : `${(timeMs / 1_000).toFixed(1)} s`;
  return seeds === undefined ? time : `seed ${seeds}, ${time}`;
}

function line(verdict: Verdict): string {
  const { ablation, result, detail } = verdict;
  const first = detail.split('\n')[0] ?? '';
  return `${result.padEnd(8)} ${speed(verdict).padStart(16)}  ${ablation.name.padEnd(36)} ${first.slice(0, 110)}\n`;
}

function rows(verdicts: readonly Verdict[]): string {
  const [first] = verdicts;
  if (first === undefined) return '';
  const { name, bug, rule } = first.ablation;
  const by = verdicts.map(({ catcher }) => named(catcher)).join('<br>');
  return `| ${name} | ${bug} | ${rule} | ${by} | ${verdicts.map(speed).join('<br>')} |\n`;
}

const root = repositoryRoot();
const runner = new AblationRunner({ root, dist: join(root, 'dist') });
const chosen = values.only === undefined ? ABLATIONS : ABLATIONS.filter(({ name }) => values.only?.includes(name));
let caught = 0;
for (const ablation of chosen) {
  const verdicts = await runner.run(ablation);
  for (const verdict of verdicts) {
    process.stderr.write(line(verdict));
    if (verdict.result === 'broken') process.stderr.write(`${verdict.detail}\n`);
  }
  if (verdicts.some(({ result }) => result !== 'caught')) continue;
  caught++;
  if (values.markdown) process.stdout.write(rows(verdicts));
}
process.stderr.write(`${caught} of ${chosen.length} planted bugs are caught\n`);
process.exitCode = chosen.length > 0 && caught === chosen.length ? 0 : 1;
