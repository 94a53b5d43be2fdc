import { emptyRecord, encodeJournalRecord } from '../../../consensus/journalRecord.js';
import type { ExecutableContract } from '../../../contracts/api/host.js';
import type { Genesis } from '../../../genesis/types.js';
import { type Core, type CoreModules, startCore } from '../../../node/core.js';
import { createJournal } from '../../../node/engine/journal.js';
import type { EngineLimits } from '../../../node/engine/limits.js';
import type { TimerHandle, Timers } from '../../../node/engine/timers.js';
import { ChainExecutor } from '../../../node/execution/chainExecutor.js';
import type { CommitResult } from '../../../node/execution/types.js';
import type { Network, NetworkHandlers } from '../../../node/network/types.js';
import type { Logger, Metrics } from '../../../node/ops/ports.js';
import { chooseBulkHasher } from '../../../node/state/bulkHasher.js';
import type { Hash } from '../../../primitives/bytes.js';
import type { SignatureBackend } from '../../../primitives/types.js';
import { SimulatedDisk } from './disk.js';
import type { FaultCounts } from './faults.js';
import { type Death, Life, never } from './life.js';
import type { SimulatedNetwork } from './network.js';
import { Random, seedOf } from './random.js';
import { RemoteExecutor } from './remoteExecutor.js';
import { type SimulatedBank, START_MS } from './settlement.js';
import { signerOf, verifierOf } from './signatures.js';
import type { Scheduled, VirtualTime } from './virtualTime.js';

/** The disk's paths of every node. */
export const PATHS = {
  data: '/node',
  chain: '/node/chain',
  journal: '/node/journal',
  journalFile: '/node/journal/signing.journal',
} as const;

/** What a sync takes at most on a good disk. */
export const SYNC_MS = 2;
const MEMPOOL = { maxTransactions: 1_000, maxBytes: 4_000_000 } as const;
const FREE_SPACE_WATERMARK_BYTES = 2 ** 20;

/** What is the same for all nodes of a world. */
export interface NodeGround {
  readonly seed: number;
  readonly genesis: Genesis;
  readonly genesisHash: Hash;
  readonly backend: SignatureBackend;
  readonly time: VirtualTime;
  readonly network: SimulatedNetwork;
  readonly faults: FaultCounts;
  readonly engineLimits: Partial<EngineLimits>;
  readonly contracts: readonly ExecutableContract[];
  /** Told each line that a node logs; the text is made only where somebody reads it. */
  readonly log: (node: SimulatedNode, level: string, event: string, text: () => string) => void;
}

/** Changes to a node: a faulty holder's, or a bug planted to see that a checker finds it. */
export interface Surgery {
  /** Stands between the engine and its network, in both directions. */
  readonly network?: (inner: Network, node: SimulatedNode) => Network;
  readonly handlers?: (inner: NetworkHandlers, node: SimulatedNode) => NetworkHandlers;
  /** Changes what a life is made of before it begins. */
  readonly modules?: (modules: CoreModules, node: SimulatedNode) => CoreModules;
  /** Given each life once it runs. */
  readonly started?: (core: Core, node: SimulatedNode) => void;
}

/**
 * `fit`: held to everything. `damaged`: its disk may fail it in any way; it is held to safety, and not to being there.
 * `byzantine`: held to nothing.
 */
export type Role = 'fit' | 'damaged' | 'byzantine';

export interface NodeOptions {
  /** Number of its bank; twins share it. */
  readonly bank: SimulatedBank;
  readonly index: number;
  readonly peerId: string;
  readonly role: Role;
  readonly surgery: Surgery;
}

/** Who hears of a node's fortunes. */
export interface NodeListener {
  committed(node: SimulatedNode, result: CommitResult): void;
  /** It cannot go on, or not begin. */
  failed(node: SimulatedNode, error: unknown): void;
  died(node: SimulatedNode, death: Death): void;
}

/** A real node, but for its world: it lives, dies and lives again on one disk. */
export class SimulatedNode {
  readonly disk: SimulatedDisk;
  readonly random: Random;
  /** Its clock against the world's. */
  skewMs = 0;
  /** Undefined while no process runs. */
  life: Life | undefined;
  /** Undefined until it has started. */
  core: Core | undefined;
  executor: ChainExecutor | undefined;
  #remote: RemoteExecutor | undefined;
  lives = 0;

  constructor(
    readonly options: NodeOptions,
    readonly ground: NodeGround,
    private readonly listener: NodeListener,
  ) {
    this.random = new Random(seedOf(ground.seed, options.peerId));
    this.disk = new SimulatedDisk(
      ground.time,
      new Random(seedOf(ground.seed, `${options.peerId} disk`)),
      ground.faults,
    );
  }

  get name(): string {
    return this.options.peerId;
  }

  get isHonest(): boolean {
    return this.options.role !== 'byzantine';
  }

  get isFit(): boolean {
    return this.options.role === 'fit';
  }

  get height(): number {
    return this.core?.engine.status().height ?? 0;
  }

  /** True when a question to its executor is answered before anything else happens in the world. */
  get isIdle(): boolean {
    return this.#remote?.isIdle ?? true;
  }

