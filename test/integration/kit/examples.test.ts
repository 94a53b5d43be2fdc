import { readFileSync, writeFileSync } from 'node:fs';
import { cp, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { cash } from '../../../contracts/index.js';
import { artefactsOf } from '../../../kit/artefacts.js';
import { contractBindings } from '../../../kit/bindings/contractBindings.js';
import { buildContract } from '../../../kit/build.js';
import { createProject, TEMPLATES } from '../../../kit/templates.js';
import { runContractTests } from '../../../kit/testRun.js';
import { verifyBundle } from '../../../kit/verify.js';
import { ProjectDirectories } from '../../support/kit/projects.js';
import { repositoryRoot } from '../../support/repositoryRoot.js';

const EXAMPLES = join(repositoryRoot(), 'examples', 'contracts');

describe('the contracts of examples/contracts', function () {
  this.timeout(120_000);
  const directories = new ProjectDirectories();
  let copies: string;

  before(async () => {
    // Of each other's sources the versions of one contract know.
    copies = await directories.empty();
    await cp(EXAMPLES, copies, { recursive: true });
  });

  after(() => directories.remove());

  for (const name of ['empty', 'escrow', 'escrow-v2', 'loan']) {
    it(`hold ${name}: without a finding, loaded by the sandbox, verified, its tests passed on both executors`, async () => {
      const directory = join(copies, name);
      await rm(join(directory, 'build'), { recursive: true, force: true });
      const build = await buildContract(directory);
      expect(artefactsOf(build).abi.name).to.equal(build.project.json.name);
      const verified = await verifyBundle({ bundle: build.program, archive: build.archive });
      expect(verified.bundleHash).to.equal(build.bundleHash);
      let output = '';
      const run = await runContractTests(directory, { onOutput: (text) => (output += text) });
      expect(run.error, output).to.equal(undefined);
      expect(run.passed, output).to.be.above(0);
    });
  }

  it('call cash by bindings of what they call, made from its ABI (VOSTRO_UPDATE_DOCS=1 writes them)', () => {
    for (const [name, ...methods] of [
      ['escrow', 'lock', 'release'],
      ['escrow-v2', 'lock', 'release'],
      ['loan', 'lock', 'release', 'transfer'],
    ] as const) {
      const made = contractBindings(cash.abi(), { methods });
      const file = join(EXAMPLES, name, 'src', 'bindings', 'cash.ts');
      if (process.env['VOSTRO_UPDATE_DOCS'] === '1') writeFileSync(file, made);
      expect(readFileSync(file, 'utf8') === made, name).to.equal(true);
    }
  });

  it('are what new projects begin with, under a name of their own', async () => {
    for (const { name: template } of TEMPLATES) {
      const directory = join(await directories.empty(), 'made');
      const { name, files } = await createProject(directory, { template, name: 'mine' });
      expect(name).to.equal('mine');
      expect(files).to.include.members([
        'contract.json',
        'src/contract.ts',
        'tsconfig.json',
        'package.json',
        '.gitignore',
      ]);
      expect((await readdir(directory)).includes('build')).to.equal(false);
      const build = await buildContract(directory);
      expect(artefactsOf(build).abi.name).to.equal('mine');
    }
  });
});
