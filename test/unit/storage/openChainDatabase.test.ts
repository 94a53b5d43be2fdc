import { readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { openChainDatabase } from '../../../node/storage/openChainDatabase.js';
import { rejectionOf } from '../../support/rejection.js';
import { putTestHead, TEST_GENESIS_HASH, TemporaryChain, testHeader } from '../../support/temporaryChain.js';

const ROOT = new Uint8Array(32).fill(3);

describe('opening the chain database', () => {
  let chain: TemporaryChain;

  beforeEach(async () => {
    chain = await TemporaryChain.create();
  });

  afterEach(async () => {
    await chain.remove();
  });

  async function writeHead(): Promise<void> {
    const database = await chain.open();
    const batch = database.batch();
    putTestHead(database, batch, testHeader(0, ROOT));
    await batch.write();
    await chain.close();
  }

  it('makes a new one without a head, and finds it again with the same seed', async () => {
    const first = await chain.open();
    expect(first.head()).to.equal(undefined);
    const { seed } = first;
    await chain.close();
    expect((await chain.open()).seed).to.deep.equal(seed);
  });

  it('keeps the head', async () => {
    await writeHead();
    expect((await chain.open()).head()?.height).to.equal(0);
  });

  it('refuses a second opener and says who may have it', async () => {
    await chain.open();
    const error = await rejectionOf(chain.open());
    expect(error.code).to.equal('DATABASE_LOCKED');
    expect(error.details.hint).to.match(/other process/);
  });

  it('refuses the database of another chain', async () => {
    await writeHead();
    const other = openChainDatabase({ path: chain.path, genesisHash: new Uint8Array(32).fill(8) });
    expect((await rejectionOf(other)).code).to.equal('GENESIS_MISMATCH');
  });

  it('refuses the database of another chain when the marker is gone, too', async () => {
    await writeHead();
    await rm(`${chain.path}.marker`);
    const other = openChainDatabase({ path: chain.path, genesisHash: new Uint8Array(32).fill(8) });
    expect((await rejectionOf(other)).code).to.equal('GENESIS_MISMATCH');
  });

  it('refuses a layout that it does not know', async () => {
    await writeHead();
    const marker = JSON.parse(await readFile(`${chain.path}.marker`, 'utf8'));
    await writeFile(`${chain.path}.marker`, JSON.stringify({ ...marker, schemaVersion: 99 }));
    expect((await rejectionOf(chain.open())).code).to.equal('SCHEMA_UNSUPPORTED');
  });

  it('tells a deleted CURRENT from a new database', async () => {
    await writeHead();
    await rm(join(chain.path, 'CURRENT'));
    expect((await rejectionOf(chain.open())).code).to.equal('DATABASE_LOST');
    expect(await readdir(chain.path)).not.to.include('CURRENT');
  });

  it('tells a deleted CURRENT from a new database without the marker, by the data files', async () => {
    await writeHead();
    await rm(join(chain.path, 'CURRENT'));
    await rm(`${chain.path}.marker`);
    expect((await rejectionOf(chain.open())).code).to.equal('DATABASE_LOST');
  });

  it('tells a removed directory from a new database', async () => {
    await writeHead();
    await rm(chain.path, { recursive: true });
    expect((await rejectionOf(chain.open())).code).to.equal('DATABASE_LOST');
  });

  it('tells a database that was emptied from a new one', async () => {
    await writeHead();
    const empty = await TemporaryChain.create();
    await empty.open();
    await empty.close();
    for (const name of await readdir(empty.path)) if (name.endsWith('.log')) await rm(join(empty.path, name));
    await rm(chain.path, { recursive: true });
    await rename(empty.path, chain.path);
    expect((await rejectionOf(chain.open())).code).to.equal('DATABASE_LOST');
    await empty.remove();
  });

  it('goes on where the making of a database was cut off before anything was kept', async () => {
    await chain.open();
    await chain.close();
    for (const name of await readdir(chain.path)) if (name.endsWith('.log')) await rm(join(chain.path, name));
    await rm(`${chain.path}.marker`);
    expect((await chain.open()).head()).to.equal(undefined);
  });

  it('writes the marker again when only that is gone', async () => {
    await writeHead();
    await rm(`${chain.path}.marker`);
    await chain.open();
    await chain.close();
    expect(await readFile(`${chain.path}.marker`, 'utf8')).to.include(Buffer.from(TEST_GENESIS_HASH).toString('hex'));
  });

  it('does not guess what a damaged marker said', async () => {
    await writeHead();
    await writeFile(`${chain.path}.marker`, 'garbage');
    expect((await rejectionOf(chain.open())).code).to.equal('MARKER_INVALID');
  });

  it('names what LevelDB says about a damaged manifest', async () => {
    await writeHead();
    for (const name of await readdir(chain.path)) {
      if (name.startsWith('MANIFEST')) await writeFile(join(chain.path, name), 'garbage');
    }
    expect((await rejectionOf(chain.open())).code).to.equal('DATABASE_UNOPENABLE');
  });
});
