import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { type OpenHow, systemDisk } from '../../../node/storage/disk.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const text = (content: Uint8Array | undefined): string => new TextDecoder().decode(content);

describe('the disk of the machine', () => {
  let home: string;
  const at = (...names: readonly string[]): string => join(home, ...names);
  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'vostro-disk-'));
  });
  afterEach(() => rm(home, { recursive: true }));

  it('says nothing of files and directories that are not there, and removes them without complaint', async () => {
    expect(await systemDisk.read(at('none'))).to.equal(undefined);
    expect(await systemDisk.names(at('none'))).to.equal(undefined);
    await systemDisk.remove(at('none'));
  });

  it('makes directories and files for their owner alone', async () => {
    await systemDisk.makeDirectory(at('a', 'b'));
    await (await systemDisk.open(at('a', 'b', 'file'), 'new')).close();
    expect((await stat(at('a', 'b'))).mode & 0o777).to.equal(0o700);
    expect((await stat(at('a', 'b', 'file'))).mode & 0o777).to.equal(0o600);
    expect(await systemDisk.names(at('a', 'b'))).to.deep.equal(['file']);
  });

  it('opens what is there, what is not, or an empty file, as it is told', async () => {
    await writeFile(at('file'), 'long content');
    const open = (name: string, how: OpenHow) => systemDisk.open(at(name), how).catch((error: unknown) => error);
    expect(await open('file', 'new')).to.have.property('code', 'EEXIST');
    expect(await open('none', 'existing')).to.have.property('code', 'ENOENT');
    const existing = await systemDisk.open(at('file'), 'existing');
    await existing.write(bytes('short'), 5);
    await existing.sync();
    await existing.close();
    expect(text(await systemDisk.read(at('file')))).to.equal('long shortnt');
    await (await systemDisk.open(at('file'), 'replace')).close();
    expect(text(await systemDisk.read(at('file')))).to.equal('');
  });

  it('writes into a file that is there, and the bytes are there when the write returns', async () => {
    expect(await systemDisk.openDurable(at('none')).catch((error: unknown) => error)).to.have.property(
      'code',
      'ENOENT',
    );
    await writeFile(at('file'), 'long content');
    const file = await systemDisk.openDurable(at('file'));
    await file.writeDurably(bytes('short'), 5);
    expect(text(await systemDisk.read(at('file')))).to.equal('long shortnt');
    await file.writeDurably(bytes('longer'), 10);
    await file.close();
    expect(text(await systemDisk.read(at('file')))).to.equal('long shortlonger');
  });

  it('gives a file another name in the place of what had it', async () => {
    await writeFile(at('old'), 'old');
    await writeFile(at('new'), 'new');
    await systemDisk.rename(at('new'), at('old'));
    await systemDisk.syncDirectory(home);
    expect(text(await systemDisk.read(at('old')))).to.equal('new');
    expect(await systemDisk.names(home)).to.deep.equal(['old']);
  });
});
