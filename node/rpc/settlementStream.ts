import type { ServerResponse } from 'node:http';
import {
  encodeEnd,
  encodeFrame,
  encodeVerdicts,
  FRAME,
  SETTLEMENT_CONTENT_TYPE,
  type SettlementEndReason,
  type SettlementVerdict,
} from '../../api/settlement.js';
import { concatBytes, type Hash } from '../../primitives/bytes.js';
import { fittingIndices, proveReceipts } from '../execution/receiptsProofs.js';
import type { Executor } from '../execution/types.js';
import type { Logger, Metrics } from '../ops/ports.js';
import type { FinalityWaiter, Reservation, Wait, WaitListener } from './finalityWaiter.js';
import { METRIC } from './metrics.js';
import { type IdKey, idKey, type RecentBlock } from './recentBlocks.js';

/** Verdicts wait so long for the first proofs, so that most answers take one write to the socket. */
const VERDICT_HOLD_MS = 20;
/** Frames are written once they have so many bytes. */
const MAX_HELD_BYTES = 1_048_576;
/** A client has so long to read what was left of an answer when it ended. */
const READ_OUT_MS = 10_000;

export interface SettlementStreamOptions {
  readonly timeoutMs: number;
  /** Height up to which the client knows the changes of validators. */
  readonly since: number;
  /** Where the blocks stood before the transactions were judged. */
  readonly mark: number;
  /** How long the client has to read the last bytes. */
  readonly readOutMs?: number | undefined;
}

export interface SettlementStreamModules {
  readonly executor: Pick<Executor, 'receiptsProofs'>;
  readonly waiter: FinalityWaiter;
  readonly metrics: Metrics;
  readonly logger: Logger;
}

/** What the door has of one transaction. */
export interface Taken {
  readonly id: Hash;
  readonly position: number;
  /** Whether it may be on the chain already. */
  readonly isKnown: boolean;
}

/** A part of a block's transactions that is still to be told. */
interface Untold {
  readonly block: RecentBlock;
  readonly indices: readonly number[];
}

/** The answer to one request at the settlement door: verdicts, proofs as blocks hold the transactions, the end. */
export class SettlementStream implements WaitListener {
  readonly #response: ServerResponse;
  readonly #options: SettlementStreamOptions;
  readonly #modules: SettlementStreamModules;
  /** Those without a proof so far. */
  readonly #open = new Map<IdKey, Taken>();
  /** Further positions of those that stand in the request more than once. */
  readonly #twins: Taken[] = [];
  /** Frames that no write has taken. */
  #held: Uint8Array[] = [];
  #heldBytes = 0;
  #hasWritten = false;
  #untold: Untold[] = [];
  #lookUps = 0;
  #wait: Wait | undefined;
  #timer: NodeJS.Timeout | undefined;
  /** Called once the client takes more, or none comes. */
  #onDrain: (() => void)[] = [];
  #isFull = false;
  #hasEnded = false;

  constructor(response: ServerResponse, options: SettlementStreamOptions, modules: SettlementStreamModules) {
    this.#response = response;
    this.#options = options;
    this.#modules = modules;
  }

  /** Answers, with a wait where room was kept for one. What it throws leaves nothing open. */
  begin(verdicts: readonly SettlementVerdict[], taken: readonly Taken[], room: Reservation | undefined): void {
    // First what may fail: nothing is open or answered yet.
    this.#hold(encodeFrame(FRAME.verdicts, encodeVerdicts(verdicts)));
    for (const one of taken) {
      const key = idKey(one.id);
      if (this.#open.has(key)) this.#twins.push(one);
      else this.#open.set(key, one);
    }
    if (room !== undefined && taken.length > 0) this.#openWait(room);
    try {
      this.#response.writeHead(200, { 'content-type': SETTLEMENT_CONTENT_TYPE });
      this.#go(taken.length < verdicts.length);
    } catch (error) {
      this.#close();
      throw error;
    }
  }

  #openWait(room: Reservation): void {
    const { waiter } = this.#modules;
    this.#wait = waiter.open(room, new Set(this.#open.keys()), this.#options.mark, this);
    this.#response.once('close', () => this.#close());
    this.#response.on('drain', () => this.#onDrained());
  }

  #go(hasRefusals: boolean): void {
    if (this.#wait === undefined) {
      this.#end(this.#open.size === 0 ? 'final' : 'time');
      return;
    }
    this.#lookUpMissing(this.#wait);
    this.#tell();
    if (this.#modules.waiter.isStopped) this.#end('stopping');
    if (this.#hasEnded) return;
    const { timeoutMs } = this.#options;
    const holdMs = hasRefusals ? 0 : Math.min(VERDICT_HOLD_MS, timeoutMs);
    this.#timer = setTimeout(() => this.#onHeldLongEnough(timeoutMs - holdMs), holdMs);
  }

  onFinal(block: RecentBlock, indices: readonly number[]): void {
    this.#untold.push({ block, indices });
    if (this.#wait !== undefined) this.#tell();
  }

  onStop(): void {
    this.#end('stopping');
  }

  #onHeldLongEnough(restMs: number): void {
    this.#flush();
    this.#timer = setTimeout(() => this.#end('time'), restMs);
  }

  #onDrained(): void {
    this.#isFull = false;
    this.#letGo();
    this.#tell();
  }

