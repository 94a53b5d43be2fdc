import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { emptyRecord, encodeJournalRecord } from '../../../../consensus/journalRecord.js';
import type { GenesisParameters } from '../../../../genesis/types.js';
import { Engine } from '../../../../node/engine/engine.js';
import type { EngineOptions } from '../../../../node/engine/engineOptions.js';
import { createJournal } from '../../../../node/engine/journal.js';
import type { EngineLimits } from '../../../../node/engine/limits.js';
import { systemTimers, type Timers } from '../../../../node/engine/timers.js';
import type { DirectoryUpdate } from '../../../../node/execution/types.js';
import { LocalSigner } from '../../../../node/keys/localSigner.js';
import { type DurableFile, systemDisk } from '../../../../node/storage/disk.js';
import { headerHash } from '../../../../primitives/block.js';
import { toHex } from '../../../../primitives/bytes.js';
import { CodedError, invariant } from '../../../../primitives/errors.js';
import { EMPTY_TREE_ROOT, pureHasher } from '../../../../primitives/merkle.js';
import { utf8Encode } from '../../../../primitives/text.js';
import { validatorsHash } from '../../../../primitives/validator.js';
import {
  CHAIN_ID,
  GENESIS_HASH,
  type TestValidator,
  testHeader,
  testValidators,
} from '../../../support/finalityFixture.js';
import { backend, inlineVerifier } from './chain.js';
import { type FakeChainStore, FakeExecutor } from './fakeExecutor.js';
import { FakeMempool } from './fakeMempool.js';
import { MemoryBus } from './memoryBus.js';
import { silentLogger, silentMetrics } from './ports.js';

const PARAMETERS: GenesisParameters = {
  referenceWindowMs: 60_000,
  minBlockIntervalMs: 0,
  heartbeatMs: 60_000,
  maxClockDriftMs: 60_000,
  roundTimeoutBaseMs: 1_000,
  roundTimeoutCapMs: 4_000,
  maxBlockBytes: 1_000_000,
  maxBlockTransactions: 1_000,
  maxBlockFuel: 1_000_000,
  maxTransactionFuel: 1_000_000,
  urgentBlockPercent: 50,
  quotaTransactions: 1_000,
  urgentQuotaTransactions: 100,
  quotaWindowMs: 1_000,
  stateTreeDepth: 4,
  statePageEntries: 4,
};

const LIMITS: Partial<EngineLimits> = { healMs: 100, retryMs: 50, requestTimeoutMs: 1_000 };

export interface ClusterOptions {
  readonly validators?: number;
  readonly observers?: number;
  readonly parameters?: Partial<GenesisParameters>;
  readonly limits?: Partial<EngineLimits>;
  readonly timers?: Timers;
  /** The list that decides a height, by the numbers of its validators; all of them at height 1, and always unless told. */
  readonly listAt?: (height: number) => readonly number[];
}

export interface ClusterNode {
  readonly peerId: string;
  readonly home: string;
  readonly key: TestValidator | undefined;
  readonly store: FakeChainStore;
  executor: FakeExecutor;
  mempool: FakeMempool;
  /** Undefined while the node is down. */
  engine: Engine | undefined;
  readonly fatal: unknown[];
  /** Stands between the node and its journal's file, where a test wants to be the disk. */
  journalDisk: ((file: DurableFile) => DurableFile) | undefined;
}

/** Engines of one network in this process: real journals and bodies on disk, everything else in memory. */
export class Cluster {
  readonly bus = new MemoryBus();
  readonly nodes: readonly ClusterNode[];
  readonly keys: readonly TestValidator[];

  /** Just now, so that no heartbeat is due at the start. */
  private readonly genesisTimestamp = systemTimers.now();

  private constructor(
    private readonly options: ClusterOptions,
    private readonly home: string,
  ) {
    this.keys = testValidators('cluster', options.validators ?? 4);
    const names = [
      ...this.keys.map((key, index) => ({ peerId: `v${index}`, key })),
      ...Array.from({ length: options.observers ?? 0 }, (_, index) => ({ peerId: `o${index}`, key: undefined })),
    ];
    this.nodes = names.map(({ peerId, key }) => {
      const store: FakeChainStore = { blocks: [] };
      const executor = this.executorOver(store);
      return {
        peerId,
        key,
        home: join(home, peerId),
        store,
        executor,
        mempool: new FakeMempool(),
        engine: undefined,
        fatal: [],
        journalDisk: undefined,
      };
    });
  }

  static async create(options: ClusterOptions = {}): Promise<Cluster> {
    const cluster = new Cluster(options, await mkdtemp(join(tmpdir(), 'vostro-cluster-')));
    for (const { key, home } of cluster.nodes) {
      if (key !== undefined) await createFirstJournal(home, key);
    }
    return cluster;
  }

  static async started(options: ClusterOptions = {}): Promise<Cluster> {
    const cluster = await Cluster.create(options);
    await Promise.all(cluster.nodes.map((node) => cluster.start(node)));
    return cluster;
  }

