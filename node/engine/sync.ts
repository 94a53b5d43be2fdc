import { isCodedError } from '../../primitives/errors.js';
import type { CertifiedBlock, ChainHead } from '../execution/types.js';
import type { Network } from '../network/types.js';
import type { Logger, Metrics } from '../ops/ports.js';
import { type ChainCheckModules, type ProvenBlocks, type ProvenTip, proveBlocks } from './certifiedChain.js';
import { EngineError } from './errors.js';
import { REQUEST_LIMITS } from './limits.js';
import { METRIC } from './metrics.js';
import { decodeBlocks, encodeRequest } from './requestCodec.js';
import type { SyncOptions } from './syncOptions.js';
import type { SyncFault } from './syncPeers.js';
import { type HeldRange, type Question, SyncPlan } from './syncPlan.js';
import { SyncProgress, type SyncStatus } from './syncProgress.js';
import { SyncReport } from './syncReport.js';
import type { TimerHandle, Timers } from './timers.js';

export interface SyncModules extends ChainCheckModules {
  readonly network: Pick<Network, 'request' | 'penalise'>;
  readonly timers: Timers;
  readonly head: () => ChainHead;
  /** Commits blocks in the order of their heights; those that the chain has by now are left out. Resolves when all are on the disk. */
  readonly commit: (blocks: readonly CertifiedBlock[]) => Promise<void>;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

type Range = HeldRange<readonly CertifiedBlock[]>;

/** Failures that tell that a peer has not what it said. */
const ABSENT: ReadonlySet<string> = new Set(['NOT_FOUND']);
const LIES: ReadonlySet<string> = new Set(['ANSWER_MALFORMED', 'ANSWER_UNPROVEN']);

/**
 * Fetches the blocks that this node lacks: ranges from several peers at once, proven in their order as they come while
 * those before are executed and written. What a peer says of its height only decides whom to ask; only proven blocks are
 * committed. A peer that lies is counted and left alone for a while, and another one asked.
 */
export class Synchroniser {
  private readonly plan: SyncPlan<readonly CertifiedBlock[]>;
  private readonly progress = new SyncProgress();
  private readonly report: SyncReport;
  private isProving = false;
  private isStopped = false;
  /** The last proven block: what comes next is proven upon it before it is committed. */
  private tip: ProvenTip | undefined;
  private committing: Promise<void> = Promise.resolve();
  private look: TimerHandle | undefined;

  constructor(
    private readonly options: SyncOptions,
    private readonly modules: SyncModules,
  ) {
    const { timers, logger } = modules;
    this.plan = new SyncPlan(options, modules.head().header.height + 1);
    this.report = new SyncReport(
      { intervalMs: options.reportMs },
      { timers, logger, progress: this.progress, status: () => this.status() },
    );
  }

  /** A peer says, in whatever way, that it has this height: it tells whom to ask (PROTOCOL §What is asked N1). */
  claim(peerId: string, headHeight: number): void {
    this.plan.peers.claim(peerId, headHeight, this.nowMs);
    this.go();
  }

  forget(peerId: string): void {
    this.plan.peers.forget(peerId);
  }

  stop(): void {
    this.isStopped = true;
    this.report.stop();
    if (this.look !== undefined) this.modules.timers.clear(this.look);
  }

  /** True while some connected peer says that it has more than this node. */
  get isBehind(): boolean {
    return this.plan.peers.highestClaim > this.height;
  }

  status(): SyncStatus {
    const { height, nowMs } = this;
    const targetHeight = Math.max(height, this.plan.peers.claimBeyond(this.faulty));
    const pace = this.progress.pace(height, targetHeight, nowMs);
    return { height, targetHeight, ...pace, peers: this.plan.peers.status(nowMs) };
  }

  private get faulty(): number {
    return Math.floor((this.modules.head().validators.length - 1) / 3);
  }

  private get height(): number {
    return this.modules.head().header.height;
  }

  private get nowMs(): number {
    return this.modules.timers.monotonic();
  }

  /** Does whatever is to be done now. */
  private go(): void {
    if (this.isStopped) return;
    this.plan.advance(this.height);
    for (const question of this.plan.ask(this.nowMs)) this.run(this.fetch(question));
    if (!this.isProving) this.run(this.prove());
    this.lookAgain();
    this.tell();
  }

  private run(work: Promise<void>): void {
    work.catch((error: unknown) => {
      if (this.isStopped) return;
      // Whatever is not a peer's fault has been told where it happened: the engine is stopping.
      this.stop();
      const reason = error instanceof Error ? error.message : String(error);
      this.modules.logger.error({ event: 'engine.sync_stopped', reason }, 'fetching blocks has stopped');
    });
  }

  private lookAgain(): void {
    const { timers } = this.modules;
    if (this.look !== undefined) timers.clear(this.look);
    const { nowMs } = this;
    const atMs = this.plan.nextLookMs(nowMs);
    this.look = atMs === undefined ? undefined : timers.set(() => this.go(), atMs - nowMs);
  }

  private async fetch(question: Question): Promise<void> {
    const { id, peerId, fromHeight, count } = question;
    const request = encodeRequest({
      type: 'blocks',
      fromHeight,
      maxCount: count,
      maxBytes: REQUEST_LIMITS.answerBytes,
    });
    try {
      const bytes = await this.modules.network.request(peerId, request, this.options.requestTimeoutMs);
      const blocks = readBlocks(bytes, question);
      this.plan.answered(id, blocks, { count: blocks.length, bytes: bytes.length }, this.nowMs);
      this.modules.metrics.count(METRIC.syncRequests, 1, { result: 'answered' });
    } catch (error) {
      this.plan.failed(id, this.faultOf(peerId, fromHeight, error), this.nowMs);
    }
    this.go();
  }

