import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { repositoryRoot } from '../support/repositoryRoot.js';
import { misplaced } from './mutatedBuild.js';
import { ABLATIONS } from './table.js';
import { AblationRunner } from './verdict.js';

const root = repositoryRoot();
const dist = join(root, 'dist');

/** A few of the table, one of each kind; `npm run ablations` runs them all. */
const EVERY_DAY = [
  'quorum-2f-plus-1',
  'prepare-before-execution',
  'any-claim-will-do',
  'no-journal',
  'solo-timers',
  'round-changes-of-a-proposal-ignored',
];

describe('the planted bugs', () => {
  it('have names of their own', () => {
    const names = ABLATIONS.map(({ name }) => name);
    expect(new Set(names).size).to.equal(names.length);
    expect(names).to.include.members(EVERY_DAY);
  });

  it('still find the text that each of them changes, once', async () => {
    const faults = await Promise.all(
      ABLATIONS.map(async ({ name, edits }) => (await misplaced(dist, edits)).map((fault) => `${name}: ${fault}`)),
    );
    expect(faults.flat()).to.deep.equal([]);
  });

  it('try every directed scenario, each of which says what closes its trap', () => {
    const folder = join(root, 'test', 'scenarios');
    const scenarios = readdirSync(folder).filter(
      (name) => name.endsWith('.test.ts') && name !== 'nothingGoesWrong.test.ts',
    );
    const tried = new Set(
      ABLATIONS.flatMap(({ caughtBy }) => caughtBy.map((by) => (by.kind === 'test' ? by.file : by.profile))),
    );
    const index = readFileSync(join(folder, 'README.md'), 'utf8');
    for (const name of scenarios) {
      expect(index, 'the page that lists them').to.include(`\`${name.replace('.test.ts', '')}\``);
      expect(readFileSync(join(folder, name), 'utf8'), name).to.match(/\* Trap: [\s\S]*\* Closed by PROTOCOL /);
      expect(tried.has(`scenarios/${name.replace('.test.ts', '')}`), `an ablation that ${name} catches`).to.equal(true);
    }
  });

  const runner = new AblationRunner({ root, dist });
  for (const ablation of ABLATIONS.filter(({ name }) => EVERY_DAY.includes(name))) {
    it(`are seen: a validator that ${ablation.bug}`, async function () {
      this.timeout(120_000);
      const [verdict] = await runner.run(ablation, ablation.caughtBy.slice(0, 1));
      expect(verdict?.result, verdict?.detail).to.equal('caught');
    });
  }
});
