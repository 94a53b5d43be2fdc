import { createHash } from 'node:crypto';
import type { ChainExecutor } from '../../../node/execution/chainExecutor.js';
import { currentValues } from '../../../node/state/valueStore.js';
import { openChainDatabase } from '../../../node/storage/openChainDatabase.js';
import type { ChainDatabase } from '../../../node/storage/types.js';
import { decodeBlock, encodeBlock } from '../../../primitives/block.js';
import { fromHex, type Hex, toHex } from '../../../primitives/bytes.js';
import { isCodedError } from '../../../primitives/errors.js';
import type { Block } from '../../../primitives/types.js';
import { ExecutionNetwork, TestChain } from '../../support/executionNetwork.js';
import { ACCOUNTS } from '../../support/settlementNetwork.js';
import * as chapters from './chapters.js';
import { nativeContracts, plainCall } from './contracts.js';
import type { HistoryPrograms } from './programs.js';
import { HistoryRecorder } from './recorder.js';
import { trafficBlocks } from './traffic.js';

/** What every way to run the history gets, and the blocks that the first of them built. */
export interface HistoryInput {
  readonly programs: HistoryPrograms;
  /** Encoded; those that are built here when absent. */
  readonly blocks?: readonly Hex[] | undefined;
}

export interface HistoryOptions {
  readonly seed: number;
  /** Blocks of random traffic behind the chapters. */
  readonly trafficBlocks: number;
  /** Of the hostile methods, one in so many is called. */
  readonly hostileEvery: number;
  /** What a contract that is not pure sees of the machine; none such is there when absent. */
  readonly impure?: string | undefined;
}

/** What was committed, as every node must have it. */
export interface HistoryRecord {
  readonly blocks: number;
  readonly receipts: number;
  readonly stateRows: number;
  readonly digest: string;
}

export interface HistoryResult {
  /** Built here, block by block. */
  readonly built: HistoryRecord;
  /** The given blocks executed here, the second half of them in groups and after a restart. */
  readonly imported: HistoryRecord;
  readonly blocks: readonly Hex[];
  /** How often each code ended a transaction that was built here. */
  readonly codes: ReadonlyMap<string, number>;
  /** Of the given blocks: the height and the reason of the first that was refused. */
  readonly refused: readonly string[];
}

/** Decided blocks that one write takes over while a node catches up. */
const GROUP = 8;

/** Builds the history on an executor, and executes the given one on another, each over a LevelDB of its own. */
export async function runBlockHistory(options: HistoryOptions, input: HistoryInput): Promise<HistoryResult> {
  const contracts = nativeContracts(options.impure);
  const network = await ExecutionNetwork.create({ contracts });
  try {
    const executor = await network.started('built');
    const history = new HistoryRecorder(network, new TestChain(network, executor));
    await build(history, options, input.programs);
    await network.stop(executor);
    const built = await recordOf(network, 'built');
    const blocks = history.blocks.map((block) => toHex(encodeBlock(block)));
    const given = input.blocks ?? blocks;
    const refused = await importBlocks(
      network,
      given.map((hex) => decodeBlock(fromHex(hex))),
    );
    return { built, imported: await recordOf(network, 'imported'), blocks, codes: history.codes, refused };
  } finally {
    await network.remove();
  }
}

async function build(history: HistoryRecorder, options: HistoryOptions, programs: HistoryPrograms): Promise<void> {
  await chapters.opening(history);
  if (options.impure !== undefined) await history.expect([['', [ACCOUNTS.alfa, plainCall('impure', 'look')]]]);
  await chapters.standardContractsAtWork(history);
  await chapters.deploymentOfPrograms(history, programs);
  await chapters.escrowAtWork(history);
  await chapters.hostileCalls(history, options.hostileEvery);
  await chapters.upgradeAndPause(history, programs);
  await trafficBlocks(history, options.trafficBlocks, options.seed);
}

/** @returns why the first block was refused that was, with its height */
async function importBlocks(network: ExecutionNetwork, blocks: readonly Block[]): Promise<readonly string[]> {
  const half = Math.ceil(blocks.length / 2);
  const first = await network.started('imported');
  const refused = await judgeEach(network, first, blocks.slice(0, half));
  await network.stop(first);
  if (refused.length > 0) return refused;
  const second = await network.started('imported');
  try {
    for (let at = half; at < blocks.length; at += GROUP) {
      const group = blocks.slice(at, at + GROUP);
      await second.commitAll(group.map((block) => ({ block, certificate: network.certify(block) })));
    }
    return [];
  } catch (error) {
    return [`after height ${second.head().header.height}: ${isCodedError(error) ? error.message : String(error)}`];
  } finally {
    await network.stop(second);
  }
}

/** As a validator judges proposals, before anything decides them. */
async function judgeEach(
  network: ExecutionNetwork,
  executor: ChainExecutor,
  blocks: readonly Block[],
): Promise<readonly string[]> {
  for (const block of blocks) {
    const verdict = await executor.execute(block);
    if (!verdict.valid) return [`height ${block.header.height}: ${verdict.code}`];
    await executor.commit(block, network.certify(block));
  }
  return [];
}

async function recordOf(network: ExecutionNetwork, name: string): Promise<HistoryRecord> {
  const database = await openChainDatabase({ path: network.databasePath(name), genesisHash: network.genesisHash });
  try {
    return await readRecord(database);
  } finally {
    await database.close();
  }
}

/** Roots, receipts with their fuel, outcomes of batches, then every row of the state and of what was used once. */
async function readRecord(database: ChainDatabase): Promise<HistoryRecord> {
  const hash = createHash('sha256');
  const add = (what: string, bytes: Uint8Array): void => {
    hash.update(`${what} ${bytes.length}\n`).update(bytes);
  };
  const blocks = database.head()?.height ?? 0;
  let receipts = 0;
  for (let height = 0; height <= blocks; height++) {
    const header = database.headers.get(height);
    add(`state root ${height}`, header?.stateRoot ?? new Uint8Array());
    add(`receipts root ${height}`, header?.receiptsRoot ?? new Uint8Array());
    for (const receipt of database.receipts.list(height) ?? []) {
      add('receipt', receipt);
      receipts += 1;
    }
  }
  for await (const [{ height, index }, outcomes] of database.outcomes.entries())
    add(`outcomes ${height} ${index}`, outcomes);
  let stateRows = 0;
  for await (const [key, { value }] of currentValues({ values: database.stateValues, log: database.valueLog })) {
    add('key', Buffer.from(key, 'latin1'));
    add('value', value);
    stateRows += 1;
  }
  for await (const [key, height] of database.usedOnce.entries()) add(`used at ${height}`, key);
  return { blocks, receipts, stateRows, digest: hash.digest('hex').slice(0, 16) };
}
