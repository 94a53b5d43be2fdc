import { MAX_OUTLINE_LEADS, type OutlineMessage } from '../../consensus/messageCodec.js';
import type {
  BuildBlockEffect,
  ExecuteBlockEffect,
  ExecutedInput,
  FetchBodyEffect,
  InputBody,
} from '../../consensus/types.js';
import { type Hash, toHex } from '../../primitives/bytes.js';
import { isCodedError } from '../../primitives/errors.js';
import { isFatal } from '../execution/errors.js';
import type { BuildRequest, ExecuteResult, Executor } from '../execution/types.js';
import type { CandidateOffer, Mempool } from '../mempool/types.js';
import type { Logger, Metrics } from '../ops/ports.js';
import { leafHashes } from './blockBody.js';
import { type BlockSize, type BlockSizer, NO_BLOCK } from './blockSizer.js';
import type { BodyAssembly } from './bodyAssembly.js';
import type { BodyStore, UndecidedBody } from './bodyStore.js';
import { type HeadStart, leadsInMillionths, memberLeads } from './headStart.js';
import { METRIC } from './metrics.js';
import type { ProposalPace } from './proposalPace.js';
import type { Timers } from './timers.js';

export interface BlockJobsOptions {
  /** Bytes of transactions from which on a leader says what it builds before it does, however fast blocks are executed. */
  readonly outlineBytes: number;
}

export interface BlockJobsModules {
  readonly executor: Pick<Executor, 'build' | 'execute' | 'head'>;
  readonly mempool: Pick<Mempool, 'offer' | 'verifyProposed' | 'reject' | 'quarantine' | 'findQuarantined'>;
  readonly bodies: BodyStore;
  readonly assembly: BodyAssembly;
  readonly sizer: BlockSizer;
  readonly pace: ProposalPace;
  readonly headStart: HeadStart;
  readonly timers: Pick<Timers, 'monotonic'>;
  /** To every validator. */
  readonly sendOutline: (outline: OutlineMessage) => void;
  /** Peers of validators, by their index in the working height's list. */
  readonly peersOf: (validators: readonly number[]) => readonly string[];
  readonly give: (input: InputBody) => void;
  readonly fail: (error: unknown) => void;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** Where the newest block took so long to execute, the next one is begun by all at once: far more than a message takes. */
const OUTLINE_FROM_MS = 20;

/** What consensus waits for but must not wait on: building, fetching and executing blocks. */
export class BlockJobs {
  /** The newest of its kind: an older one is needless. */
  private executing: ExecuteBlockEffect | undefined;
  private height = 0;
  /** Of the newest block that was built, or executed when it was proposed. */
  private executionMs = 0;

  constructor(
    private readonly options: BlockJobsOptions,
    private readonly modules: BlockJobsModules,
  ) {}

  /** Whatever is under way for lower heights is needed no more. @param decided the block of the height before, where there is one */
  enterHeight(height: number, decided = NO_BLOCK): void {
    const { pace, sizer, headStart } = this.modules;
    this.height = height;
    this.executing = undefined;
    pace.decided(sizer.end(decided) ? decided.bytes : 0);
    headStart.enterHeight(height);
  }

  /** What a peer is about to propose, as it says. */
  outlined(peerId: string, outline: OutlineMessage): void {
    this.modules.headStart.receive(peerId, outline);
  }

  build(effect: BuildBlockEffect): void {
    this.run(async () => {
      const { height, round } = effect;
      const body = await this.built(effect);
      if (body === undefined) {
        this.modules.give({ type: 'buildFailed', height, round });
        return;
      }
      const { blockHash, block } = body;
      if (!(await this.isKept(body))) return this.modules.give({ type: 'buildFailed', height, round });
      this.modules.give({ type: 'built', height, round, blockHash, header: block.header });
    });
  }

  private async built(effect: BuildBlockEffect): Promise<UndecidedBody | undefined> {
    const { executor, mempool, logger, sizer } = this.modules;
    const { maxBlockTransactions } = executor.head().parameters;
    const { height, round } = effect;
    sizer.begin(round);
    try {
      const limit = sizer.limit(round);
      const offer = mempool.offer(maxBlockTransactions, limit.bytes, limit.fuel);
      const request = this.announced(effect, offer, limit);
      const { block, blockHash, leftOut } = await this.timed(() => executor.build(request));
      if (leftOut.length > 0) mempool.reject(leftOut);
      return { block, blockHash, leafHashes: leafHashes(block.transactions) };
    } catch (error) {
      if (isFatal(error)) throw error;
      const code = isCodedError(error) ? error.code : 'UNKNOWN';
      logger.info({ event: 'engine.build_failed', height, code }, 'a block was not built');
      return undefined;
    }
  }

  /** What is to be built of an offer; where it takes long, all validators are told, and execute it meanwhile. */
  private announced(effect: BuildBlockEffect, offer: CandidateOffer, limit: BlockSize): BuildRequest {
    const { height, round, parentHash, proposer, timestamp } = effect;
    const { bytes: maxBytes, fuel: maxFuel } = limit;
    const transactions = offer.transactions.map(({ bytes }) => bytes);
    const sizeBytes = sizeOf(transactions);
    const leads = leadsInMillionths(offer.leads);
    const isLong = sizeBytes >= this.options.outlineBytes || this.executionMs >= OUTLINE_FROM_MS;
    if (isLong && transactions.length > 0 && leads.length <= MAX_OUTLINE_LEADS) {
      const leaves = offer.transactions.map(({ leafHash }) => leafHash);
      const outline = { type: 'outline', height, round, parentHash, timestamp, maxBytes, maxFuel, leads } as const;
      this.modules.sendOutline({ ...outline, leafHashes: leaves });
    }
    return { height, parentHash, proposer, timestamp, transactions, maxBytes, maxFuel, leads: memberLeads(leads) };
  }

