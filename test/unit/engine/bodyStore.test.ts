import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'chai';
import { leafHashes } from '../../../node/engine/blockBody.js';
import { BodyStore, type UndecidedBody } from '../../../node/engine/bodyStore.js';
import { encodeBlock, headerHash, transactionsRoot } from '../../../primitives/block.js';
import { equalBytes } from '../../../primitives/bytes.js';
import { isCodedError } from '../../../primitives/errors.js';
import { pureHasher } from '../../../primitives/merkle.js';
import { SimulatedDisk } from '../../simulation/world/disk.js';
import { FaultCounts } from '../../simulation/world/faults.js';
import { Life } from '../../simulation/world/life.js';
import { Random } from '../../simulation/world/random.js';
import { VirtualTime } from '../../simulation/world/virtualTime.js';
import { silentLogger } from './support/ports.js';

const ZERO = new Uint8Array(32);

function body(height: number, seed: number, bytes = 50): UndecidedBody {
  const transactions = [0, 1, 2].map((i) => new Uint8Array(bytes + i).fill(seed + 1));
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
  const opened: BodyStore[] = [];
  const open = async (headHeight: number, maxBodies = 16): Promise<BodyStore> => {
    const store = await BodyStore.open({ directory, maxBodies }, modules, headHeight);
    opened.push(store);
    return store;
  };

  beforeEach(async () => {
    home = await mkdtemp(join(tmpdir(), 'vostro-bodies-'));
    directory = join(home, 'bodies');
  });
  afterEach(async () => {
    for (const store of opened.splice(0)) await store.close();
    await rm(home, { recursive: true });
  });

  it('gives a body back after a restart, with all its transactions', async () => {
    const kept = body(7, 1);
    await (await open(6)).put(kept);
    const again = await open(6);
    expect(again.has(kept.blockHash)).to.equal(true);
    expect(await again.get(kept.blockHash)).to.deep.equal(kept);
    expect(await again.get(ZERO)).to.equal(undefined);
  });

  it('counts bodies of decided heights no more, at once and at the next start, and writes the next ones in their place', async () => {
    const store = await open(6);
    const bodies = [body(7, 1), body(7, 2), body(8, 3)] as const;
    for (const each of bodies) await store.put(each);
    await store.removeDecided(7);
    expect(await store.get(bodies[0].blockHash)).to.equal(undefined);
    expect(await store.get(bodies[2].blockHash)).to.deep.equal(bodies[2]);
    for (let height = 9; height < 40; height++) {
      await store.put(body(height, height));
      await store.removeDecided(height);
    }
    expect(await readdir(directory)).to.have.length(3);
    await store.put(body(40, 1));
    expect((await open(38)).held().map(({ header }) => header.height)).to.have.members([39, 40]);
    expect((await open(40)).size).to.equal(0);
    expect(await readdir(directory)).to.have.length(2);
  });

  it('gives a body back that is larger than what its slot held before, and a smaller one after it', async () => {
    const store = await open(6);
    for (const [seed, bytes] of [200_000, 100, 900_000, 300_000].entries()) {
      const each = body(7 + seed, seed, bytes);
      await store.put(each);
      expect(await (await open(6 + seed)).get(each.blockHash)).to.deep.equal(each);
      await store.removeDecided(7 + seed);
    }
    expect(await readdir(directory)).to.have.length(2);
  });

  it('writes over no body of an undecided height', async () => {
    const store = await open(6);
    const kept = body(7, 1);
    await store.put(kept);
    for (let seed = 2; seed < 30; seed++) {
      const other = body(7, seed);
      const isBusy = seed % 3 === 0;
      const put = store.put(other);
      if (!isBusy) await put;
      await Promise.all([put, store.release(other.blockHash)]);
    }
    expect(await (await open(6)).get(kept.blockHash)).to.deep.equal(kept);
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

  it('does not count damaged bodies at the start, and removes foreign files', async () => {
    const kept = body(7, 1);
    await (await open(6)).put(kept);
    const path = join(directory, '0.body');
    const bytes = await readFile(path);
    const end = 4 + 32 + encodeBlock(kept.block).length;
    for (let at = 0; at < end; at += 5) {
      const damaged = Uint8Array.from(bytes);
      damaged[at] = (damaged[at] as number) ^ 1;
      await writeFile(path, damaged);
      await writeFile(join(directory, '7-0xaa.body'), bytes.subarray(0, 40));
      expect((await open(6)).has(kept.blockHash), `byte ${at}`).to.equal(false);
      expect(await readdir(directory)).to.have.members(['0.body', '1.body']);
    }
    for (const length of [0, 3, 10, end - 1]) {
      await writeFile(path, bytes.subarray(0, length));
      const store = await open(6);
      expect(store.size, `${length} bytes`).to.equal(0);
      await store.put(kept);
      expect(await (await open(6)).get(kept.blockHash)).to.deep.equal(kept);
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

  it('keeps a body that comes again while it is given up', async () => {
    const again = body(7, 1);
    const store = await open(6);
    for (let i = 0; i < 20; i++) {
      const put = store.put(again);
      if (i % 2 === 0) await put;
      await Promise.all([put, store.release(again.blockHash), store.put(again)]);
      expect(await (await open(6)).get(again.blockHash), `time ${i}`).to.deep.equal(again);
      await store.release(again.blockHash);
    }
    expect(await readdir(directory)).to.have.length(2);
  });

  it('writes nothing more once it is closed', async () => {
    const store = await open(6);
    await store.put(body(7, 1));
    await store.close();
    const refusal: unknown = await store.put(body(7, 2)).catch((error: unknown) => error);
    expect(isCodedError(refusal) && refusal.code).to.equal('BODY_STORE_FAILED');
    expect((await open(6)).size).to.equal(1);
  });
});

describe('the store of undecided bodies on a disk that loses power', () => {
  const DIRECTORY = '/bodies';

  /** Opens the store in a new life of the machine, which dies at the given point of its use of the disk. */
  async function live(disk: SimulatedDisk, diesAt: number, headHeight: number) {
    const life = new Life(() => {
      life.isAlive = false;
      disk.losePower();
      end();
    });
    let end: () => void = () => undefined;
    const dead = new Promise<undefined>((resolve) => {
      end = () => resolve(undefined);
    });
    if (diesAt > 0) life.plan = { point: diesAt, death: 'power' };
    const modules = { hasher: pureHasher, logger: silentLogger, disk: disk.view(life) };
    const opening = BodyStore.open({ directory: DIRECTORY, maxBodies: 16 }, modules, headHeight);
    return { store: await Promise.race([opening, dead]), dead };
  }

  it('has every body that was said to be written, and no part of one that was not, wherever the power goes', async function () {
    this.timeout(30_000);
    const [first, second, third, large] = [body(7, 1), body(8, 2), body(8, 3), body(9, 4, 300_000)];
    let [deaths, lost] = [0, 0];
    for (let seed = 0; seed < 3; seed++) {
      for (let diesAt = 1; diesAt < 50; diesAt++) {
        const disk = new SimulatedDisk(new VirtualTime(), new Random(seed * 1_000 + diesAt), new FaultCounts());
        const { store, dead } = await live(disk, diesAt, 6);
        const said: UndecidedBody[] = [];
        let [decided, isOver] = [6, false];
        const use = async (): Promise<void> => {
          if (store === undefined) return;
          const put = async (each: UndecidedBody): Promise<void> => {
            await store.put(each);
            said.push(each);
          };
          await put(first);
          decided = 7;
          await store.removeDecided(7);
          await Promise.all([put(second), put(third)]);
          decided = 8;
          await store.removeDecided(8);
          await put(large);
          isOver = true;
        };
        await Promise.race([use(), dead]);
        if (!isOver) deaths++;
        else disk.losePower();
        const again = (await live(disk, 0, decided)).store;
        for (const each of said.filter(({ block }) => block.header.height > decided)) {
          expect(await again?.get(each.blockHash), `seed ${seed}, point ${diesAt}`).to.deep.equal(each);
        }
        for (const { blockHash } of again?.held() ?? []) {
          const written = [first, second, third, large].find((each) => equalBytes(each.blockHash, blockHash));
          expect(await again?.get(blockHash)).to.deep.equal(written);
        }
        lost += said.length > 0 && again?.size === 0 ? 1 : 0;
      }
    }
    expect(deaths).to.be.greaterThan(60);
    expect(lost).to.be.greaterThan(5);
  });
});
