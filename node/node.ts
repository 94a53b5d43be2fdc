import { randomBytes } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { standardContracts } from '../contracts/index.js';
import { genesisHash, parseGenesis, verifyGenesis } from '../genesis/genesis.js';
import type { Genesis } from '../genesis/types.js';
import { type Hash, toHex } from '../primitives/bytes.js';
import type { SignatureBackend } from '../primitives/types.js';
import { type Core, type CoreOptions, startCore } from './core.js';
import { withAddresses } from './engine/peerDirectory.js';
import { systemTimers } from './engine/timers.js';
import { ExecutorClient } from './execution/executorClient.js';
import { METRIC as EXECUTION_METRIC } from './execution/metrics.js';
import { ReceiptDemand } from './execution/receiptDemand.js';
import type { CommitResult } from './execution/types.js';
import { tellNews } from './executionNews.js';
import { openKeystore, parseKeystore } from './keys/keystore.js';
import { LocalSigner } from './keys/localSigner.js';
import { peerIdOf } from './network/identity.js';
import { Libp2pNetwork } from './network/network.js';
import type { Network, NetworkHandlers, PeerReport } from './network/types.js';
import { createMetrics } from './nodeMetrics.js';
import { createLogger } from './ops/logging.js';
import type { MetricsRegistry } from './ops/metrics.js';
import { systemTurn } from './ops/nextTurn.js';
import type { Logger } from './ops/ports.js';
import type { NodeSettings } from './ops/settings.js';
import { peerAddresses } from './peerAddresses.js';
import { RpcServer } from './rpc/server.js';
import { chooseBackend } from './signatures/chooseBackend.js';
import { SignaturePool } from './signatures/signaturePool.js';
import { chooseBulkHasher } from './state/bulkHasher.js';
import { nodeFacts, nodeHealth, notReadyReasons } from './status.js';
import { countedDisk } from './storage/countedDisk.js';
import { type Disk, systemDisk } from './storage/disk.js';
import { freeSpace } from './storage/freeSpace.js';
import { METRIC as STORAGE_METRIC } from './storage/metrics.js';

export interface NodeOptions {
  readonly settings: NodeSettings;
  /** Of the keystores. */
  readonly password: string;
  readonly version: string;
  /** Called once, when the node cannot go on and has stopped working: the process must end. */
  readonly onFatal: (error: unknown) => void;
}

/** The world under a node: the machine's own where nothing else is given. */
export interface NodeModules {
  /** Of journal, undecided bodies and evidence. */
  readonly disk?: Disk;
  /** Entry of the executor's thread. */
  readonly executorUrl?: URL;
  /** Stands between the node and its network, in both directions. */
  readonly overNetwork?: (network: Network) => Network;
}

export interface RunningNode {
  readonly rpcUrl: string;
  readonly peerId: string;
  readonly height: number;
  /** Ends in good order: takes nothing in, finishes what it writes, closes everything. */
  stop(): Promise<void>;
}

/** What is known before anything runs. */
interface Foundation {
  readonly genesis: Genesis;
  readonly genesisHash: Hash;
  readonly backend: SignatureBackend;
  readonly networkKey: Uint8Array;
  readonly peerId: string;
  readonly signer: LocalSigner | undefined;
  readonly logger: Logger;
  readonly metrics: MetricsRegistry;
  readonly demand: ReceiptDemand;
}

/**
 * Puts a node together and starts it: the only place where rooms meet.
 *
 * @throws CodedError of the room that could not start; nothing is left running then
 */
