import { encodeBlock } from '../../primitives/block.js';
import { equalBytes, type Hash, toHex } from '../../primitives/bytes.js';
import { type CodedError, isCodedError } from '../../primitives/errors.js';
import type { CertifiedBlock, Executor } from '../execution/types.js';
import type { Mempool } from '../mempool/types.js';
import type { Network } from '../network/types.js';
import type { Metrics } from '../ops/ports.js';
import { byteKey } from './blockBody.js';
import type { BodyStore } from './bodyStore.js';
import { EngineError } from './errors.js';
import { REQUEST_LIMITS } from './limits.js';
import { METRIC } from './metrics.js';
import type { PeerRates } from './peerRates.js';
import { decodeRequest, encodeBlocks, encodeClaim, encodeTransactions, type PeerRequest } from './requestCodec.js';

export interface ResponderModules {
  readonly executor: Pick<Executor, 'head' | 'blocks'>;
  readonly bodies: BodyStore;
  readonly mempool: Pick<Mempool, 'byLeafHash'>;
  readonly network: Pick<Network, 'penalise'>;
  readonly rates: PeerRates;
  readonly metrics: Metrics;
  /** True while this node has lost its journal: then its word about heights counts for nobody. */
  readonly isRecovering: () => boolean;
}

/** What one read of the chain gives. */
const PART = { blocks: 32, bytes: 524_288 } as const;
/** Rough bytes of a header and a certificate. */
const SEAL_BYTES = 1_024;

/** Answers peers, each so often and so much as it may ask. */
export class Responder {
  constructor(private readonly modules: ResponderModules) {}

  /** @throws CodedError whose code is the answer that the peer gets */
  async answer(peerId: string, bytes: Uint8Array): Promise<Uint8Array> {
    const request = this.read(peerId, bytes);
    try {
      if (!this.modules.rates.take(peerId)) throw tooOften();
      const answer = await this.serve(request);
      this.count(request.type, 'answered');
      return answer;
    } catch (error) {
      this.count(request.type, isCodedError(error) ? error.code : 'FAILED');
      throw error;
    }
  }

  private read(peerId: string, bytes: Uint8Array): PeerRequest {
    try {
      return decodeRequest(bytes);
    } catch (error) {
      if (!isCodedError(error)) throw error;
      const fault = malformed(error);
      this.count('unreadable', fault.code);
      this.modules.network.penalise(peerId, fault);
      throw fault;
    }
  }

  private serve(request: PeerRequest): Promise<Uint8Array> {
    switch (request.type) {
      case 'status':
        return this.claim();
      case 'workingHeight':
        if (this.modules.isRecovering()) throw notFound('a working height that counts', 'a journal under recovery');
        return this.claim();
      case 'blocks':
        return this.blocks(request);
      case 'transactions':
        return this.transactions(request.blockHash, request.leafHashes);
      case 'body':
        return this.body(request.height, request.blockHash);
    }
  }

  private async claim(): Promise<Uint8Array> {
    const { header, blockHash, certificate } = this.modules.executor.head();
    return encodeClaim({ headHeight: header.height, headHash: blockHash, certificate });
  }

  private async blocks({ fromHeight, maxCount, maxBytes }: PeerRequest & { type: 'blocks' }): Promise<Uint8Array> {
    const found: CertifiedBlock[] = [];
    let roomBytes = maxBytes;
    while (fromHeight > 0 && found.length < maxCount && roomBytes > 0) {
      const part = await this.part(fromHeight + found.length, maxCount - found.length, roomBytes);
      if (part.length === 0) break;
      for (const certified of part) {
        roomBytes -= sizeOf(certified);
        if (found.length > 0 && roomBytes < 0) return encodeBlocks(found);
        found.push(certified);
      }
    }
    return encodeBlocks(found);
  }

  /** A few blocks: consensus gets its turn between one read and the next. */
  private async part(fromHeight: number, maxCount: number, maxBytes: number): Promise<readonly CertifiedBlock[]> {
    const { executor } = this.modules;
    if (fromHeight > executor.head().header.height) return [];
    return executor.blocks(fromHeight, Math.min(maxCount, PART.blocks), Math.min(maxBytes, PART.bytes));
  }

  private async transactions(blockHash: Hash, asked: readonly Hash[]): Promise<Uint8Array> {
    const body = await this.modules.bodies.get(blockHash);
    const positions = new Map<string, number>(body?.leafHashes.map((leaf, position) => [byteKey(leaf), position]));
    let roomBytes: number = REQUEST_LIMITS.answerBytes;
    const answer = asked.map((leaf) => {
      const position = positions.get(byteKey(leaf));
      const transaction =
        position === undefined ? this.modules.mempool.byLeafHash(leaf)?.bytes : body?.block.transactions[position];
      if (transaction === undefined || roomBytes <= 0) return undefined;
      roomBytes -= transaction.length;
      return transaction;
    });
    if (answer.every((transaction) => transaction === undefined)) throw notFound('a transaction', 'none of those');
    return encodeTransactions(answer);
  }

  private async body(height: number, blockHash: Hash): Promise<Uint8Array> {
    const undecided = await this.modules.bodies.get(blockHash);
    if (undecided !== undefined) return encodeBlock(undecided.block);
    const { executor } = this.modules;
    if (height > 0 && height <= executor.head().header.height) {
      const [committed] = await executor.blocks(height, 1, 1);
      if (committed !== undefined && equalBytes(committed.certificate.blockHash, blockHash)) {
        return encodeBlock(committed.block);
      }
    }
    throw notFound(`the body ${toHex(blockHash)}`, `none at height ${height}`);
  }

  private count(type: string, result: string): void {
    this.modules.metrics.count(METRIC.served, 1, { type, result });
  }
}

function sizeOf({ block }: CertifiedBlock): number {
  return block.transactions.reduce((total, { length }) => total + length, SEAL_BYTES);
}

function malformed(cause: CodedError): EngineError {
  return new EngineError('REQUEST_MALFORMED', `a request does not decode: ${cause.message}`, {
    expected: 'a request of docs/PROTOCOL.md §Network',
    actual: cause.message,
  });
}

function tooOften(): EngineError {
  return new EngineError('REQUEST_LIMIT', 'a peer asks more often than it may', { hint: 'ask again a second later' });
}

function notFound(expected: string, actual: string): EngineError {
  return new EngineError('NOT_FOUND', `expected ${expected}, found ${actual}`, { expected, actual });
}
