import { mkdir, rename, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { buildContract, bundleOf, CheckFailedError, type ContractBuild } from '../../../kit/build.js';
import { encodeSourceArchive } from '../../../kit/project/archive.js';
import { readProject } from '../../../kit/project/project.js';
import { verifyBundle } from '../../../kit/verify.js';
import { encode } from '../../../primitives/rlp.js';
import { utf8Decode, utf8Encode } from '../../../primitives/text.js';
import { contractJsonText, DEMO, ProjectDirectories, projectOf } from '../../support/kit/projects.js';
import { rejectionOf } from '../../support/rejection.js';

const bytesOf = ({ program, archive, sourceMap, bundleHash, sourceHash }: ContractBuild) => ({
  program: utf8Decode(program),
  archive: archive.join(),
  sourceMap,
  bundleHash,
  sourceHash,
});

describe('the build of a contract', function () {
  this.timeout(60_000);
  const directories = new ProjectDirectories();
  let build: ContractBuild;

  before(async () => {
    build = await buildContract(await directories.write(DEMO));
  });

  after(() => directories.remove());

  it('is a program of the author’s code alone, in ASCII, that hands its contract to the runtime', () => {
    const program = utf8Decode(build.program);
    expect(program).to.match(/^\(\(\)=>\{.*vostro\.deploy\(\{contract:\w+\}\);\}\)\(\);\n$/);
    expect(program).to.contain('=vostro.contract;').and.not.to.contain('sourceMappingURL');
    expect(program.length).to.be.below(600);
    expect(build.program.every((byte) => byte < 0x80)).to.equal(true);
  });

  it('is the same bytes in another directory, with other times, another order of files, from another place', async () => {
    const other = await directories.write(Object.fromEntries(Object.entries(DEMO).reverse()));
    await utimes(join(other, 'src/contract.ts'), 1, 1);
    await writeFile(join(other, 'tsconfig.json'), '{"compilerOptions":{"target":"es5","jsx":"react"}}');
    await writeFile(join(other, 'package.json'), '{"sideEffects":false,"type":"commonjs"}');
    const before = process.cwd();
    process.chdir(await directories.empty());
    try {
      expect(bytesOf(await buildContract(other))).to.deep.equal(bytesOf(build));
    } finally {
      process.chdir(before);
    }
  });

  it('depends on each byte of its sources, comments included in the archive and not in the program', async () => {
    const commented = { ...DEMO, 'src/contract.ts': `// reviewed\n${DEMO['src/contract.ts']}` };
    const other = await buildContract(await directories.write(commented));
    expect(other.bundleHash).to.equal(build.bundleHash);
    expect(other.sourceHash).not.to.equal(build.sourceHash);
  });

  it('lets no comment take a call out of the program that stands in the sources', async () => {
    const half = (comment: string, call: string) =>
      `const seen = new Set<bigint>();
${comment}
function look(amount: bigint): void {
  seen.add(amount);
}
export function half(amount: bigint): bigint {
  ${call}look(amount);
  return amount / 2n;
}
`;
    const programOf = async (source: string) =>
      utf8Decode((await bundleOf(await projectOf({ ...DEMO, 'src/arithmetic/half.ts': source }))).program);
    const plain = await programOf(half('', ''));
    expect(plain).to.contain('.add(');
    expect(await programOf(half('', '/* @__PURE__ */ '))).to.equal(plain);
    expect(await programOf(half('', '/* #__PURE__ */ '))).to.equal(plain);
    expect(await programOf(half('// @__NO_SIDE_EFFECTS__', ''))).to.equal(plain);
  });

  it('refuses sources that overflow the stack of the compiler, in words', async () => {
    const deep = `export const half = (amount: bigint): bigint => ${'('.repeat(20_000)}amount${')'.repeat(20_000)};\n`;
    const error = await rejectionOf(
      buildContract(await directories.write({ ...DEMO, 'src/arithmetic/half.ts': deep })),
    );
    expect(error).to.have.property('code', 'SOURCE_INVALID');
  });

  it('keeps the map of its lines outside of the program, by the paths of the project', () => {
    const { sources, sourcesContent } = JSON.parse(build.sourceMap) as {
      readonly sources: readonly string[];
      readonly sourcesContent: readonly string[];
    };
    expect(sources).to.include.members(['src/contract.ts', 'src/arithmetic/half.ts']);
    expect(sourcesContent[sources.indexOf('src/contract.ts')]).to.equal(DEMO['src/contract.ts']);
  });

  it('holds what the entry reaches and nothing else', async () => {
    const more = {
      ...DEMO,
      'src/idle.ts': 'export const idle = 1;\n',
      'test/demo.test.ts': 'whatever',
      '.env': 'SECRET',
    };
    const directory = await directories.write(more);
    expect([...(await readProject(directory)).files.keys()]).to.deep.equal(Object.keys(DEMO).sort());
  });

  it('takes no finding of the check, and has all of them for who asks', async () => {
    const wrong = { ...DEMO, 'src/arithmetic/half.ts': 'export const half = (a: bigint) => a / BigInt(Date.now());\n' };
    const error = await rejectionOf(buildContract(await directories.write(wrong)));
    expect(error).to.be.instanceOf(CheckFailedError);
    expect((error as CheckFailedError).details).to.deep.include({ file: 'src/arithmetic/half.ts', line: 1 });
    expect((error as CheckFailedError).findings.map(({ rule }) => rule)).to.deep.equal(['clock']);
  });

  it('reads through no symbolic link', async () => {
    const secret = await directories.write({ 'half.ts': DEMO['src/arithmetic/half.ts'] ?? '' });
    const directory = await directories.write({ ...DEMO });
    await rename(join(directory, 'src/arithmetic'), join(directory, 'src/moved'));
    await symlink(secret, join(directory, 'src/arithmetic'));
    expect(await rejectionOf(buildContract(directory))).to.deep.include({ code: 'SOURCE_INVALID' });
    const linked = await directories.write({ 'contract.json': contractJsonText() });
    await mkdir(join(linked, 'src'));
    await symlink(join(secret, 'half.ts'), join(linked, 'src/contract.ts'));
    expect(await rejectionOf(buildContract(linked))).to.deep.include({ code: 'SOURCE_INVALID' });
  });

  it('wants the tools that the project was made for', async () => {
    const directory = await directories.write({ ...DEMO, 'contract.json': contractJsonText({ esbuild: '0.1.2' }) });
    const error = await rejectionOf(buildContract(directory));
    expect(error).to.deep.include({ code: 'TOOLCHAIN_MISMATCH' });
    expect((error as Error).message).to.contain('made for esbuild 0.1.2');
  });

  for (const [what, json] of [
    ['no JSON', '{'],
    ['a list', '[]'],
    ['an unknown field', contractJsonText({}).replace('"name"', '"extra": 1, "name"')],
    ['a name in capitals', contractJsonText({ name: 'Demo' })],
    ['version 0', contractJsonText({ version: 0 })],
    ['an entry outside', contractJsonText({ entry: '../contract.ts' })],
    ['an entry that is not there', contractJsonText({ entry: 'src/other.ts' })],
    ['an entry of another language', contractJsonText({ entry: 'src/contract.js' })],
  ] as const) {
    it(`refuses a contract.json with ${what}`, async () => {
      const directory = await directories.write({ ...DEMO, 'contract.json': json });
      expect(await rejectionOf(buildContract(directory))).to.deep.include({ code: 'SOURCE_INVALID' });
    });
  }

  it('says what is missing in an empty directory', async () => {
    const error = await rejectionOf(buildContract(await directories.empty()));
    expect((error as Error).message).to.equal('contract.json: expected a file at the root of the project, found none');
  });
});

describe('the verification of a bundle', function () {
  this.timeout(60_000);
  const directories = new ProjectDirectories();
  let build: ContractBuild;

  before(async () => {
    build = await buildContract(await directories.write(DEMO));
  });

  after(() => directories.remove());

  const archiveOf = (rows: readonly (readonly [string, string])[]) =>
    encode(rows.map(([path, text]) => [utf8Encode(path), utf8Encode(text)]));
  const refusal = async (archive: Uint8Array) => {
    const error = await rejectionOf(verifyBundle({ bundle: build.program, archive }));
    expect(error).to.deep.include({ code: 'SOURCE_INVALID' });
    return (error as Error).message;
  };

  it('finds that the sources give exactly these bytes', async () => {
    const verified = await verifyBundle({ bundle: build.program, archive: build.archive });
    expect(verified).to.deep.include({ bundleHash: build.bundleHash, sourceHash: build.sourceHash });
    expect(verified.findings).to.deep.equal([]);
    expect(verified.differences).to.deep.equal([]);
  });

  it('says where a changed bundle parts from its sources, with both texts', async () => {
    const program = utf8Decode(build.program).replace('/2n', '/3n');
    const error = await rejectionOf(verifyBundle({ bundle: utf8Encode(program), archive: build.archive }));
    expect(error).to.deep.include({ code: 'SOURCE_MISMATCH' });
    const { details } = error as CheckFailedError;
    expect(details['offset']).to.equal(program.indexOf('/3n') + 1);
    expect(details['actualExcerpt']).to.contain('/3n');
    expect(details['expectedExcerpt']).to.contain('/2n');
    expect(details['hint']).to.contain('do not approve it');
  });

  it('notices a bundle with something appended', async () => {
    const error = await rejectionOf(
      verifyBundle({ bundle: Uint8Array.from([...build.program, 0x3b]), archive: build.archive }),
    );
    expect(error).to.deep.include({ code: 'SOURCE_MISMATCH' });
    expect((error as CheckFailedError).details['offset']).to.equal(build.program.length);
  });

  it('names other tools, and tells so when they may be the reason', async () => {
    const older = await projectOf({ ...DEMO, 'contract.json': contractJsonText({ esbuild: '0.1.2' }) });
    const archive = encodeSourceArchive(older.files);
    const same = await verifyBundle({ bundle: build.program, archive });
    expect(same.differences[0]).to.match(/^made for esbuild 0\.1\.2, here is esbuild /);
    const error = await rejectionOf(verifyBundle({ bundle: utf8Encode('x'), archive }));
    expect((error as CheckFailedError).details['hint']).to.contain('tools that contract.json names');
  });

  it('tells what the check finds in honest sources', async () => {
    const clock = { ...DEMO, 'src/arithmetic/half.ts': 'export const half = (a: bigint) => a - BigInt(Date.now());\n' };
    const project = await projectOf(clock);
    const { bundleOf } = await import('../../../kit/build.js');
    const { program, archive } = await bundleOf(project);
    expect((await verifyBundle({ bundle: program, archive })).findings.map(({ rule }) => rule)).to.deep.equal([
      'clock',
    ]);
  });

  it('refuses an archive that is none: other order, twice, outside, hidden, idle, not canonical, cut off', async () => {
    const json = contractJsonText();
    const entry = DEMO['src/contract.ts'] ?? '';
    const half = DEMO['src/arithmetic/half.ts'] ?? '';
    const rows = [
      ['contract.json', json],
      ['src/arithmetic/half.ts', half],
      ['src/contract.ts', entry],
    ] as const;
    expect(archiveOf(rows)).to.deep.equal(build.archive);
    expect(await refusal(archiveOf([...rows].reverse()))).to.contain('in their order');
    expect(await refusal(archiveOf([rows[0], rows[0], rows[1], rows[2]]))).to.contain('each path once');
    for (const path of [
      '../evil.ts',
      '/etc/passwd',
      'src\\contract.ts',
      '.env',
      'node_modules/x.ts',
      'a//b.ts',
      'aux.ts',
    ]) {
      expect(await refusal(archiveOf([[path, 'x']])), path).to.contain('relative paths');
    }
    expect(await refusal(archiveOf([...rows, ['src/idle.ts', '']]))).to.contain('src/idle.ts');
    expect(await refusal(archiveOf(rows.slice(1)))).to.contain('contract.json');
    expect(await refusal(build.archive.subarray(0, -1))).to.contain('canonical');
    expect(await refusal(Uint8Array.from([...build.archive, 0]))).to.contain('canonical');
    expect(await refusal(new Uint8Array(600_000))).to.contain('at most 524288 bytes');
  });
});
