import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LevelChainDatabase } from '../../node/storage/chainDatabase.js';
import { type ChainDatabaseOptions, openChainDatabase } from '../../node/storage/openChainDatabase.js';
import type { HeightBatch } from '../../node/storage/types.js';
import { ZERO_ADDRESS } from '../../primitives/address.js';
import { headerHash } from '../../primitives/block.js';
import type { Hash } from '../../primitives/bytes.js';
import type { BlockHeader } from '../../primitives/types.js';

export const TEST_GENESIS_HASH: Hash = new Uint8Array(32).fill(7);

/** A directory of its own for each test, and databases in it that are closed with it. */
export class TemporaryChain {
  readonly path: string;
  readonly #directory: string;
  readonly #open = new Set<LevelChainDatabase>();

  private constructor(directory: string) {
    this.#directory = directory;
    this.path = join(directory, 'chain');
  }

  static async create(): Promise<TemporaryChain> {
    return new TemporaryChain(await mkdtemp(join(tmpdir(), 'vostro-chain-')));
  }

  async open(options: Partial<ChainDatabaseOptions> = {}): Promise<LevelChainDatabase> {
    const database = await openChainDatabase({ path: this.path, genesisHash: TEST_GENESIS_HASH, ...options });
    this.#open.add(database);
    return database;
  }

  async close(): Promise<void> {
    for (const database of this.#open) await database.close();
    this.#open.clear();
  }

  async remove(): Promise<void> {
    await this.close();
    await rm(this.#directory, { recursive: true, force: true });
  }
}

/** A header that says nothing but its height, time, parent and state. */
export function testHeader(
  height: number,
  stateRoot: Hash,
  more: { readonly parentHash?: Hash; readonly timestamp?: number } = {},
): BlockHeader {
  const none = new Uint8Array(32);
  return {
    chainId: 'test-1',
    height,
    parentHash: more.parentHash ?? none,
    proposer: ZERO_ADDRESS,
    timestamp: more.timestamp ?? height * 1_000,
    txRoot: none,
    stateRoot,
    receiptsRoot: none,
    validatorsHash: none,
    nextValidatorsHash: none,
  };
}

/** Puts an empty block and makes it the head. @returns the block's hash */
export function putTestHead(database: LevelChainDatabase, batch: HeightBatch, header: BlockHeader): Hash {
  const { height } = header;
  const blockHash = headerHash(header);
  const signerBitmap = Uint8Array.of(1);
  const signatures = [new Uint8Array(64)];
  database.headers.put(batch, height, header);
  database.heights.put(batch, blockHash, height);
  database.bodies.put(batch, height, []);
  database.receipts.put(batch, height, []);
  database.certificates.put(batch, height, { type: 'commit', height, round: 0, blockHash, signerBitmap, signatures });
  database.putHead(batch, { height, blockHash });
  return blockHash;
}
