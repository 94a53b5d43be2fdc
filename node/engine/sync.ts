import { isCodedError } from '../../primitives/errors.js';
import type { ChainHead } from '../execution/types.js';
import type { Network } from '../network/types.js';
import type { Logger, Metrics } from '../ops/ports.js';
import { type ChainCheckModules, proveBlocks } from './certifiedChain.js';
import { EngineError } from './errors.js';
import { REQUEST_LIMITS } from './limits.js';
import { METRIC } from './metrics.js';
import { type CertifiedBlock, decodeBlocks, encodeRequest } from './requestCodec.js';
import type { TimerHandle, Timers } from './timers.js';

export interface SyncOptions {
  readonly requestTimeoutMs: number;
  /** Failures in a row, of whichever peers, before it pauses. */
  readonly attempts: number;
  /** The pause. */
  readonly retryMs: number;
}

export interface SyncModules extends ChainCheckModules {
  readonly network: Pick<Network, 'request' | 'penalise'>;
  readonly timers: Timers;
  readonly head: () => ChainHead;
  /** Commits the block that follows the head, or nothing when the head has moved on. Resolves when it is on the disk. */
  readonly commit: (certified: CertifiedBlock) => Promise<void>;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** How far a peer says it is. */
interface Source {
  headHeight: number;
  failures: number;
}

interface Download {
  readonly peerId: string;
  readonly blocks: Promise<readonly CertifiedBlock[] | undefined>;
}

/** Failures after which a peer's word about its height counts for nothing, until it gives it again. */
const DISPROVED: ReadonlySet<string> = new Set(['NOT_FOUND', 'ANSWER_MALFORMED', 'ANSWER_UNPROVEN']);

/**
 * Fetches the blocks that this node lacks: ranges, one being proven and committed while the next comes from another
 * peer. What a peer says of its height only decides whom to ask; only proven blocks are committed. A peer that lies is
 * counted and another one asked.
 */
export class Synchroniser {
  private readonly sources = new Map<string, Source>();
  private running = false;
  private stopped = false;
  private failures = 0;
  private lastPeer: string | undefined;
  private retry: TimerHandle | undefined;

  constructor(
    private readonly options: SyncOptions,
    private readonly modules: SyncModules,
  ) {}

  /** A peer says, in whatever way, that it has this height. */
  claim(peerId: string, headHeight: number): void {
    const source = this.sources.get(peerId);
    if (source === undefined) this.sources.set(peerId, { headHeight, failures: 0 });
    else source.headHeight = Math.max(source.headHeight, headHeight);
    this.start();
  }

  forget(peerId: string): void {
    this.sources.delete(peerId);
  }

  stop(): void {
    this.stopped = true;
    if (this.retry !== undefined) this.modules.timers.clear(this.retry);
  }

  /** True while some connected peer says that it has more than this node. */
  get isBehind(): boolean {
    return this.candidates(this.modules.head().header.height + 1).length > 0;
  }

  private start(): void {
    if (this.running || this.stopped || this.retry !== undefined || !this.isBehind) return;
    this.running = true;
    this.run().then(
      () => {
        this.running = false;
        this.start();
      },
      (error: unknown) => {
        // Whatever is not a peer's fault has been told where it happened: the engine is stopping.
        this.running = false;
        this.stop();
        const reason = error instanceof Error ? error.message : String(error);
        this.modules.logger.error({ event: 'engine.sync_stopped', reason }, 'fetching blocks has stopped');
      },
    );
  }

  private async run(): Promise<void> {
    let next: Download | undefined;
    while (!this.stopped) {
      const download = next ?? this.ask(this.modules.head().header.height + 1);
      next = undefined;
      if (download === undefined) return;
      const blocks = await download.blocks;
      if (blocks === undefined) {
        if (this.failures < this.options.attempts) continue;
        this.pause();
        return;
      }
      next = this.ask((blocks.at(-1)?.block.header.height ?? 0) + 1);
      if (!(await this.adopt(blocks, download.peerId))) next = undefined;
    }
  }

  private pause(): void {
    this.failures = 0;
    this.retry = this.modules.timers.set(() => {
      this.retry = undefined;
      this.start();
    }, this.options.retryMs);
  }

