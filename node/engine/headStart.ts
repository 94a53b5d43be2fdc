import type { OutlineMessage } from '../../consensus/messageCodec.js';
import { equalBytes, type Hash } from '../../primitives/bytes.js';
import { isCodedError } from '../../primitives/errors.js';
import type { Address } from '../../primitives/types.js';
import { isFatal } from '../execution/errors.js';
import type { BuildRequest, Executor, MemberLead } from '../execution/types.js';
import type { Mempool } from '../mempool/types.js';
import type { Logger, Metrics } from '../ops/ports.js';
import type { BlockSizer } from './blockSizer.js';
import { METRIC } from './metrics.js';
import type { Timers } from './timers.js';

const MILLION = 1_000_000;
/** For so long after an outline broke the executor none is followed: a leader has few threads of others to break. */
const REST_MS = 60_000;
/** A block may be so many times as large as this node would make it: others have seen the same blocks take the same time. */
const SIZE_TOLERANCE = 4;

export interface HeadStartModules {
  readonly executor: Pick<Executor, 'rehearse' | 'head'>;
  readonly mempool: Pick<Mempool, 'byLeafHash' | 'quarantine'>;
  readonly sizer: BlockSizer;
  /**
   * Address of the validator behind a peer, where it leads this very round of the working height and its proposal is not here yet, or
   * the first round of the height after, as far as that is known.
   */
  readonly leaderBehind: (peerId: string, height: number, round: number) => Address | undefined;
  readonly timers: Pick<Timers, 'now' | 'monotonic'>;
  readonly fail: (error: unknown) => void;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** What was, or is being, executed ahead of its proposal. */
interface Ahead {
  readonly round: number;
  /** Of the block that it came to; undefined where it came to none, or was passed over. */
  readonly blockHash: Promise<Hash | undefined> | undefined;
}

/**
 * Executes what a leader is about to propose while the leader builds it, by the very same build: from one state and one outline
 * every node builds one block. So the proposal that follows finds its block executed, or is executed then as if there had been no
 * outline. An outline is a hint of the leader alone: of each round of a height one is looked at, and none is waited for.
 */
export class HeadStart {
  private height = 0;
  private ahead: Ahead | undefined;
  private restsUntilMs = Number.NEGATIVE_INFINITY;
  /** Of the height after this one: its leader may be done with a height before this node is. */
  private next: { readonly peerId: string; readonly outline: OutlineMessage } | undefined;

  constructor(private readonly modules: HeadStartModules) {}

  /** What was executed for lower heights is void. */
  enterHeight(height: number): void {
    this.height = height;
    this.ahead = undefined;
    const { next } = this;
    this.next = undefined;
    if (next !== undefined) this.receive(next.peerId, next.outline);
  }

  receive(peerId: string, outline: OutlineMessage): void {
    const { height, round } = outline;
    const leader = this.modules.leaderBehind(peerId, height, round);
    if (leader === undefined) return;
    if (height === this.height + 1) this.next = { peerId, outline };
    if (height !== this.height || (this.ahead !== undefined && round <= this.ahead.round)) return;
    const request = this.isFollowed(outline) ? this.requestOf(outline, leader) : undefined;
    this.count(request === undefined ? 'passed' : 'begun');
    this.ahead = { round, blockHash: request && this.execute(request, round) };
  }

  /** Whether this node has executed that block of the working height ahead of its proposal. */
  async hasExecuted(blockHash: Hash): Promise<boolean> {
    const executed = await this.ahead?.blockHash;
    if (executed === undefined || !equalBytes(executed, blockHash)) return false;
    this.count('used');
    return true;
  }

  /** A block of this time could be proposed now, and the executor has not been broken by an outline of late. */
  private isFollowed({ timestamp }: OutlineMessage): boolean {
    const { timers, executor } = this.modules;
    const latest = timers.now() + executor.head().parameters.maxClockDriftMs;
    return timestamp <= latest && timers.monotonic() >= this.restsUntilMs;
  }

  /** @returns undefined where a transaction is not here, or comes twice, or all of them are more than a block of this time holds */
  private requestOf(outline: OutlineMessage, proposer: Address): BuildRequest | undefined {
    const { mempool, executor, sizer } = this.modules;
    const { maxBlockTransactions, maxBlockBytes } = executor.head().parameters;
    const { height, round, parentHash, timestamp, maxBytes, maxFuel, leafHashes } = outline;
    if (leafHashes.length > maxBlockTransactions) return undefined;
    let left = Math.min(maxBlockBytes, SIZE_TOLERANCE * sizer.limit(round).bytes);
    const transactions = new Set<Uint8Array>();
    for (const leaf of leafHashes) {
      const bytes = mempool.byLeafHash(leaf)?.bytes;
      if (bytes === undefined || transactions.has(bytes)) return undefined;
      left -= bytes.length;
      // The first has a place whatever its size.
      if (left < 0 && transactions.size > 0) return undefined;
      transactions.add(bytes);
    }
    const leads = memberLeads(outline.leads);
    return { height, parentHash, proposer, timestamp, transactions: [...transactions], maxBytes, maxFuel, leads };
  }

  private async execute(request: BuildRequest, round: number): Promise<Hash | undefined> {
    const { executor, mempool, sizer, logger, fail } = this.modules;
    // Its proposal will seem to take no time: the leader's work on it begins now.
    sizer.begin(round);
    try {
      const { blockHash, poisonous } = await executor.rehearse(request);
      // As where a proposal breaks the executor: this node proposes it no more.
      for (const id of poisonous) mempool.quarantine(id, request.transactions);
      if (blockHash === undefined) this.rest();
      return blockHash;
    } catch (error) {
      if (isFatal(error)) fail(error);
      const code = isCodedError(error) ? error.code : 'UNKNOWN';
      logger.debug({ event: 'engine.head_start_failed', height: request.height, code }, 'an outline was not executed');
      return undefined;
    }
  }

  private rest(): void {
    const { timers, logger } = this.modules;
    this.restsUntilMs = timers.monotonic() + REST_MS;
    logger.warn(
      { event: 'engine.head_starts_rest', height: this.height, restMs: REST_MS },
      'an outline broke the executor: for a while proposals are executed when they come',
    );
  }

  private count(result: 'begun' | 'used' | 'passed'): void {
    this.modules.metrics.count(METRIC.headStarts, 1, { result });
  }
}

/** Leads as an outline names them, in whole millionths: who builds and who follows must begin with the same. */
export function leadsInMillionths(leads: readonly MemberLead[]): OutlineMessage['leads'] {
  return leads.flatMap(({ member, lead }) => {
    const millionths = Math.round(lead * MILLION);
    return millionths > 0 ? [{ member, millionths }] : [];
  });
}

export function memberLeads(leads: OutlineMessage['leads']): readonly MemberLead[] {
  return leads.map(({ member, millionths }) => ({ member, lead: millionths / MILLION }));
}