  /** Makes the key's first journal, as `vostro node join` does, before anything of the world moves. */
  async install(): Promise<void> {
    const life = new Life(() => undefined);
    const { genesisHash } = this.ground;
    const { address } = this.options.bank.key;
    const disk = this.disk.view(life);
    const journal = await createJournal(
      { directory: PATHS.journal, genesisHash, address, disk, randomBytes: (size) => this.#draw(size) },
      encodeJournalRecord(emptyRecord(0)),
    );
    await journal.close();
    this.disk.syncMs = SYNC_MS;
  }

  /** Starts a process on what the disk holds. */
  start(): void {
    if (this.life !== undefined) return;
    const life = new Life((death) => this.die(death));
    this.life = life;
    this.lives++;
    this.#boot(life).catch((error: unknown) => this.#fail(life, error));
  }

  async #boot(life: Life): Promise<void> {
    const { genesis, genesisHash, backend, time, engineLimits, contracts } = this.ground;
    const { bank, peerId, surgery } = this.options;
    const disk = this.disk.view(life);
    const onFatal = (error: unknown): void => this.#fail(life, error);
    const drawn = { randomBytes: (size: number) => this.#draw(size), nextTurn: () => Promise.resolve() };
    const inner = new ChainExecutor(
      { genesis, databasePath: PATHS.chain, onFatal },
      { contracts, openEngine: this.disk.openEngine(life), disk, ...drawn },
    );
    this.executor = inner;
    const executor = new RemoteExecutor({ inner, life, time, workMs: () => this.random.next() * 8 });
    this.#remote = executor;
    const first = await executor.start();
    const modules: CoreModules = {
      ...drawn,
      executor,
      first,
      signer: signerOf(bank.key, backend),
      backend,
      verifier: verifierOf(backend),
      hasher: chooseBulkHasher().hasher,
      createNetwork: (handlers) => this.#network(life, handlers),
      timers: this.#timers(life),
      disk,
      freeSpace: (_, watermarks) => this.#freeSpace(life, watermarks),
      logger: this.#logger(life),
      metrics: SILENT_METRICS,
      onFatal,
    };
    const core = await startCore(
      {
        genesis,
        genesisHash,
        peerId,
        peerAddresses: new Map(),
        dataDirectory: PATHS.data,
        journalDirectory: PATHS.journal,
        mempool: MEMPOOL,
        freeSpaceWatermarkBytes: FREE_SPACE_WATERMARK_BYTES,
        engineLimits,
      },
      surgery.modules?.(modules, this) ?? modules,
    );
    if (!life.isAlive) return;
    this.core = core;
    core.engine.onCommit((result) => {
      if (life.isAlive) this.listener.committed(this, result);
    });
    surgery.started?.(core, this);
  }

  #network(life: Life, handlers: NetworkHandlers): Network {
    const { surgery, peerId } = this.options;
    const endpoint = this.ground.network.endpoint(life, peerId, surgery.handlers?.(handlers, this) ?? handlers);
    return surgery.network?.(endpoint, this) ?? endpoint;
  }

  #freeSpace(life: Life, watermarks: Parameters<SimulatedDisk['freeSpace']>[0] | undefined) {
    if (!life.isAlive || watermarks === undefined) return never<Awaited<ReturnType<SimulatedDisk['freeSpace']>>>();
    return this.disk.freeSpace(watermarks);
  }

  /** The process is no more, with all that it did not sync where the power went. */
  die(death: Death): void {
    if (this.life === undefined) return;
    this.#end(this.life);
    if (death === 'power') this.disk.losePower();
    this.listener.died(this, death);
  }

  /** Ends the process as an operator does. */
  async stop(): Promise<void> {
    const { life, core, executor } = this;
    if (life === undefined || core === undefined) return;
    this.core = undefined;
    await core.stop();
    await executor?.stop();
    if (this.life === life) this.#end(life);
  }

  #fail(life: Life, error: unknown): void {
    if (!life.isAlive) return;
    this.#end(life);
    this.listener.failed(this, error);
  }

  #end(life: Life): void {
    life.isAlive = false;
    this.life = undefined;
    this.core = undefined;
    this.ground.network.review();
  }

  #draw(size: number): Uint8Array {
    return Uint8Array.from({ length: size }, () => this.random.integer(0, 255));
  }

  #timers(life: Life): Timers {
    const { time } = this.ground;
    return {
      now: () => START_MS + Math.floor(time.nowMs) + this.skewMs,
      monotonic: () => time.nowMs,
      set: (callback, delayMs) => ({ id: time.after(delayMs, () => (life.isAlive ? callback() : undefined)) }),
      clear: ({ id }: TimerHandle) => {
        (id as Scheduled).isCancelled = true;
      },
    };
  }

  #logger(life: Life): Logger {
    const at =
      (level: string): Logger['info'] =>
      ({ event, ...fields }, message) => {
        if (life.isAlive) this.ground.log(this, level, event, () => `${message} ${shown(fields)}`);
      };
    return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
  }
}

function shown(fields: object): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${String(value)}`)
    .join(' ');
}

const SILENT_METRICS: Metrics = { count: () => undefined, gauge: () => undefined };
