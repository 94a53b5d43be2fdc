import { join } from 'node:path';
import type { Genesis } from '../genesis/types.js';
import type { Hash } from '../primitives/bytes.js';
import type { PairHasher } from '../primitives/merkle.js';
import type { SignatureBackend } from '../primitives/types.js';
import { DiskWatch } from './diskWatch.js';
import { Engine } from './engine/engine.js';
import type { EngineLimits } from './engine/limits.js';
import type { Timers } from './engine/timers.js';
import { DEFAULT_REPORTER_OPTIONS, EvidenceReporter } from './evidenceReporter.js';
import type { CommitResult, Executor } from './execution/types.js';
import { DEFAULT_GATE_LIMITS } from './mempool/admissionGate.js';
import { TransactionMempool } from './mempool/mempool.js';
import type { PoolLimits } from './mempool/shares.js';
import { nativeTransactionHasher } from './nativeSha256.js';
import type { Network, NetworkHandlers } from './network/types.js';
import { NodeAccount } from './nodeAccount.js';
import type { NextTurn } from './ops/nextTurn.js';
import type { Logger, Metrics } from './ops/ports.js';
import { READINESS_INTERVAL_MS, ReadinessReporter } from './readiness.js';
import { ReferenceLookup } from './referenceLookup.js';
import type { SignatureVerifier, Signer } from './signatures/types.js';
import type { Disk } from './storage/disk.js';
import type { freeSpace } from './storage/freeSpace.js';

const DISK_LOOK_INTERVAL_MS = 5_000;

export interface CoreOptions {
  readonly genesis: Genesis;
  readonly genesisHash: Hash;
  /** This node's own. */
  readonly peerId: string;
  /** Where to dial each peer that configuration or genesis gives an address for. */
  readonly peerAddresses: ReadonlyMap<string, readonly string[]>;
  readonly dataDirectory: string;
  readonly journalDirectory: string;
  readonly mempool: PoolLimits;
  /** Below it the node takes no transactions; below half of it, it signs nothing. */
  readonly freeSpaceWatermarkBytes: number;
  readonly engineLimits?: Partial<EngineLimits>;
}

/** The world in which a core runs: the machine's in a node, a simulated one in the simulator. */
export interface CoreModules {
  /** Started already; stopped after the core. */
  readonly executor: Executor;
  /** What its start gave. */
  readonly first: CommitResult;
  /** Undefined for an observer. */
  readonly signer: Signer | undefined;
  readonly backend: SignatureBackend;
  readonly verifier: SignatureVerifier;
  readonly hasher: PairHasher;
  readonly createNetwork: (handlers: NetworkHandlers) => Network;
  readonly timers: Timers;
  readonly disk: Disk;
  readonly freeSpace: typeof freeSpace;
  readonly randomBytes: (size: number) => Uint8Array;
  readonly nextTurn: NextTurn;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Called once, when the core cannot go on and has stopped: the process must end. */
  readonly onFatal: (error: unknown) => void;
}

/** What decides and keeps the chain: everything of a node but the doors through which people and programs come in. */
export interface Core {
  readonly mempool: TransactionMempool;
  readonly engine: Engine;
  readonly disk: DiskWatch;
  /** Ends in good order; the executor is still there. */
  stop(): Promise<void>;
}

/** What the mempool calls and what is made after it. */
interface Late {
  engine?: Engine;
  disk?: DiskWatch;
}

/**
 * Puts mempool, engine and watch of the disk together. The mempool and the engine know of each other: the engine is
 * there before the mempool first calls it.
 *
 * @throws what `Engine.start` throws; nothing is left running then
 */
export async function startCore(options: CoreOptions, modules: CoreModules): Promise<Core> {
  const { genesis, genesisHash, peerId, peerAddresses, dataDirectory, journalDirectory, engineLimits } = options;
  const { first, timers, logger, onFatal } = modules;
  const late: Late = {};
  const mempool = createMempool(options, modules, late);
  const engine = await Engine.start(
    {
      chainId: genesis.chainId,
      genesisHash,
      peerId,
      peerAddresses,
      journalDirectory,
      bodiesDirectory: join(dataDirectory, 'bodies'),
      evidenceFile: join(dataDirectory, 'evidence.log'),
      ...(engineLimits === undefined ? {} : { limits: engineLimits }),
    },
    { ...modules, mempool },
    first,
  );
  late.engine = engine;
  // A peer may have relayed something before the mempool could tell the engine.
  engine.onPending(mempool.size > 0);
  const disk = new DiskWatch(
    { path: dataDirectory, watermarkBytes: options.freeSpaceWatermarkBytes, intervalMs: DISK_LOOK_INTERVAL_MS },
    { engine, timers, logger, onFatal, freeSpace: modules.freeSpace },
  );
  late.disk = disk;
  disk.start();
  const reporters = startReporters(options, modules, { engine, mempool });
  const stop = async (): Promise<void> => {
    disk.stop();
    for (const reporter of reporters) reporter.stop();
    await engine.stop();
  };
  return { mempool, engine, disk, stop };
}

/**
 * What a validator tells the chain by itself: the evidence that it keeps, and that its node is ready. Others have no account
 * of their own.
 */
function startReporters(
  { genesis: { chainId, parameters }, genesisHash }: CoreOptions,
  { executor, signer, timers, logger, metrics, onFatal }: CoreModules,
  { engine, mempool }: { readonly engine: Engine; readonly mempool: TransactionMempool },
): readonly { stop(): void }[] {
  if (signer === undefined) return [];
  const { referenceWindowMs } = parameters;
  const account = new NodeAccount({ chainId, genesisHash }, signer);
  const shared = { engine, executor, mempool, account, timers, logger, metrics, onFatal };
  const reporters = [
    new EvidenceReporter({ ...DEFAULT_REPORTER_OPTIONS, referenceWindowMs }, shared),
    new ReadinessReporter({ referenceWindowMs, intervalMs: READINESS_INTERVAL_MS }, shared),
  ];
  for (const reporter of reporters) reporter.start();
  return reporters;
}

function createMempool(
  { genesis, genesisHash, mempool: limits }: CoreOptions,
  { executor, first, verifier, metrics, timers, randomBytes, nextTurn }: CoreModules,
  late: Late,
): TransactionMempool {
  const references = new ReferenceLookup(executor, nextTurn);
  return new TransactionMempool(
    {
      rules: { chainId: genesis.chainId, ...first.head.parameters },
      limits,
      admissions: DEFAULT_GATE_LIMITS,
      fingerprintSeed: new DataView(Uint8Array.from(randomBytes(4)).buffer).getUint32(0),
    },
    {
      verifier,
      hasher: nativeTransactionHasher(genesisHash),
      metrics,
      nowMs: () => timers.now(),
      referenceOwners: (asked) => references.ownersOf(asked),
      onPending: (pending) => late.engine?.onPending(pending),
      relay: (transactions) => late.engine?.network.broadcastTransactions(transactions),
      hasSpace: () => late.disk?.isLow !== true,
      onRelayerFault: (peer, fault) => late.engine?.network.penalise(peer, fault),
    },
  );
}