  /** Asks the peer with the fewest failures, another one than the last where there is one. */
  private ask(fromHeight: number): Download | undefined {
    const candidates = this.candidates(fromHeight);
    const others = candidates.filter(([peerId]) => peerId !== this.lastPeer);
    const [best] = (others.length > 0 ? others : candidates).sort(([, a], [, b]) => a.failures - b.failures);
    if (best === undefined) return undefined;
    const [peerId, source] = best;
    this.lastPeer = peerId;
    return { peerId, blocks: this.download(peerId, source, fromHeight) };
  }

  private candidates(height: number): [string, Source][] {
    return [...this.sources].filter(([, source]) => source.headHeight >= height);
  }

  /** @returns undefined when the peer gave nothing of use. */
  private async download(
    peerId: string,
    source: Source,
    fromHeight: number,
  ): Promise<readonly CertifiedBlock[] | undefined> {
    const { blocks: maxCount, answerBytes: maxBytes } = REQUEST_LIMITS;
    const request = encodeRequest({ type: 'blocks', fromHeight, maxCount, maxBytes });
    try {
      const answer = await this.modules.network.request(peerId, request, this.options.requestTimeoutMs);
      const blocks = this.read(answer, peerId);
      if (blocks.length === 0) throw absent(fromHeight);
      source.failures = 0;
      this.modules.metrics.count(METRIC.syncRequests, 1, { result: 'answered' });
      return blocks;
    } catch (error) {
      this.failed(peerId, source, fromHeight, error);
      return undefined;
    }
  }

  private read(answer: Uint8Array, peerId: string): readonly CertifiedBlock[] {
    try {
      return decodeBlocks(answer);
    } catch (error) {
      if (!isCodedError(error)) throw error;
      const fault = new EngineError('ANSWER_MALFORMED', `the blocks of ${peerId} do not decode: ${error.message}`, {
        expected: 'blocks with their certificates',
        actual: error.message,
      });
      this.modules.network.penalise(peerId, fault);
      throw fault;
    }
  }

  /** The peer is asked last from now on, and not at all when it does not give what it said that it has. */
  private failed(peerId: string, source: Source, fromHeight: number, error: unknown): void {
    const code = isCodedError(error) ? error.code : 'UNKNOWN';
    const reason = error instanceof Error ? error.message : String(error);
    this.failures++;
    source.failures++;
    if (DISPROVED.has(code) || source.failures >= this.options.attempts)
      source.headHeight = Math.min(source.headHeight, fromHeight - 1);
    this.modules.metrics.count(METRIC.syncRequests, 1, { result: code });
    this.modules.logger.info(
      { event: 'engine.sync_failed', peerId, fromHeight, code, reason },
      'a peer did not give the blocks that it was asked for',
    );
  }

  /** Proves and commits what follows the head. @returns false when the peer gave what cannot be proven. */
  private async adopt(blocks: readonly CertifiedBlock[], peerId: string): Promise<boolean> {
    let rest = blocks;
    while (rest.length > 0 && !this.stopped) {
      const head = this.modules.head();
      rest = rest.filter(({ block }) => block.header.height > head.header.height);
      const proven = await this.prove(rest, head, peerId);
      if (proven === undefined) return false;
      for (const certified of proven) await this.modules.commit(certified);
      this.modules.metrics.count(METRIC.syncedBlocks, proven.length);
      this.failures = 0;
      rest = rest.slice(proven.length);
    }
    return true;
  }

  private async prove(
    blocks: readonly CertifiedBlock[],
    head: ChainHead,
    peerId: string,
  ): Promise<readonly CertifiedBlock[] | undefined> {
    try {
      return await proveBlocks(blocks, head, this.modules);
    } catch (error) {
      if (!isCodedError(error)) throw error;
      if (error.code === 'ANSWER_UNPROVEN') this.modules.network.penalise(peerId, error);
      const source = this.sources.get(peerId);
      if (source !== undefined) this.failed(peerId, source, head.header.height + 1, error);
      return undefined;
    }
  }
}

function absent(fromHeight: number): EngineError {
  return new EngineError('NOT_FOUND', `expected blocks from height ${fromHeight}, found none`, {
    expected: `blocks from height ${fromHeight}`,
    actual: 'none',
  });
}
