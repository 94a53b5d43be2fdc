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
import { BodySearch } from './bodySearch.js';
import type { BodyStore, UndecidedBody } from './bodyStore.js';
import { EngineError } from './errors.js';
import { METRIC } from './metrics.js';
import { decodeTransactions, encodeRequest } from './requestCodec.js';
import type { Timers } from './timers.js';

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
  readonly timers: Pick<Timers, 'set' | 'clear'>;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

export interface BodyAssemblyOptions {
  readonly requestTimeoutMs: number;
  /** Peers asked for one body, of those that one caller names. */
  readonly attempts: number;
  /** How long one peer may keep the next from being asked. */
  readonly patienceMs: number;
}

/** The leaves of a proposed block, as the peer who sent the proposal names them: unsigned, so nothing but a hint. */
interface Offer {
  readonly header: BlockHeader;
  readonly leafHashes: readonly Hash[];
  readonly peerId: string;
}

/** Of a proposed block: what is here, and the leaves of what is not, shared by all who are asked. */
interface Parts {
  readonly found: Map<string, Uint8Array>;
  readonly missing: Map<string, Hash>;
}

/** `none`: the peer has nothing of what was asked for; `useless`: it does not answer, or not as it should. */
type PullResult = 'some' | 'none' | 'useless';

/** Offers that wait, of one peer and of all: one height has few proposals, and a peer pushes out its own first. */
const MAX_OFFERS_PER_PEER = 4;
const MAX_OFFERS = 512;
/** Requests to one peer for one body: an answer holds half a block or more. */
const REQUESTS_PER_PEER = 4;

/**
 * Gets the bodies of proposed blocks: from the disk, from the mempool by the leaves that came with the proposal, the rest
 * from whoever has it, and where that fails, whole from a peer. Only what hashes to the header's root leaves this room.
 */
