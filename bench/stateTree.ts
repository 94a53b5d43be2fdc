import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openAuthenticatedState } from '../node/state/authenticatedState.js';
import { chooseBulkHasher } from '../node/state/bulkHasher.js';
import { openChainDatabase } from '../node/storage/openChainDatabase.js';
import { randomIndices } from './random.js';

interface TreeLoad {
  readonly keyCounts: readonly number[];
  readonly changesPerBlock: number;
  readonly blocks: number;
  readonly treeDepth: number;
  readonly pageEntries: number;
  readonly flushAfterCommits?: number;
}

function readLoad(args: readonly string[]): TreeLoad {
  const [keys = '10000,100000,1000000', changes = '5000', blocks = '20', depth = '16', entries = '16', flush] = args;
  return {
    keyCounts: keys.split(',').map(Number),
    changesPerBlock: Number(changes),
    blocks: Number(blocks),
    treeDepth: Number(depth),
    pageEntries: Number(entries),
    ...(flush === undefined ? {} : { flushAfterCommits: Number(flush) }),
  };
}

const keyOf = (number: number) => `cash\x00balance\x00EUR\x00${number.toString(36).padStart(20, '0')}`;

function balanceOf(number: number): Uint8Array {
  const value = new Uint8Array(12);
  new DataView(value.buffer).setUint32(8, number);
  return value;
}

async function measure(keyCount: number, load: TreeLoad): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'vostro-bench-'));
  const path = join(directory, 'chain');
  const genesisHash = new Uint8Array(32);
  let database = await openChainDatabase({ path, genesisHash });
  const { hasher, name } = chooseBulkHasher();
  let state = await openAuthenticatedState(load, { database, hasher });
  const write = async (map: Map<string, Uint8Array>) => {
    const start = performance.now();
    const prepared = state.prepare(map);
    const prepareMs = performance.now() - start;
    const batch = database.batch();
    state.commit(prepared, batch);
    const commitMs = performance.now() - start - prepareMs;
    await batch.write();
    return { prepareMs, commitMs, writeMs: performance.now() - start - prepareMs - commitMs, bytes: batch.sizeBytes };
  };
  let start = performance.now();
  for (let from = 0; from < keyCount; from += 50_000) {
    const map = new Map<string, Uint8Array>();
    for (let i = from; i < Math.min(keyCount, from + 50_000); i++) map.set(keyOf(i), balanceOf(i));
    await write(map);
  }
  const fillUs = ((performance.now() - start) * 1_000) / keyCount;
  await database.close();
  start = performance.now();
  database = await openChainDatabase({ path, genesisHash });
  state = await openAuthenticatedState(load, { database, hasher });
  const openMs = performance.now() - start;
  const next = randomIndices(7);
  const cpu = process.cpuUsage();
  const sums = { readMs: 0, prepareMs: 0, commitMs: 0, writeMs: 0, bytes: 0, changed: 0 };
  for (let block = 0; block < load.blocks; block++) {
    const map = new Map<string, Uint8Array>();
    start = performance.now();
    for (let i = 0; i < load.changesPerBlock; i++) {
      const key = keyOf(next(keyCount));
      state.get(key);
      map.set(key, balanceOf(next(1 << 30)));
    }
    sums.readMs += performance.now() - start;
    const { prepareMs, commitMs, writeMs, bytes } = await write(map);
    sums.prepareMs += prepareMs;
    sums.commitMs += commitMs;
    sums.writeMs += writeMs;
    sums.bytes += bytes;
    sums.changed += map.size;
  }
  const { user, system } = process.cpuUsage(cpu);
  const us = (ms: number) => ((ms * 1_000) / sums.changed).toFixed(2);
  console.log(
    `${keyCount} keys, ${name} hasher, depth ${load.treeDepth}, ${load.pageEntries} a page, flushed after ${load.flushAfterCommits ?? 'as many commits as usual'}, ${load.changesPerBlock} changes a block: per changed key ` +
      `read ${us(sums.readMs)} root ${us(sums.prepareMs)} rows ${us(sums.commitMs)} write ${us(sums.writeMs)} µs, ` +
      `${(sums.bytes / sums.changed).toFixed(0)} bytes, cpu of the process ${us((user + system) / 1_000)} µs; ` +
      `filled at ${fillUs.toFixed(2)} µs a key, opened in ${openMs.toFixed(0)} ms, rss ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MiB`,
  );
  await database.close();
  await rm(directory, { recursive: true, force: true });
}

/**
 * What one changed key costs, at several numbers of keys: root (`prepare`) and rows (`commit` and the synced write).
 *
 * @param args numbers of keys with commas between, changes a block, blocks, depth, entries a page, commits to a flush
 */
export async function measureStateTree(args: readonly string[]): Promise<void> {
  const load = readLoad(args);
  for (const keyCount of load.keyCounts) await measure(keyCount, load);
}