  /** Writes proofs as far as the client takes them, and ends when nothing is open. */
  #tell(): void {
    if (this.#hasEnded) return;
    while (!this.#isFull) {
      const next = this.#untold.shift();
      if (next === undefined) break;
      this.#prove(next);
    }
    if (this.#wait?.missing === 0 && this.#untold.length === 0 && this.#lookUps === 0) this.#end('final');
    // The verdicts alone may wait a little: a proof does not.
    else if (this.#held.length > (this.#hasWritten ? 0 : 1)) this.#flush();
  }

  /** From memory where the block's receipts are there and the client knows its validators; the executor is asked else. */
  #prove({ block, indices }: Untold): void {
    const { receipts } = block.result;
    const { seal } = block;
    if (receipts === undefined || seal === undefined || receipts.lastHandover > this.#options.since) {
      this.#lookUp(indices.map((index) => block.result.included[index]?.id as Hash));
      return;
    }
    const at = (index: number): Uint8Array | undefined => receipts.receipt(index);
    const part = fittingIndices(indices, at);
    const proof = proveReceipts(seal, receipts.tree, part, at);
    this.#modules.metrics.count(METRIC.proofs, part.length, { source: 'memory' });
    this.#push(
      proof,
      part.map((index) => block.keys[index] as IdKey),
    );
    const rest = indices.slice(part.length);
    if (rest.length > 0) this.#untold.unshift({ block, indices: rest });
  }

  /**
   * Those that were known may be on the chain: written so long ago that nobody told of them. So may all, where so many
   * blocks came while they were judged that some of these are not held any more.
   */
  #lookUpMissing(wait: Wait): void {
    const { waiter } = this.#modules;
    const isCovered = waiter.covers(this.#options.mark);
    const ids: Hash[] = [];
    for (const [key, { id, isKnown }] of this.#open) {
      if ((isKnown || !isCovered) && waiter.isMissing(wait, key)) ids.push(id);
    }
    if (ids.length > 0) this.#lookUp(ids);
  }

  #lookUp(ids: readonly Hash[]): void {
    this.#lookUps++;
    this.#ask(ids)
      .catch((error: unknown) => this.#fail(error))
      .finally(() => {
        this.#lookUps--;
        this.#tell();
      });
  }

  async #ask(ids: readonly Hash[]): Promise<void> {
    const { executor, waiter, metrics } = this.#modules;
    for (let rest = ids; rest.length > 0 && !this.#hasEnded; ) {
      const { covered, proofs } = await executor.receiptsProofs(rest, this.#options.since);
      for (const { bytes, ids: proven } of proofs) {
        metrics.count(METRIC.proofs, proven.length, { source: 'executor' });
        const keys = proven.map(idKey);
        for (const key of keys) if (this.#wait !== undefined) waiter.settle(this.#wait, key);
        this.#push(bytes, keys);
      }
      rest = rest.slice(covered);
      if (rest.length === 0) return;
      this.#flush();
      await this.#drained();
    }
  }

  #fail(error: unknown): void {
    const { logger } = this.#modules;
    if (!this.#hasEnded)
      logger.warn({ event: 'rpc.proofs_failed', error }, 'Proofs could not be read: a client asks again');
    this.#end('failed');
  }

  #drained(): Promise<void> {
    return new Promise((resolve) => {
      if (this.#isFull && !this.#hasEnded) this.#onDrain.push(resolve);
      else resolve();
    });
  }

  #letGo(): void {
    for (const goOn of this.#onDrain.splice(0)) goOn();
  }

  #push(proof: Uint8Array, keys: readonly IdKey[]): void {
    this.#hold(encodeFrame(FRAME.proof, proof));
    for (const key of keys) this.#open.delete(key);
    if (this.#heldBytes > MAX_HELD_BYTES) this.#flush();
  }

  #hold(frame: Uint8Array): void {
    this.#held.push(frame);
    this.#heldBytes += frame.length;
  }

  #flush(): void {
    if (this.#hasEnded || this.#held.length === 0) return;
    const frames = concatBytes(...this.#held);
    this.#held = [];
    this.#heldBytes = 0;
    this.#hasWritten = true;
    if (!this.#response.write(frames)) this.#isFull = true;
  }

  #end(reason: SettlementEndReason): void {
    if (this.#hasEnded) return;
    this.#close();
    const twins = this.#twins.filter(({ id }) => this.#open.has(idKey(id)));
    const unknown = [...this.#open.values(), ...twins].map(({ position }) => position).sort((a, b) => a - b);
    const frames = [...this.#held, encodeFrame(FRAME.end, encodeEnd({ reason, unknown }))];
    // Whoever does not read what it waited for is not waited for.
    if (this.#isFull && reason === 'time') {
      this.#response.destroy();
      return;
    }
    this.#response.end(concatBytes(...frames));
    const timer = setTimeout(() => this.#response.destroy(), this.#options.readOutMs ?? READ_OUT_MS);
    this.#response.once('close', () => clearTimeout(timer));
  }

  #close(): void {
    if (this.#hasEnded) return;
    this.#hasEnded = true;
    clearTimeout(this.#timer);
    this.#letGo();
    this.#untold = [];
    if (this.#wait !== undefined) this.#modules.waiter.close(this.#wait);
  }
}
