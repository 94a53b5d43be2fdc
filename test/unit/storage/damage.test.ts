import { open, readdir, readFile, stat, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'chai';
import { openAuthenticatedState } from '../../../node/state/authenticatedState.js';
import { verifyDatabase } from '../../../node/state/verifyDatabase.js';
import type { LevelChainDatabase } from '../../../node/storage/chainDatabase.js';
import { pureHasher } from '../../../primitives/merkle.js';
import { nobleBackend } from '../../../primitives/signature.js';
import { errorOf, rejectionOf } from '../../support/rejection.js';
import { putTestHead, TemporaryChain, testHeader } from '../../support/temporaryChain.js';

const SHAPE = { treeDepth: 2, pageEntries: 4 };
/** Longer than a block of LevelDB's log, so that every height stands in blocks of its own. */
const LONG_VALUE_BYTES = 70_000;

async function writeHeight(database: LevelChainDatabase, value: Uint8Array): Promise<void> {
  const state = await openAuthenticatedState({ ...SHAPE, flushAfterCommits: 0 }, { database, hasher: pureHasher });
  const head = database.head();
  const height = (head?.height ?? -1) + 1;
  const prepared = state.prepare(new Map([[`key${height}`, value]]));
  const batch = database.batch();
  state.commit(prepared, batch);
  putTestHead(database, batch, testHeader(height, prepared.root, head && { parentHash: head.blockHash }));
  await batch.write();
}

async function filesOf(path: string, extension: string): Promise<string[]> {
  return (await readdir(path)).filter((name) => name.endsWith(extension)).map((name) => join(path, name));
}

/** Changes one byte of a file. */
async function flip(file: string, offset: number): Promise<void> {
  const handle = await open(file, 'r+');
  const byte = Buffer.alloc(1);
  await handle.read(byte, 0, 1, offset);
  byte[0] = (byte[0] as number) ^ 0x40;
  await handle.write(byte, 0, 1, offset);
  await handle.close();
}

async function flipWhere(files: readonly string[], pattern: Uint8Array): Promise<void> {
  for (const file of files) {
    const at = (await readFile(file)).indexOf(pattern);
    if (at >= 0) return flip(file, at + (pattern.length >> 1));
  }
  expect.fail('the bytes to damage are in no file');
}

describe('a damaged disk', () => {
  let chain: TemporaryChain;
  const marked = (byte: number, length = 40) => new Uint8Array(length).fill(byte);

  beforeEach(async () => {
    chain = await TemporaryChain.create();
  });

  afterEach(async () => {
    await chain.remove();
  });

  async function writeChain(values: readonly Uint8Array[]): Promise<void> {
    const database = await chain.open({ compression: false });
    for (const value of values) await writeHeight(database, value);
    await chain.close();
  }

  it('is noticed when it gives another value: that read fails, and every later call', async () => {
    await writeChain([marked(0x11)]);
    await chain.open({ compression: false });
    await chain.close();
    await flipWhere(await filesOf(chain.path, '.ldb'), marked(0x11));
    const database = await chain.open({ compression: false });
    expect(errorOf(() => database.stateValues.get('key0')).code).to.equal('VALUE_CORRUPT');
    expect(errorOf(() => database.head()).code).to.equal('STORAGE_FAILED');
    expect(errorOf(() => database.batch()).code).to.equal('STORAGE_FAILED');
    expect(database.failure?.message).to.match(/checksum/);
  });

  it('is found by verification, row by row', async () => {
    await writeChain([marked(0x11)]);
    await chain.open({ compression: false });
    await chain.close();
    await flipWhere(await filesOf(chain.path, '.ldb'), marked(0x11));
    const database = await chain.open({ compression: false });
    const report = await verifyDatabase(SHAPE, { database, hasher: pureHasher, signatures: nobleBackend });
    expect(report.faults.map(({ code }) => code)).to.deep.equal(['VALUE_CORRUPT']);
  });

  it('that lost the end of the log leaves the height before, whole', async () => {
    await writeChain([marked(1), marked(2), marked(3)]);
    const [log] = await filesOf(chain.path, '.log');
    await truncate(log as string, (await stat(log as string)).size - 9);
    const database = await chain.open();
    expect(database.head()?.height).to.equal(1);
    const state = await openAuthenticatedState(SHAPE, { database, hasher: pureHasher });
    expect(state.get('key1')).to.deep.equal(marked(2));
    expect(state.get('key2')).to.equal(undefined);
  });

  it('that left a hole in the log is not taken for a shorter chain', async () => {
    await writeChain([1, 2, 3, 4].map((byte) => marked(byte, LONG_VALUE_BYTES)));
    const [log] = await filesOf(chain.path, '.log');
    await flipWhere([log as string], marked(3, 1_000));
    const error = await rejectionOf(chain.open());
    expect(error.code).to.equal('CHAIN_BROKEN');
    expect(error.details).to.include({ height: 2, expected: 'a header', actual: 'none' });
  });

  it('that gives another page is not the state of the head', async () => {
    await writeChain([marked(5)]);
    const database = await chain.open();
    const batch = database.batch();
    for await (const [key, entries] of database.statePages.entries()) {
      const other = entries.slice();
      other[63] = (other[63] as number) ^ 1;
      database.statePages.put(batch, key, other);
    }
    await batch.write();
    const error = await rejectionOf(openAuthenticatedState(SHAPE, { database, hasher: pureHasher }));
    expect(error.code).to.equal('STATE_ROOT_MISMATCH');
  });
});