export async function startNode(options: NodeOptions, modules: NodeModules = {}): Promise<RunningNode> {
  const { logger, flush } = createLogger({
    level: options.settings.logLevel,
    node: options.settings.name,
    ...(options.settings.logFile === undefined ? {} : { file: options.settings.logFile }),
  });
  const closers: (() => Promise<void> | void)[] = [flush];
  const stop = async (): Promise<void> => {
    for (const close of closers.splice(0).reverse()) await close();
  };
  try {
    return await assemble(options, modules, await layFoundation(options, logger), { closers, stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

async function layFoundation({ settings, password }: NodeOptions, logger: Logger): Promise<Foundation> {
  const { backend, reason } = chooseBackend();
  const genesis = parseGenesis(JSON.parse(await readFile(settings.genesisFile, 'utf8')), backend);
  verifyGenesis(genesis, backend);
  const open = async (path: string): Promise<Uint8Array> =>
    openKeystore(parseKeystore(await readFile(path, 'utf8'), path), password, backend);
  const networkKey = await open(settings.networkKeystore);
  const validatorKey = settings.validatorKeystore === undefined ? undefined : await open(settings.validatorKeystore);
  const signer = validatorKey ? new LocalSigner(validatorKey, backend) : undefined;
  validatorKey?.fill(0);
  const metrics = createMetrics({ node: settings.name, processMetrics: true });
  logger.info({ event: 'node.signatures_chosen', backend: backend.name, reason }, `signatures: ${backend.name}`);
  return {
    genesis,
    genesisHash: genesisHash(genesis),
    backend,
    networkKey,
    peerId: peerIdOf(networkKey),
    signer,
    logger,
    metrics,
    demand: new ReceiptDemand(),
  };
}

/** What a node is made of, in the order in which it starts; `closers` end it in the other order. */
async function assemble(
  { settings, version, onFatal }: NodeOptions,
  { disk = systemDisk, executorUrl, overNetwork = (network) => network }: NodeModules,
  foundation: Foundation,
  { closers, stop }: { readonly closers: (() => Promise<void> | void)[]; readonly stop: () => Promise<void> },
): Promise<RunningNode> {
  const { logger, peerId } = foundation;
  await mkdir(settings.dataDirectory, { recursive: true, mode: 0o700 });
  const verifier = createVerifier(settings, foundation.backend, logger);
  closers.push(() => verifier.stop());
  const executor = createExecutor(settings, foundation, onFatal, executorUrl);
  closers.push(() => executor.stop());
  const first = await executor.start();
  const { metrics } = foundation;
  const counted = countedDisk(disk, (file) => metrics.count(STORAGE_METRIC.syncs, 1, { file }));
  const late: { network?: Libp2pNetwork } = {};
  const core = await startCore(coreOptions(settings, foundation), {
    executor,
    verifier,
    first,
    signer: foundation.signer,
    backend: foundation.backend,
    hasher: chooseBulkHasher().hasher,
    createNetwork: (handlers) => {
      late.network = createNetwork(settings, foundation, first, handlers);
      return overNetwork(late.network);
    },
    ...{ timers: systemTimers, disk: counted, freeSpace, randomBytes, nextTurn: systemTurn },
    ...{ logger, metrics: foundation.metrics, onFatal },
  });
  closers.push(() => core.stop());
  const peers = (): readonly PeerReport[] => late.network?.peers() ?? [];
  const rpc = createRpc(settings, foundation, version, { executor, peers, ...core });
  await rpc.start();
  closers.push(() => rpc.stop());
  const { height } = executor.head().header;
  logger.info({ event: 'node.started', peerId, height, rpc: rpc.url }, 'the node serves');
  return { rpcUrl: rpc.url, peerId, height, stop };
}

function createExecutor(
  settings: NodeSettings,
  { genesis, logger, metrics, demand }: Foundation,
  onFatal: NodeOptions['onFatal'],
  workerUrl: URL | undefined,
): ExecutorClient {
  return new ExecutorClient({
    genesis,
    databasePath: join(settings.dataDirectory, 'chain'),
    onFatal,
    ...(workerUrl === undefined ? {} : { workerUrl }),
    wantsReceipts: () => demand.isWanted,
    onNews: (news) => tellNews(news, { metrics, logger }),
    onRestart: ({ cause, transactionIds }) => {
      metrics.count(EXECUTION_METRIC.restarts);
      logger.error(
        { event: 'executor.restarted', cause, transactions: transactionIds.map(toHex) },
        'the executor broke on undecided work and begins anew at the last commit',
      );
    },
  });
}

function createVerifier(settings: NodeSettings, backend: SignatureBackend, logger: Logger): SignaturePool {
  return new SignaturePool({
    // In JavaScript a check takes milliseconds: then none is made here.
    inlineBackend: backend.name === 'native' ? backend : undefined,
    workers: settings.signatureWorkers,
    onWorkerDeath: (reason, final) =>
      logger.error({ event: 'signatures.worker_died', reason, final }, 'a signature worker died'),
  });
}

function coreOptions(settings: NodeSettings, { genesis, genesisHash: hash, peerId }: Foundation): CoreOptions {
  return {
    genesis,
    genesisHash: hash,
    peerId,
    peerAddresses: peerAddresses(settings.peerAddresses),
    dataDirectory: settings.dataDirectory,
    journalDirectory: settings.journalDirectory,
    mempool: { maxTransactions: settings.mempoolTransactions, maxBytes: settings.mempoolBytes },
    freeSpaceWatermarkBytes: settings.freeSpaceWatermarkBytes,
  };
}

interface RpcGround extends Core {
  readonly executor: ExecutorClient;
  readonly peers: () => readonly PeerReport[];
}

function createRpc(
  settings: NodeSettings,
  { genesis, genesisHash: hash, signer, metrics, logger, demand }: Foundation,
  version: string,
  { executor, mempool, engine, disk, peers }: RpcGround,
): RpcServer {
  const { name } = settings;
  return new RpcServer(
    { host: settings.rpcHost, port: settings.rpcPort, chainId: genesis.chainId, genesisHash: hash },
    {
      executor,
      mempool,
      commits: { subscribe: (listener) => engine.onCommit(listener) },
      demand,
      status: {
        facts: () => nodeFacts({ name, version, signer, engine }),
        health: () =>
          nodeHealth({
            ...{ name, version, genesis, genesisHash: hash, signer, engine, executor, mempool, disk, peers },
            nowMs: systemTimers.now,
          }),
        notReadyReasons: () => notReadyReasons({ engine, disk }),
      },
      evidence: () => engine.evidence(),
      contracts: new Map(standardContracts().map((contract) => [contract.name, contract])),
      nowMs: systemTimers.now,
      metrics,
      metricsText: metrics,
      logger,
    },
  );
}

function createNetwork(
  settings: NodeSettings,
  { networkKey, metrics, logger }: Foundation,
  first: CommitResult,
  handlers: NetworkHandlers,
): Libp2pNetwork {
  const configured = peerAddresses(settings.peerAddresses);
  const peers = (first.directory.nodes ?? []).map((node) => withAddresses(node, configured));
  return new Libp2pNetwork(
    { privateKey: networkKey, listen: settings.listenAddresses, peers },
    { handlers, metrics, logger },
  );
}