  /** Tells what a peer did not give, and counts it against it where no honest peer would have (PROTOCOL §What is asked N3). */
  private faultOf(peerId: string, fromHeight: number, error: unknown): SyncFault {
    const code = isCodedError(error) ? error.code : 'UNKNOWN';
    const reason = error instanceof Error ? error.message : String(error);
    this.modules.metrics.count(METRIC.syncRequests, 1, { result: code });
    this.modules.logger.info(
      { event: 'engine.sync_failed', peerId, fromHeight, code, reason },
      'a peer did not give the blocks that it was asked for',
    );
    if (ABSENT.has(code)) return 'absent';
    if (!isCodedError(error) || !LIES.has(code)) return 'unavailable';
    this.modules.network.penalise(peerId, error);
    return 'lie';
  }

  /**
   * Proves what is next in line, range after range, while what was proven before is being committed. PROTOCOL §What is
   * asked N4.
   */
  private async prove(): Promise<void> {
    this.isProving = true;
    try {
      for (let range = this.plan.take(); range !== undefined && !this.isStopped; range = this.plan.take()) {
        await this.proveRange(range);
        this.go();
      }
    } finally {
      this.isProving = false;
    }
  }

  private async proveRange(range: Range): Promise<void> {
    let rest: readonly CertifiedBlock[] = range.answer;
    for (;;) {
      const parent = await this.parent();
      rest = rest.filter(({ block }) => block.header.height > parent.header.height);
      if (rest.length === 0) break;
      const proof = await this.proven(range, rest, parent);
      if (proof === undefined) return;
      this.tip = proof.tip;
      this.commit(proof.proven);
      rest = rest.slice(proof.proven.length);
    }
    this.run(
      this.committing.then(() => {
        this.plan.release(range);
        this.go();
      }),
    );
  }

  /** What the next block is proven upon. After a change of validators that is the committed state, which names the new ones. */
  private async parent(): Promise<ProvenTip> {
    if (this.tip?.isHandover === true) await this.committing;
    const head = this.modules.head();
    if (this.tip !== undefined && !this.tip.isHandover && this.tip.header.height > head.header.height) return this.tip;
    return { header: head.header, blockHash: head.blockHash, validators: head.validators, isHandover: false };
  }

  /** @returns undefined when the peer gave what cannot be proven */
  private async proven(
    range: Range,
    blocks: readonly CertifiedBlock[],
    parent: ProvenTip,
  ): Promise<ProvenBlocks | undefined> {
    try {
      return await proveBlocks(blocks, parent, this.modules);
    } catch (error) {
      if (!isCodedError(error)) throw error;
      const fromHeight = parent.header.height + 1;
      this.plan.reject(range, fromHeight, this.faultOf(range.peerId, fromHeight, error), this.nowMs);
      return undefined;
    }
  }

  private commit(blocks: readonly CertifiedBlock[]): void {
    this.committing = this.committing.then(async () => {
      for (const group of groupsOf(blocks, this.options)) {
        if (this.isStopped) return;
        await this.modules.commit(group);
        this.modules.metrics.count(METRIC.syncedBlocks, group.length);
        this.progress.note(this.height, this.plan.peers.claimBeyond(this.faulty), this.nowMs);
      }
    });
    this.run(this.committing);
  }

  private tell(): void {
    const { metrics } = this.modules;
    const { targetHeight, height, blocksPerSecond } = this.status();
    metrics.gauge(METRIC.syncBehind, targetHeight - height);
    metrics.gauge(METRIC.syncRate, blocksPerSecond);
    metrics.gauge(METRIC.syncBytes, this.plan.bytes);
    this.report.look();
  }
}

/** @throws EngineError `ANSWER_MALFORMED`, `NOT_FOUND` */
function readBlocks(bytes: Uint8Array, { peerId, fromHeight, count }: Question): readonly CertifiedBlock[] {
  const blocks = decoded(bytes, peerId);
  if (blocks.length > count) throw malformed(peerId, `at most ${count} blocks`, `${blocks.length}`);
  if (blocks.length > 0) return blocks;
  throw new EngineError('NOT_FOUND', `expected blocks from height ${fromHeight}, found none`, {
    expected: `blocks from height ${fromHeight}`,
    actual: 'none',
  });
}

function decoded(bytes: Uint8Array, peerId: string): readonly CertifiedBlock[] {
  try {
    return decodeBlocks(bytes);
  } catch (error) {
    if (!isCodedError(error)) throw error;
    throw malformed(peerId, 'blocks with their certificates', error.message);
  }
}

function malformed(peerId: string, expected: string, actual: string): EngineError {
  return new EngineError('ANSWER_MALFORMED', `the blocks of ${peerId}: expected ${expected}, found ${actual}`, {
    expected,
    actual,
    hint: 'another peer is asked',
  });
}

/** Blocks in groups that one write takes. */
function* groupsOf(
  blocks: readonly CertifiedBlock[],
  { commitBlocks, commitBytes }: Pick<SyncOptions, 'commitBlocks' | 'commitBytes'>,
): Generator<readonly CertifiedBlock[]> {
  let group: CertifiedBlock[] = [];
  let bytes = 0;
  for (const certified of blocks) {
    group.push(certified);
    bytes += certified.block.transactions.reduce((sum, { length }) => sum + length, 0);
    if (group.length < commitBlocks && bytes < commitBytes) continue;
    yield group;
    group = [];
    bytes = 0;
  }
  if (group.length > 0) yield group;
}