  private executorOver(store: FakeChainStore): FakeExecutor {
    const hash = validatorsHash(this.keys);
    const genesis = testHeader({
      height: 0,
      timestamp: this.genesisTimestamp,
      txRoot: EMPTY_TREE_ROOT,
      validatorsHash: hash,
      nextValidatorsHash: hash,
    });
    const { listAt } = this.options;
    const validatorsAt =
      listAt && ((height: number) => listAt(height).map((number) => this.keys[number] as TestValidator));
    const directory = this.directory();
    const parameters = { ...PARAMETERS, ...this.options.parameters };
    return new FakeExecutor({ genesis, validators: this.keys, parameters, directory, validatorsAt }, store);
  }

  private directory(): DirectoryUpdate {
    const member = (peerId: string): string => `BANK${peerId.toUpperCase()}`;
    const validators = this.keys.map(({ address, publicKey }, index) => ({ address, publicKey, peerId: `v${index}` }));
    const observers = Array.from({ length: this.options.observers ?? 0 }, (_, index) => `o${index}`);
    return {
      keys: validators.map(({ address, publicKey, peerId }) => ({
        address,
        publicKey,
        member: member(peerId),
        active: true,
      })),
      accounts: [],
      nodes: [
        ...validators.map(({ peerId }) => ({
          peerId,
          member: member(peerId),
          role: 'validator' as const,
          addresses: [],
        })),
        ...observers.map((peerId) => ({ peerId, member: member(peerId), role: 'observer' as const, addresses: [] })),
      ],
    };
  }

  node(position: number): ClusterNode {
    const node = this.nodes[position];
    invariant(node !== undefined, 'the cluster has such a node');
    return node;
  }

  /** Starts a node, or starts it again on what it has on disk. */
  async start(node: ClusterNode): Promise<Engine> {
    node.executor = this.executorOver(node.store);
    node.mempool = new FakeMempool();
    const { executor, mempool, key, home, peerId } = node;
    const options: EngineOptions = {
      chainId: CHAIN_ID,
      genesisHash: GENESIS_HASH,
      peerId,
      peerAddresses: new Map(),
      journalDirectory: join(home, 'journal'),
      bodiesDirectory: join(home, 'bodies'),
      evidenceFile: join(home, 'evidence'),
      limits: { ...LIMITS, ...this.options.limits },
    };
    const first = await executor.start();
    const engine = await Engine.start(
      options,
      {
        executor,
        mempool,
        createNetwork: (handlers) => this.bus.network(peerId, handlers),
        signer: key === undefined ? undefined : new LocalSigner(key.privateKey, backend),
        backend,
        verifier: inlineVerifier,
        hasher: pureHasher,
        timers: this.options.timers ?? systemTimers,
        disk: {
          ...systemDisk,
          openDurable: async (path) => {
            const file = await systemDisk.openDurable(path);
            return (path.endsWith('.journal') ? node.journalDisk?.(file) : undefined) ?? file;
          },
        },
        randomBytes,
        logger: silentLogger,
        metrics: silentMetrics,
        onFatal: (error) => node.fatal.push(error),
      },
      first,
    );
    mempool.onPending = (pending) => engine.onPending(pending);
    node.engine = engine;
    return engine;
  }

  async stop(node: ClusterNode): Promise<void> {
    const { engine } = node;
    node.engine = undefined;
    await engine?.stop();
  }

  /** Gives every running node a transaction, as relaying would. */
  submit(text: string, nodes: readonly ClusterNode[] = this.nodes): void {
    for (const { mempool, engine } of nodes) if (engine !== undefined) mempool.add(utf8Encode(text));
  }

  height(node: ClusterNode): number {
    return node.executor.head().header.height;
  }

  /** The hash that each node has at a height; one entry when they agree. */
  hashesAt(height: number): readonly string[] {
    const blocks = this.nodes.map(({ store }) => store.blocks[height - 1]);
    return [...new Set(blocks.flatMap((certified) => (certified ? [toHex(headerHash(certified.block.header))] : [])))];
  }

  includes(node: ClusterNode, text: string): boolean {
    const wanted = toHex(utf8Encode(text));
    return node.store.blocks.some(({ block }) => block.transactions.some((bytes) => toHex(bytes) === wanted));
  }

  /** Stops everything; throws what a node failed with, and when two nodes disagree. */
  async close(): Promise<void> {
    await Promise.all(this.nodes.map((node) => this.stop(node)));
    await rm(this.home, { recursive: true, force: true });
    const highest = Math.max(...this.nodes.map(({ store }) => store.blocks.length));
    for (let height = 1; height <= highest; height++) {
      invariant(this.hashesAt(height).length === 1, 'all nodes have the same block', { height });
    }
    for (const { fatal } of this.nodes) if (fatal.length > 0) throw fatal[0];
  }
}

async function createFirstJournal(home: string, { address }: TestValidator): Promise<void> {
  const options = { directory: join(home, 'journal'), genesisHash: GENESIS_HASH, address };
  await (await createJournal(options, encodeJournalRecord(emptyRecord(0)))).close();
}

class TestTimeout extends CodedError<'TEST_TIMEOUT'> {}

/** Generous: it ends a test that would hang, and says nothing of how long anything may take. */
const WAIT_LIMIT_MS = 25_000;

/** Waits until it holds; a test that waits in vain fails with what it waited for. */
export async function until(what: string, holds: () => boolean): Promise<void> {
  const endMs = performance.now() + WAIT_LIMIT_MS;
  while (!holds()) {
    if (performance.now() > endMs) throw new TestTimeout('TEST_TIMEOUT', `waited in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}
