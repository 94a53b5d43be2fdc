import { decodeBlock, headerHash } from '../../primitives/block.js';
import { equalBytes, type Hash, type Hex, toHex } from '../../primitives/bytes.js';
import { isCodedError } from '../../primitives/errors.js';
import { LIMITS } from '../../primitives/limits.js';
import type { PairHasher } from '../../primitives/merkle.js';
import type { BlockHeader } from '../../primitives/types.js';
import type { Mempool } from '../mempool/types.js';
import type { Network } from '../network/types.js';
import type { Logger, Metrics } from '../ops/ports.js';
import { byteKey, hasCommittedRoot, leafHash, leafHashes } from './blockBody.js';
import type { BodyStore, UndecidedBody } from './bodyStore.js';
import { EngineError } from './errors.js';
import { METRIC } from './metrics.js';
import { decodeTransactions, encodeRequest } from './requestCodec.js';

/** A body that is wanted. */
export interface WantedBody {
  readonly height: number;
  readonly blockHash: Hash;
  /** Peers that may have it, the likeliest first. */
  readonly peers: readonly string[];
  /** Turns false when nobody waits for it any more. */
  readonly isNeeded: () => boolean;
}

export interface BodyAssemblyModules {
  readonly bodies: BodyStore;
  readonly mempool: Pick<Mempool, 'byLeafHash'>;
  readonly network: Pick<Network, 'request' | 'penalise'>;
  readonly hasher: PairHasher;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface BodyAssemblyOptions {
  readonly requestTimeoutMs: number;
  /** Peers asked for one body. */
  readonly attempts: number;
}

/** The leaves of a proposed block, as the peer who sent the proposal names them: unsigned, so nothing but a hint. */
interface Offer {
  readonly header: BlockHeader;
  readonly leafHashes: readonly Hash[];
  readonly peerId: string;
}

/** Offers that wait; one height has few proposals. */
const MAX_OFFERS = 32;
/** Requests to one peer for one body: an answer holds half a block or more. */
const REQUESTS_PER_PEER = 4;

/**
 * Gets the bodies of proposed blocks: from the disk, from the mempool by the leaves that came with the proposal, the rest
 * from whoever has it, and where that fails, whole from a peer. Only what hashes to the header's root leaves this room.
 */
export class BodyAssembly {
  private readonly offers = new Map<Hex, Offer>();
  private readonly running = new Map<Hex, Promise<UndecidedBody | undefined>>();

  constructor(
    private readonly options: BodyAssemblyOptions,
    private readonly modules: BodyAssemblyModules,
  ) {}

  /** Notes the leaves that came with a proposal; the first that match the header's root count. */
  offer(header: BlockHeader, blockHash: Hash, leaves: readonly Hash[], peerId: string): void {
    const key = toHex(blockHash);
    if (this.offers.has(key) || !equalBytes(headerHash(header), blockHash)) return;
    if (!hasCommittedRoot(header, leaves, this.modules.hasher)) {
      this.modules.network.penalise(peerId, mismatch(blockHash, 'the leaves of a proposal'));
      return;
    }
    this.offers.set(key, { header, leafHashes: leaves, peerId });
    const [oldest] = this.offers.keys();
    if (this.offers.size > MAX_OFFERS && oldest !== undefined) this.offers.delete(oldest);
  }

  /** Forgets the offers of heights that are decided. */
  removeDecided(height: number): void {
    for (const [key, offer] of this.offers) if (offer.header.height <= height) this.offers.delete(key);
  }

  /**
   * One search for each body, however many wait for it.
   *
   * @returns undefined when nobody who was asked gave it
   * @throws EngineError `BODY_STORE_FAILED`
   */
  obtain(wanted: WantedBody): Promise<UndecidedBody | undefined> {
    const key = toHex(wanted.blockHash);
    const running = this.running.get(key);
    if (running !== undefined) return running;
    const search = this.search(wanted).finally(() => this.running.delete(key));
    this.running.set(key, search);
    return search;
  }

  private async search(wanted: WantedBody): Promise<UndecidedBody | undefined> {
    const kept = await this.modules.bodies.get(wanted.blockHash);
    if (kept !== undefined) return kept;
    const offer = this.offers.get(toHex(wanted.blockHash));
    const peers = [...new Set([...(offer === undefined ? [] : [offer.peerId]), ...wanted.peers])];
    const candidates = peers.slice(0, this.options.attempts);
    if (offer !== undefined) {
      const body = await this.assemble(wanted, offer, candidates);
      if (body !== undefined) return body;
    }
    return this.fetchWhole(wanted, candidates);
  }

