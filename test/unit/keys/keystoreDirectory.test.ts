import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { KeyError } from '../../../node/keys/errors.js';
import { addKeystore, findKeystore, listKeystores } from '../../../node/keys/keystoreDirectory.js';
import { LocalSigner } from '../../../node/keys/localSigner.js';
import { toChecksum } from '../../../primitives/address.js';
import { nobleBackend } from '../../../primitives/signature.js';

const CHEAP = { logN: 10 };
const key = (n: number): Uint8Array => new Uint8Array(32).fill(n);

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof KeyError) return error.code;
    throw error;
  }
  return 'no error';
}

describe('a directory of keystores', () => {
  let directory: string;
  beforeEach(async () => {
    directory = await mkdtemp(join(tmpdir(), 'vostro-keys-'));
  });
  afterEach(() => rm(directory, { recursive: true }));

  it('keeps a key under its label, for its owner’s eyes alone, and finds it by label or address', async () => {
    const made = await addKeystore(join(directory, 'new'), key(1), 'x', nobleBackend, { ...CHEAP, label: 'ALPHA' });
    expect((await stat(made.path)).mode & 0o777).to.equal(0o600);
    expect((await stat(join(directory, 'new'))).mode & 0o777).to.equal(0o700);
    expect(await readdir(join(directory, 'new'))).to.deep.equal(['ALPHA.json']);
    const address = made.keystore.address ?? '0x';
    for (const name of ['ALPHA', address, toChecksum(address)]) {
      const found = await findKeystore(join(directory, 'new'), name);
      const signer = await LocalSigner.fromKeystore(found.keystore, 'x', nobleBackend);
      expect(signer.address).to.equal(address);
      const digest = new Uint8Array(32).fill(8);
      expect(nobleBackend.verify(await signer.sign(digest), digest, signer.publicKey)).to.equal(true);
    }
  });

  it('names a key without a label as the standard does', async () => {
    const made = await addKeystore(directory, key(2), 'x', nobleBackend, CHEAP);
    expect(made.path).to.match(/UTC--\d{4}-\d\d-\d\dT\d\d-\d\d-\d\d\.\d{3}Z--[0-9a-f]{40}$/);
    expect((await listKeystores(directory)).entries).to.have.length(1);
  });

  it('never overwrites a key, and leaves nothing half written behind', async () => {
    const made = await addKeystore(directory, key(1), 'x', nobleBackend, { ...CHEAP, label: 'A' });
    const before = await readFile(made.path, 'utf8');
    expect(await codeOf(addKeystore(directory, key(2), 'x', nobleBackend, { ...CHEAP, label: 'A' }))).to.equal(
      'KEYSTORE_EXISTS',
    );
    expect(await readFile(made.path, 'utf8')).to.equal(before);
    expect(await readdir(directory)).to.deep.equal(['A.json']);
  });

  it('refuses a label that could leave the directory or hide', async () => {
    for (const label of ['../A', 'a/b', '.hidden', '', 'a'.repeat(65), 'UTC--x', 'ä']) {
      expect(await codeOf(addKeystore(directory, key(1), 'x', nobleBackend, { ...CHEAP, label })), label).to.equal(
        'LABEL_INVALID',
      );
    }
    expect(await readdir(directory)).to.deep.equal([]);
  });

  it('names files that are no keystores, lists the rest, and says what is wrong with the one asked for', async () => {
    await addKeystore(directory, key(1), 'x', nobleBackend, { ...CHEAP, label: 'A' });
    await writeFile(join(directory, 'B.json'), '{}');
    await writeFile(join(directory, 'C.json'), 'x'.repeat(20_000));
    await writeFile(join(directory, 'notes.txt'), 'not a key');
    const { entries, faults } = await listKeystores(directory);
    expect(entries.map((entry) => entry.label)).to.deep.equal(['A']);
    expect(faults.map((fault) => fault.code)).to.deep.equal(['KEYSTORE_MALFORMED', 'KEYSTORE_MALFORMED']);
    expect(await codeOf(findKeystore(directory, 'B'))).to.equal('KEYSTORE_MALFORMED');
    expect(await codeOf(findKeystore(directory, 'D'))).to.equal('KEY_NOT_FOUND');
  });

  it('will not choose between two copies of one key', async () => {
    const made = await addKeystore(directory, key(1), 'x', nobleBackend, { ...CHEAP, label: 'A' });
    await writeFile(join(directory, 'copy.json'), await readFile(made.path));
    expect(await codeOf(findKeystore(directory, made.keystore.address ?? ''))).to.equal('KEY_AMBIGUOUS');
  });

  it('holds nothing where there is no directory, and says so where it may not be read', async () => {
    expect((await listKeystores(join(directory, 'none'))).entries).to.deep.equal([]);
    await writeFile(join(directory, 'file'), '');
    expect(await codeOf(listKeystores(join(directory, 'file')))).to.equal('KEYSTORE_UNREADABLE');
    await chmod(directory, 0o700);
  });
});
