import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { leafHashes } from '../../../node/engine/blockBody.js';
import { BodyStore, type UndecidedBody } from '../../../node/engine/bodyStore.js';
import { headerHash, transactionsRoot } from '../../../primitives/block.js';
import { isCodedError } from '../../../primitives/errors.js';
import { pureHasher } from '../../../primitives/merkle.js';
import { silentLogger } from './support/ports.js';

const ZERO = new Uint8Array(32);

function body(height: number, seed: number): UndecidedBody {
  const transactions = [0, 1, 2].map((i) => new Uint8Array(50 + i).fill(seed + 1));
  const leaves = leafHashes(transactions);
  const header = {
    chainId: 'test-1',
    height,
    parentHash: ZERO,
    proposer: `0x${'0a'.repeat(20)}`,
    timestamp: 1_700_000_000_000 + seed,
    txRoot: transactionsRoot(leaves),
    stateRoot: ZERO,
    receiptsRoot: ZERO,
    validatorsHash: ZERO,
    nextValidatorsHash: ZERO,
  } as const;
  return { block: { header, transactions }, blockHash: headerHash(header), leafHashes: leaves };
}

describe('the store of undecided bodies', () => {
  let home: string;
  let directory: string;
  const modules = { hasher: pureHasher, logger: silentLogger };
  const open = (headHeight: number, maxBodies = 16): Promise<BodyStore> =>
    BodyStore.open({ directory, maxBodies }, modules, headHeight);

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'vostro-bodies-'));
    directory = join(home, 'bodies');
  });
  afterEach(() => rm(home, { recursive: true }));

  it('gives a body back after a restart, with all its transactions', async () => {
    const kept = body(7, 1);
    await (await open(6)).put(kept);
    const again = await open(6);
    expect(again.has(kept.blockHash)).to.equal(true);
    expect(await again.get(kept.blockHash)).to.deep.equal(kept);
    expect(await again.get(ZERO)).to.equal(undefined);
  });

  it('deletes bodies of decided heights, at once and at the next start', async () => {
    const store = await open(6);
    const bodies = [body(7, 1), body(7, 2), body(8, 3)] as const;
    for (const each of bodies) await store.put(each);
    await store.removeDecided(7);
    expect(await readdir(directory)).to.have.length(1);
    expect(await store.get(bodies[0].blockHash)).to.equal(undefined);
    expect(await store.get(bodies[2].blockHash)).to.deep.equal(bodies[2]);
    expect((await open(8)).size).to.equal(0);
    expect(await readdir(directory)).to.deep.equal([]);
  });

  it('keeps more bodies than it holds in memory', async () => {
    const store = await open(6);
    const bodies = Array.from({ length: 14 }, (_, seed) => body(7, seed));
    await Promise.all(bodies.map((each) => store.put(each)));
    for (const each of bodies) expect(await store.get(each.blockHash)).to.deep.equal(each);
  });

  it('refuses one body too many, and a body that it has it does not count twice', async () => {
    const store = await open(6, 2);
    const bodies = [body(7, 1), body(7, 2)] as const;
    for (const each of [...bodies, ...bodies]) await store.put(each);
    const refusal: unknown = await store.put(body(7, 3)).catch((error: unknown) => error);
    expect(isCodedError(refusal) && refusal.code).to.equal('BODY_STORE_FULL');
  });

  it('deletes damaged, unfinished and foreign files at the start', async () => {
    const kept = body(7, 1);
    await (await open(6)).put(kept);
    const [name] = await readdir(directory);
    const path = join(directory, name as string);
    const bytes = await readFile(path);
    for (const at of [3, 100, bytes.length - 1]) {
      const damaged = Uint8Array.from(bytes);
      damaged[at] = (damaged[at] as number) ^ 1;
      await writeFile(path, damaged);
      await writeFile(`${path}.new`, bytes.subarray(0, 40));
      expect((await open(6)).has(kept.blockHash), `byte ${at}`).to.equal(false);
      expect(await readdir(directory)).to.deep.equal([]);
    }
  });

  it('takes a peer’s copy in the place of a body that was damaged after it was written', async () => {
    const kept = body(7, 1);
    await (await open(6)).put(kept);
    const store = await open(6);
    const [name] = await readdir(directory);
    await writeFile(join(directory, name ?? ''), Uint8Array.of(1, 2, 3));
    expect(await store.get(kept.blockHash)).to.equal(undefined);
    expect(store.has(kept.blockHash), 'it does not say that it has it').to.equal(false);
    await store.put(kept);
    expect(await (await open(6)).get(kept.blockHash)).to.deep.equal(kept);
  });

  it('keeps a body that comes again while it is being deleted', async () => {
    const again = body(7, 1);
    const store = await open(6);
    for (let i = 0; i < 20; i++) {
      await store.put(again);
      await Promise.all([store.release(again.blockHash), store.put(again)]);
      expect(await readdir(directory), `time ${i}`).to.have.length(1);
      await store.release(again.blockHash);
    }
  });
});