  private async assemble(
    wanted: WantedBody,
    { header, leafHashes: leaves }: Offer,
    peers: readonly string[],
  ): Promise<UndecidedBody | undefined> {
    const found = new Map<string, Uint8Array>();
    const missing = new Map<string, Hash>();
    for (const leaf of leaves) {
      const known = this.modules.mempool.byLeafHash(leaf);
      if (known === undefined) missing.set(byteKey(leaf), leaf);
      else found.set(byteKey(leaf), known.bytes);
    }
    for (const peerId of peers) {
      for (let i = 0; i < REQUESTS_PER_PEER && missing.size > 0 && wanted.isNeeded(); i++) {
        if (!(await this.pull(peerId, wanted.blockHash, missing, found))) break;
      }
    }
    if (missing.size > 0) return undefined;
    const transactions = leaves.map((leaf) => found.get(byteKey(leaf)) as Uint8Array);
    const totalBytes = transactions.reduce((total, { length }) => total + length, 0);
    if (totalBytes > LIMITS.blockBytes) return undefined;
    return { block: { header, transactions }, blockHash: wanted.blockHash, leafHashes: leaves };
  }

  /** Moves what the peer gives from `missing` to `found`. @returns false when it gave nothing */
  private async pull(
    peerId: string,
    blockHash: Hash,
    missing: Map<string, Hash>,
    found: Map<string, Uint8Array>,
  ): Promise<boolean> {
    const asked = [...missing.values()];
    const answer = await this.request(peerId, encodeRequest({ type: 'transactions', blockHash, leafHashes: asked }));
    const transactions = answer && this.read(peerId, blockHash, () => decodeTransactions(answer, asked.length));
    let pulled = 0;
    for (const [position, transaction] of (transactions ?? []).entries()) {
      if (transaction === undefined) continue;
      const leaf = asked[position] as Hash;
      if (!equalBytes(leafHash(transaction), leaf)) {
        this.modules.network.penalise(peerId, mismatch(blockHash, 'a transaction'));
        return false;
      }
      missing.delete(byteKey(leaf));
      found.set(byteKey(leaf), transaction);
      pulled++;
    }
    this.modules.metrics.count(METRIC.pulled, pulled);
    return pulled > 0;
  }

  private async fetchWhole(wanted: WantedBody, peers: readonly string[]): Promise<UndecidedBody | undefined> {
    const { height, blockHash } = wanted;
    const request = encodeRequest({ type: 'body', height, blockHash });
    for (const peerId of peers) {
      if (!wanted.isNeeded()) return undefined;
      const answer = await this.request(peerId, request);
      if (answer === undefined) continue;
      const body = this.read(peerId, blockHash, () => {
        const block = decodeBlock(answer);
        return { block, blockHash: headerHash(block.header), leafHashes: leafHashes(block.transactions) };
      });
      if (body === undefined) continue;
      const isWanted =
        equalBytes(body.blockHash, blockHash) &&
        hasCommittedRoot(body.block.header, body.leafHashes, this.modules.hasher);
      if (isWanted) return body;
      this.modules.network.penalise(peerId, mismatch(blockHash, 'a body'));
    }
    return undefined;
  }

  private async request(peerId: string, request: Uint8Array): Promise<Uint8Array | undefined> {
    try {
      return await this.modules.network.request(peerId, request, this.options.requestTimeoutMs);
    } catch (error) {
      if (!isCodedError(error)) throw error;
      this.modules.logger.debug(
        { event: 'engine.body_not_given', peerId, code: error.code, reason: error.message },
        'a peer did not give a body or its transactions',
      );
      return undefined;
    }
  }

  private read<T>(peerId: string, blockHash: Hash, decode: () => T): T | undefined {
    try {
      return decode();
    } catch (error) {
      if (!isCodedError(error)) throw error;
      const fault = new EngineError('ANSWER_MALFORMED', `an answer about ${toHex(blockHash)}: ${error.message}`, {
        expected: 'transactions or a body',
        actual: error.message,
      });
      this.modules.network.penalise(peerId, fault);
      return undefined;
    }
  }
}

function mismatch(blockHash: Hash, what: string): EngineError {
  return new EngineError('BODY_MISMATCH', `${what} does not belong to block ${toHex(blockHash)}`, {
    expected: `what hashes to ${toHex(blockHash)}`,
    actual: what,
  });
}
