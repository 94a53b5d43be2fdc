import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { emptyRecord, encodeJournalRecord } from '../../consensus/journalRecord.js';
import { cash } from '../../contracts/index.js';
import { genesisHash } from '../../genesis/genesis.js';
import type { Genesis } from '../../genesis/types.js';
import { Engine } from '../../node/engine/engine.js';
import { createJournal } from '../../node/engine/journal.js';
import { METRIC } from '../../node/engine/metrics.js';
import { systemTimers } from '../../node/engine/timers.js';
import { ChainExecutor } from '../../node/execution/chainExecutor.js';
import type { Executor } from '../../node/execution/types.js';
import { LocalSigner } from '../../node/keys/localSigner.js';
import { DEFAULT_GATE_LIMITS } from '../../node/mempool/admissionGate.js';
import { TransactionMempool } from '../../node/mempool/mempool.js';
import { nativeTransactionHasher } from '../../node/nativeSha256.js';
import type { Network } from '../../node/network/types.js';
import { chooseBulkHasher } from '../../node/state/bulkHasher.js';
import { systemDisk } from '../../node/storage/disk.js';
import { type Hash, toHex } from '../../primitives/bytes.js';
import { utf8Encode } from '../../primitives/text.js';
import { encodeTransaction, signTransaction, transactionId } from '../../primitives/transaction.js';
import type { Address, Call, TransactionBody } from '../../primitives/types.js';
import { backend, inlineVerifier } from '../unit/engine/support/chain.js';
import { until } from '../unit/engine/support/cluster.js';
import { MemoryBus } from '../unit/engine/support/memoryBus.js';
import { silentLogger, silentMetrics } from '../unit/engine/support/ports.js';
import { BANKS, CUSTODIAN, KEYS, type TestKey, testGenesis } from './settlementNetwork.js';

const { hasher } = chooseBulkHasher();

/** Makes the executor of a node, in whichever thread. */
export type CreateExecutor = (genesis: Genesis, databasePath: string, onFatal: (error: unknown) => void) => Executor;

export interface EngineNode extends EngineNodeParts {
  readonly bic: string;
  readonly key: TestKey | undefined;
}

interface EngineNodeParts {
  executor: Executor;
  mempool: TransactionMempool;
  engine: Engine;
}

/** Validators of the genesis, in its order. */
export const VALIDATORS = [
  [BANKS.alfa, KEYS.alfa],
  [BANKS.beta, KEYS.beta],
  [BANKS.gamma, KEYS.gamma],
  [CUSTODIAN, KEYS.custodianOne],
] as const;

const inThisThread: CreateExecutor = (genesis, databasePath, onFatal) =>
  new ChainExecutor({ genesis, databasePath, onFatal });

/** Nodes with real databases, journals, contracts and signatures; only the network between them is in memory. */
export class EngineNetwork {
  readonly bus = new MemoryBus();
  readonly genesis: Genesis;
  readonly hash: Hash;
  readonly running: EngineNode[] = [];
  readonly fatal: unknown[] = [];
  /** Of all nodes, by what became of them. */
  readonly headStarts = { begun: 0, used: 0, passed: 0 };
  private reference = 0;

  constructor(
    private readonly home: string,
    private readonly createExecutor: CreateExecutor = inThisThread,
  ) {
    const genesis = testGenesis();
    const parameters = { ...genesis.parameters, minBlockIntervalMs: 0, roundTimeoutBaseMs: 1_000 };
    // Consensus time is this machine's: the genesis is of just now.
    this.genesis = { ...genesis, timestamp: systemTimers.now(), parameters };
    this.hash = genesisHash(this.genesis);
  }