  execute(effect: ExecuteBlockEffect): void {
    this.executing = effect;
    this.run(async () => {
      const outcome = await this.executed(effect);
      const { height, round, blockHash, header } = effect;
      const isNewest = this.executing === effect;
      if (isNewest) this.executing = undefined;
      // A block that executed may be proposed again, and is kept: of an older one, nothing else is of use.
      const isOfUse = isNewest || (outcome === 'valid' && this.height === height);
      if (outcome === undefined || !isOfUse) return;
      this.modules.give({ type: 'executed', height, round, blockHash, header, outcome });
    });
  }

  /** @returns undefined when a newer block took this one's place */
  private async executed(effect: ExecuteBlockEffect): Promise<ExecutedInput['outcome'] | undefined> {
    const { bodies, mempool, sizer } = this.modules;
    sizer.begin(effect.round);
    const body = await this.obtain(effect);
    if (body === undefined) return 'unavailable';
    if (this.executing !== effect) return undefined;
    try {
      const fault = await mempool.verifyProposed(body.block.transactions, body.leafHashes);
      if (fault !== undefined) return this.refused(effect, fault);
      const isKept = bodies.has(body.blockHash);
      const [result] = await Promise.all([this.result(effect, body), bodies.put(body)]);
      if (result.valid) return 'valid';
      if (result.code === 'HOST_EXCEPTION' && result.transactionId !== undefined) {
        // One poisonous transaction must not stop the network: this node proposes it no more.
        mempool.quarantine(result.transactionId, body.block.transactions);
      }
      if (!isKept) await bodies.release(body.blockHash);
      return this.refused(effect, result);
    } catch (error) {
      return this.unavailable(effect, error);
    }
  }

  /** The header names its transactions, so whoever has executed a block of this hash has executed these. */
  private async result(effect: ExecuteBlockEffect, body: UndecidedBody): Promise<ExecuteResult> {
    const { headStart, executor } = this.modules;
    if (await headStart.hasExecuted(body.blockHash)) return { valid: true };
    const fault = this.quarantineFault(effect, body);
    return fault === undefined ? this.timed(() => executor.execute(body.block)) : { valid: false, ...fault };
  }

  private async timed<T>(execution: () => Promise<T>): Promise<T> {
    const { timers } = this.modules;
    const fromMs = timers.monotonic();
    const result = await execution();
    this.executionMs = timers.monotonic() - fromMs;
    return result;
  }

  /**
   * What broke the executor is not run again to please a leader, unless a quorum has prepared the block: then it may
   * have been this node's own weakness, and the height may need its vote.
   */
  private quarantineFault({ isPrepared }: ExecuteBlockEffect, { block }: UndecidedBody) {
    const id = isPrepared ? undefined : this.modules.mempool.findQuarantined(block.transactions);
    return id && { code: 'TRANSACTION_QUARANTINED', message: `${toHex(id)} is kept out of execution here` };
  }

  private refused(
    { height, round }: ExecuteBlockEffect,
    { code, message }: { readonly code: string; readonly message: string },
  ): 'invalid' {
    this.modules.metrics.count(METRIC.refusedBlocks, 1, { code });
    this.modules.logger.warn(
      { event: 'engine.block_refused', height, round, code, reason: message },
      'a proposed block is not valid here and gets no Prepare',
    );
    return 'invalid';
  }

  /** What cannot be told now is tried again when the proposal comes again; what cannot go on stops the node. */
  private unavailable({ height, round }: ExecuteBlockEffect, error: unknown): 'unavailable' {
    if (isFatal(error) || (isCodedError(error) && error.code === 'BODY_STORE_FAILED')) throw error;
    const code = isCodedError(error) ? error.code : 'UNKNOWN';
    this.modules.logger.warn(
      { event: 'engine.block_put_off', height, round, code },
      'a proposed block was not executed',
    );
    return 'unavailable';
  }

  fetch({ height, blockHash, from }: FetchBodyEffect): void {
    this.run(async () => {
      const body = await this.obtain({ height, blockHash, from });
      if (body === undefined || this.height !== height || !(await this.isKept(body))) return;
      this.modules.give({ type: 'bodyAvailable', blockHash, header: body.block.header });
    });
  }

  /** Without room for it there is nothing to sign for, and nothing to stop for. @throws EngineError `BODY_STORE_FAILED` */
  private async isKept(body: UndecidedBody): Promise<boolean> {
    try {
      await this.modules.bodies.put(body);
      return true;
    } catch (error) {
      if (!isCodedError(error) || error.code !== 'BODY_STORE_FULL') throw error;
      this.modules.logger.warn({ event: 'engine.bodies_full', reason: error.message }, 'a body was not kept');
      return false;
    }
  }

  private obtain({ height, blockHash, from }: Wanted): Promise<UndecidedBody | undefined> {
    const peers = this.modules.peersOf(from);
    return this.modules.assembly.obtain({ height, blockHash, peers, isNeeded: () => this.height === height });
  }

  private run(job: () => Promise<void>): void {
    job().catch(this.modules.fail);
  }
}

interface Wanted {
  readonly height: number;
  readonly blockHash: Hash;
  readonly from: readonly number[];
}

function sizeOf(transactions: readonly Uint8Array[]): number {
  return transactions.reduce((sum, { length }) => sum + length, 0);
}