export class BodyAssembly {
  private readonly offers = new Map<Hex, Offer>();
  private readonly running = new Map<Hex, BodySearch>();
  /** Searches that found nothing: the next one begins with other peers. */
  private fruitless = 0;

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
    const own = [...this.offers].filter(([, offer]) => offer.peerId === peerId).map(([hash]) => hash);
    if (own.length <= MAX_OFFERS_PER_PEER && this.offers.size <= MAX_OFFERS) return;
    const [oldest] = own.length > MAX_OFFERS_PER_PEER ? own : [...this.offers.keys()];
    if (oldest !== undefined) this.offers.delete(oldest);
  }

  /** Forgets the offers of heights that are decided. */
  removeDecided(height: number): void {
    for (const [key, offer] of this.offers) if (offer.header.height <= height) this.offers.delete(key);
  }

  /**
   * One search for each body, however many wait for it; who names other peers has them asked, too.
   *
   * @returns undefined when nobody who was asked gave it
   * @throws EngineError `BODY_STORE_FAILED`
   */
  async obtain(wanted: WantedBody): Promise<UndecidedBody | undefined> {
    const { blockHash, peers, isNeeded } = wanted;
    const kept = await this.modules.bodies.get(blockHash);
    if (kept !== undefined) return kept;
    const offer = this.offers.get(toHex(blockHash));
    const parts = offer && this.knownParts(offer);
    if (offer !== undefined && parts?.missing.size === 0) return joined(wanted, offer, parts);
    const search = this.running.get(toHex(blockHash)) ?? this.start(wanted, offer, parts);
    search.join([...(offer === undefined ? [] : [offer.peerId]), ...this.rotated(peers)], isNeeded);
    return search.found;
  }

  private start(wanted: WantedBody, offer: Offer | undefined, parts: Parts | undefined): BodySearch {
    const { attempts, patienceMs } = this.options;
    const { timers } = this.modules;
    const key = toHex(wanted.blockHash);
    const search: BodySearch = new BodySearch(
      { attempts, patienceMs },
      { timers, ask: (peerId) => this.ask(peerId, wanted, offer, parts, search) },
    );
    this.running.set(key, search);
    const end = (body: UndecidedBody | undefined): void => {
      this.running.delete(key);
      if (body === undefined) this.fruitless++;
    };
    search.found.then(end, () => end(undefined));
    return search;
  }

  /** The likeliest stays the first; of the others, those come first that were not asked the last time. */
  private rotated([first, ...others]: readonly string[]): string[] {
    if (first === undefined) return [];
    const turn = others.length === 0 ? 0 : (this.fruitless * (this.options.attempts - 1)) % others.length;
    return [first, ...others.slice(turn), ...others.slice(0, turn)];
  }

  private knownParts({ leafHashes: leaves }: Offer): Parts {
    const parts: Parts = { found: new Map(), missing: new Map() };
    for (const leaf of leaves) {
      const known = this.modules.mempool.byLeafHash(leaf);
      if (known === undefined) parts.missing.set(byteKey(leaf), leaf);
      else parts.found.set(byteKey(leaf), known.bytes);
    }
    return parts;
  }

  /** The transactions that are missing, or the whole body of a peer that does not have them apart. */
  private async ask(
    peerId: string,
    wanted: WantedBody,
    offer: Offer | undefined,
    parts: Parts | undefined,
    search: BodySearch,
  ): Promise<UndecidedBody | undefined> {
    if (offer !== undefined && parts !== undefined) {
      let answer: PullResult = 'some';
      for (let i = 0; i < REQUESTS_PER_PEER && answer === 'some' && parts.missing.size > 0 && search.isWanted; i++) {
        answer = await this.pull(peerId, wanted.blockHash, parts);
      }
      if (parts.missing.size === 0) return joined(wanted, offer, parts);
      if (answer === 'useless') return undefined;
    }
    return search.isWanted ? this.fetchWhole(peerId, wanted) : undefined;
  }

  /** Moves what the peer gives from `missing` to `found`. */
  private async pull(peerId: string, blockHash: Hash, { missing, found }: Parts): Promise<PullResult> {
    const asked = [...missing.values()];
    const answer = await this.request(peerId, encodeRequest({ type: 'transactions', blockHash, leafHashes: asked }));
    if (typeof answer === 'string') return answer === 'refused' ? 'none' : 'useless';
    const transactions = this.read(peerId, blockHash, () => decodeTransactions(answer, asked.length));
    if (transactions === undefined) return 'useless';
    let pulled = 0;
    for (const [position, transaction] of transactions.entries()) {
      if (transaction === undefined) continue;
      const leaf = asked[position] as Hash;
      if (!equalBytes(leafHash(transaction), leaf)) {
        this.modules.network.penalise(peerId, mismatch(blockHash, 'a transaction'));
        return 'useless';
      }
      missing.delete(byteKey(leaf));
      found.set(byteKey(leaf), transaction);
      pulled++;
    }
    this.modules.metrics.count(METRIC.pulled, pulled);
    return pulled > 0 ? 'some' : 'none';
  }

  private async fetchWhole(peerId: string, { height, blockHash }: WantedBody): Promise<UndecidedBody | undefined> {
    const answer = await this.request(peerId, encodeRequest({ type: 'body', height, blockHash }));
    if (typeof answer === 'string') return undefined;
    const body = this.read(peerId, blockHash, () => {
      const block = decodeBlock(answer);
      return { block, blockHash: headerHash(block.header), leafHashes: leafHashes(block.transactions) };
    });
    if (body === undefined) return undefined;
    const isWanted =
      equalBytes(body.blockHash, blockHash) &&
      hasCommittedRoot(body.block.header, body.leafHashes, this.modules.hasher);
    if (isWanted) return body;
    this.modules.network.penalise(peerId, mismatch(blockHash, 'a body'));
    return undefined;
  }

  /** @returns the answer, or whether the peer refused it or gave none */
  private async request(peerId: string, request: Uint8Array): Promise<Uint8Array | 'refused' | 'unanswered'> {
    try {
      return await this.modules.network.request(peerId, request, this.options.requestTimeoutMs);
    } catch (error) {
      if (!isCodedError(error)) throw error;
      this.modules.logger.debug(
        { event: 'engine.body_not_given', peerId, code: error.code, reason: error.message },
        'a peer did not give a body or its transactions',
      );
      return error.code === 'REQUEST_REFUSED' ? 'refused' : 'unanswered';
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

/** The body, once nothing of it is missing; undefined when no block may be so large. */
function joined(
  { blockHash }: WantedBody,
  { header, leafHashes: leaves }: Offer,
  { found }: Parts,
): UndecidedBody | undefined {
  const transactions = leaves.map((leaf) => found.get(byteKey(leaf)) as Uint8Array);
  const totalBytes = transactions.reduce((total, { length }) => total + length, 0);
  if (totalBytes > LIMITS.blockBytes) return undefined;
  return { block: { header, transactions }, blockHash, leafHashes: leaves };
}

function mismatch(blockHash: Hash, what: string): EngineError {
  return new EngineError('BODY_MISMATCH', `${what} does not belong to block ${toHex(blockHash)}`, {
    expected: `what hashes to ${toHex(blockHash)}`,
    actual: what,
  });
}