  async start(bic: string, key: TestKey | undefined): Promise<EngineNode> {
    const home = join(this.home, bic);
    const onFatal = (error: unknown): void => void this.fatal.push(error);
    const executor = this.createExecutor(this.genesis, join(home, 'chain'), onFatal);
    const first = await executor.start();
    const late: { engine?: Engine; network?: Network } = {};
    const mempool = new TransactionMempool(
      {
        rules: { chainId: this.genesis.chainId, ...this.genesis.parameters },
        limits: { maxTransactions: 10_000, maxBytes: 10_000_000 },
        admissions: DEFAULT_GATE_LIMITS,
        fingerprintSeed: 7,
      },
      {
        verifier: inlineVerifier,
        hasher: nativeTransactionHasher(this.hash),
        metrics: silentMetrics,
        nowMs: systemTimers.now,
        referenceOwners: (references) => executor.referenceOwners(references),
        onPending: (pending) => late.engine?.onPending(pending),
        relay: (transactions) => late.engine?.network.broadcastTransactions(transactions),
        hasSpace: () => true,
        onRelayerFault: () => undefined,
      },
    );
    const engine = await Engine.start(
      {
        chainId: this.genesis.chainId,
        genesisHash: this.hash,
        peerId: `peer-${bic}`,
        peerAddresses: new Map(),
        journalDirectory: join(home, 'journal'),
        bodiesDirectory: join(home, 'bodies'),
        evidenceFile: join(home, 'evidence'),
        // A leader says what it builds however small it is.
        limits: { healMs: 200, retryMs: 100, outlineBytes: 1 },
      },
      {
        executor,
        mempool,
        createNetwork: (handlers) => this.bus.network(`peer-${bic}`, handlers),
        signer: key === undefined ? undefined : new LocalSigner(key.privateKey, backend),
        backend,
        verifier: inlineVerifier,
        hasher,
        timers: systemTimers,
        disk: systemDisk,
        randomBytes,
        logger: silentLogger,
        metrics: { ...silentMetrics, count: (name, by = 1, labels) => this.count(name, by, labels?.result) },
        onFatal,
      },
      first,
    );
    late.engine = engine;
    const node = { bic, key, executor, mempool, engine };
    this.running.push(node);
    return node;
  }

  async createJournal(bic: string, { address }: TestKey): Promise<void> {
    const options = { directory: join(this.home, bic, 'journal'), genesisHash: this.hash, address };
    await (await createJournal(options, encodeJournalRecord(emptyRecord(0)))).close();
  }

  async stop(node: EngineNode): Promise<void> {
    this.running.splice(this.running.indexOf(node), 1);
    await node.engine.stop();
    await node.executor.stop();
  }

  async close(): Promise<void> {
    for (const node of [...this.running]) await this.stop(node);
    await rm(this.home, { recursive: true, force: true });
    if (this.fatal.length > 0) throw this.fatal[0];
  }

  private count(name: string, by: number, result = ''): void {
    if (name === METRIC.headStarts && result in this.headStarts) {
      this.headStarts[result as keyof typeof this.headStarts] += by;
    }
  }

  transaction(key: TestKey, calls: readonly Call[]): { readonly id: Hash; readonly bytes: Uint8Array } {
    const body: TransactionBody = {
      chainId: this.genesis.chainId,
      sender: key.address,
      signers: [key.address],
      reference: utf8Encode(`reference-${this.reference++}`),
      expiresAt: systemTimers.now() + 60_000,
      priority: 'normal',
      calls,
    };
    const signed = signTransaction(body, this.hash, [key.privateKey], backend);
    return { id: transactionId(body, this.hash), bytes: encodeTransaction(signed) };
  }

  /** Submits to one node and waits until the others have it, too. */
  async settle(node: EngineNode, key: TestKey, calls: readonly Call[]): Promise<Hash> {
    const { id, bytes } = this.transaction(key, calls);
    await node.mempool.admit(bytes);
    await this.final(id);
    return id;
  }

  async final(id: Hash): Promise<void> {
    const key = toHex(id);
    const found = new Set<EngineNode>();
    await until(`${key} is final everywhere`, () => {
      for (const node of this.running) {
        node.executor.receipt(id).then(
          (record) => record !== undefined && found.add(node),
          () => undefined,
        );
      }
      return this.running.every((node) => found.has(node));
    });
  }

  async balance({ executor }: EngineNode, account: Address): Promise<bigint> {
    const { args, returns } = cash.methods.balance;
    const answer = await executor.view('cash', 'balance', args.encode({ currency: 'EUR', account }));
    return returns?.decode(answer) ?? -1n;
  }
}
