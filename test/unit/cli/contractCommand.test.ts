import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { DEMO, ProjectDirectories } from '../../support/kit/projects.js';
import { runVostro, runVostroJson } from './fakeHost.js';

describe('vostro contract', function () {
  this.timeout(30_000);
  const directories = new ProjectDirectories();
  let project: string;

  beforeEach(async () => {
    project = await directories.write(DEMO);
  });

  afterEach(() => directories.remove());

  it('makes a project that passes its own check, in a directory that is empty', async () => {
    const directory = join(await directories.empty(), 'notices');
    const made = await runVostroJson(['contract', 'new', directory]);
    expect(made.envelope.data).to.deep.include({ template: 'empty', name: 'notices' });
    const checked = await runVostro(['contract', 'check', directory]);
    expect([checked.exitCode, checked.stdout]).to.deep.equal([0, 'notices version 1: nothing found in one module\n']);
    expect((await runVostro(['contract', 'new', directory])).stderr).to.contain('expected an empty directory');
    expect((await runVostro(['contract', 'new', 'x', '--template', 'swap'])).exitCode).to.equal(2);
    const named = await runVostro(['contract', 'new', join(directory, 'other'), '--name', 'Not A Name']);
    expect([named.exitCode, named.stderr]).to.satisfy(
      ([code, text]: [number, string]) => code === 2 && text.includes('name: a name as'),
    );
  });

  it('shows every finding with its line and the way out, and as data', async () => {
    await writeFile(
      join(project, 'src/arithmetic/half.ts'),
      'export const half = (a: bigint) => a / BigInt(Date.now());\n',
    );
    const shown = await runVostro(['contract', 'check', project]);
    expect(shown.exitCode).to.equal(5);
    expect(shown.stdout).to.contain('src/arithmetic/half.ts:1:47  clock').and.to.contain('fix: use ctx.timestamp');
    expect(shown.stderr).to.contain('error LINT_FAILED: one finding');
    const { envelope } = await runVostroJson(['contract', 'build', project]);
    expect(envelope).to.deep.include({ success: false });
    const { findings } = envelope.data as { readonly findings: readonly object[] };
    expect(findings[0]).to.deep.include({
      rule: 'clock',
      file: 'src/arithmetic/half.ts',
      line: 1,
      column: 47,
      length: 4,
    });
    expect(await readdir(project)).not.to.include('build');
  });

  it('builds what verifies, byte by byte, without a node', async () => {
    const built = await runVostroJson(['contract', 'build', project]);
    expect(built.exitCode, built.stdout).to.equal(0);
    const manifest = JSON.parse(await readFile(join(project, 'build/manifest.json'), 'utf8')) as object;
    expect(built.envelope.data).to.deep.include(manifest);
    expect((await readdir(join(project, 'build'))).sort()).to.deep.equal([
      'abi.json',
      'demo.bundle.js',
      'demo.bundle.js.map',
      'manifest.json',
      'source.archive',
    ]);
    const bundle = join(project, 'build/demo.bundle.js');
    for (const source of [
      ['--source', join(project, 'build/source.archive')],
      ['--source-dir', project],
    ]) {
      const verified = await runVostro(['contract', 'verify', '--bundle', bundle, ...source]);
      expect(verified.exitCode, verified.stderr).to.equal(0);
      expect(verified.stdout).to.contain('verified: the sources give exactly this bundle');
    }
  });

  it('says where a bundle is not what its sources give', async () => {
    await runVostro(['contract', 'build', project]);
    const bundle = join(project, 'build/demo.bundle.js');
    await writeFile(bundle, (await readFile(bundle, 'utf8')).replace('/2n', '/3n'));
    const refused = await runVostroJson(['contract', 'verify', '--bundle', bundle, '--source-dir', project]);
    expect(refused.exitCode).to.equal(5);
    expect(refused.envelope.errors[0]).to.deep.include({ code: 'SOURCE_MISMATCH' });
    expect(refused.envelope.errors[0]?.details['actualExcerpt']).to.contain('/3n');
  });

  it('refuses to build what declares another name or version than contract.json', async () => {
    const json = join(project, 'contract.json');
    await writeFile(json, (await readFile(json, 'utf8')).replace('"version": 1', '"version": 2'));
    const { exitCode, stderr } = await runVostro(['contract', 'build', project]);
    expect(exitCode).to.equal(5);
    expect(stderr).to.contain('it says demo version 2, the sources declare demo version 1');
  });

  it('asks for what it needs to verify', async () => {
    const both = ['--source', 'a', '--source-dir', 'b'];
    expect((await runVostro(['contract', 'verify', '--bundle', join(project, 'contract.json')])).exitCode).to.equal(2);
    expect(
      (await runVostro(['contract', 'verify', '--bundle', join(project, 'contract.json'), ...both])).exitCode,
    ).to.equal(2);
    expect((await runVostro(['contract', 'check', join(project, 'src')])).exitCode).to.equal(2);
  });
});
